//! A patch of a memo does what RFC 7396 says, and demands what a whole memo has to be. Input: a memo, a patch, a line each.
#![no_main]

// The file itself: the crate around it brings the AWS SDK.
#[path = "../../handlers/memo/src/text.rs"]
mod text;

use std::collections::{BTreeMap, BTreeSet};

use fuzz::first_line;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};
use service::{Problem, json};
use text::Text;

const MEMBERS: [&str; 5] = ["title", "content", "tags", "pinned", "archived"];

fuzz_target!(|data: &[u8]| {
    if let Some((memo, patch)) = first_line(data)
        && let (Some(memo), Some(patch)) = (object(memo), object(patch))
        && let Ok(memo) = Text::read(memo)
    {
        patched(&memo, &patch);
    }
});

fn patched(memo: &Text, patch: &BTreeMap<String, Value>) {
    let Ok(whole) = serde_json::to_value(memo) else { unreachable!("a memo is JSON") };
    assert_eq!(&read(whole.clone()), &Ok(memo.clone()), "a memo reads back to itself");

    let merged = merge(whole, &Value::Object(patch.clone().into_iter().collect()));
    let seen = memo.patched(patch.clone());
    if patch.keys().all(|name| MEMBERS.contains(&name.as_str())) {
        assert_eq!(named(&seen), named(&read(merged)), "not what RFC 7396 merges");
    } else {
        assert_eq!(seen.as_ref().map_err(|problem| problem.status), Err(422), "an unknown member");
    }
    if let Ok(new) = seen {
        assert_eq!(new.patched(patch.clone()), Ok(new), "a second time it changes something");
    }
}

/// RFC 7396 section 2, as it stands there.
fn merge(target: Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut target = match target {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    for (name, value) in patch {
        if value.is_null() {
            target.remove(name);
        } else {
            let old = target.remove(name).unwrap_or_default();
            target.insert(name.clone(), merge(old, value));
        }
    }
    Value::Object(target)
}

fn object(text: &[u8]) -> Option<BTreeMap<String, Value>> {
    match json::value(text) {
        Ok(Value::Object(members)) => Some(members.into_iter().collect()),
        _ => None,
    }
}

fn read(value: Value) -> Result<Text, Problem> {
    let Value::Object(members) = value else { unreachable!("a merge into an object is one") };
    Text::read(members.into_iter().collect())
}

/// What was read, or which members are wrong.
fn named(read: &Result<Text, Problem>) -> Result<&Text, BTreeSet<&str>> {
    read.as_ref().map_err(|problem| problem.errors.iter().map(|error| error.pointer.as_str()).collect())
}
