//! The strict reader takes what `serde_json` takes, less repeated members and deep nesting, and reads it the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// services' limit, as the specification has it.
const DEPTH: usize = 32;

fuzz_target!(|data: &[u8]| {
    let strict = service::json::value(data);
    let Ok(plain) = serde_json::from_slice::<Value>(data) else {
        assert!(strict.is_err(), "the strict reader takes what is no JSON");
        return;
    };
    let Text { depth, members: written } = Text::of(data);
    let allowed = depth <= DEPTH && written == members(&plain);
    match strict {
        Err(error) => assert!(!allowed, "refused without a reason: {error}"),
        Ok(value) => {
            assert!(allowed, "{depth} levels, {written} members of which {} are left", members(&plain));
            assert_eq!(value, plain);
            // `serde_json` may be off by the last bit of a fraction that it reads.
            if !has_fraction(&value) {
                assert_eq!(service::json::value(value.to_string().as_bytes()).ok().as_ref(), Some(&value));
            }
        }
    }
});

/// What a scan of a JSON text sees that knows of strings and brackets alone.
#[derive(Default)]
struct Text {
    depth: usize,
    /// Members of objects, repeated ones included.
    members: usize,
}

impl Text {
    fn of(data: &[u8]) -> Self {
        let (mut seen, mut open, mut quoted, mut escaped) = (Self::default(), 0_usize, false, false);
        for byte in data {
            if quoted {
                (quoted, escaped) = (escaped || *byte != b'"', !escaped && *byte == b'\\');
                continue;
            }
            match byte {
                b'"' => quoted = true,
                b'[' | b'{' => open += 1,
                b']' | b'}' => open -= 1,
                b':' => seen.members += 1,
                _ => {}
            }
            seen.depth = seen.depth.max(open);
        }
        seen
    }
}

fn members(value: &Value) -> usize {
    match value {
        Value::Array(elements) => elements.iter().map(members).sum(),
        Value::Object(object) => object.len() + object.values().map(members).sum::<usize>(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Array(elements) => elements.iter().any(has_fraction),
        Value::Object(object) => object.values().any(has_fraction),
        Value::Number(number) => number.is_f64(),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}
