//! Numbers.

use std::marker::PhantomData;
use std::ops::RangeInclusive;

use serde_json::{Value as Json, json};

use super::{Diagnostic, Form, Node, Reader, Value};

/// An integer of a range.
pub(in crate::stack) struct Integer<T>(RangeInclusive<u32>, PhantomData<T>);

impl<T> Integer<T> {
    pub(in crate::stack) const fn of(range: RangeInclusive<u32>) -> Self {
        Self(range, PhantomData)
    }
}

impl<T: From<u32>> Form for Integer<T> {
    type Value = T;

    fn expected(&self) -> String {
        "an integer".to_owned()
    }

    fn takes(&self, value: &Value) -> bool {
        matches!(value, Value::Integer(_))
    }

    fn read(&self, node: &Node, reader: &mut Reader) -> T {
        let Value::Integer(number) = node.value else { return self.blank() };
        if let Some(number) = u32::try_from(number).ok().filter(|number| self.0.contains(number)) {
            return number.into();
        }
        let message = format!("{} is not in the range {} to {}", shown(number), self.0.start(), self.0.end());
        reader.refuse(Diagnostic::new(node.span.clone(), message));
        self.blank()
    }

    fn blank(&self) -> T {
        (*self.0.start()).into()
    }

    fn schema(&self, _partial: bool) -> Json {
        json!({ "type": "integer", "minimum": self.0.start(), "maximum": self.0.end() })
    }
}

/// The number; of one beyond 128 bits nothing is left but its sign.
fn shown(number: i128) -> String {
    match number {
        i128::MIN => format!("a number below {number}"),
        i128::MAX => format!("a number above {number}"),
        number => number.to_string(),
    }
}

/// One of a few integers.
pub(in crate::stack) struct OneOf(pub(in crate::stack) &'static [u32]);

impl Form for OneOf {
    type Value = u32;

    fn expected(&self) -> String {
        "an integer".to_owned()
    }

    fn takes(&self, value: &Value) -> bool {
        matches!(value, Value::Integer(_))
    }

    fn read(&self, node: &Node, reader: &mut Reader) -> u32 {
        let Value::Integer(number) = node.value else { return self.blank() };
        if let Some(known) = self.0.iter().find(|known| i128::from(**known) == number) {
            return *known;
        }
        let all: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        let nearest = self.0.iter().min_by_key(|known| number.abs_diff(i128::from(**known)));
        let mut fault = Diagnostic::new(node.span.clone(), format!("{} is not one of the values", shown(number)));
        fault.help = nearest.map(|nearest| format!("did you mean {nearest}? The values are {}", all.join(", ")));
        reader.refuse(fault);
        self.blank()
    }

    fn blank(&self) -> u32 {
        self.0.first().copied().unwrap_or_default()
    }

    fn schema(&self, _partial: bool) -> Json {
        json!({ "type": "integer", "enum": self.0 })
    }
}

/// A time in seconds, with a fraction where it has one; the range and the value are in milliseconds.
pub(in crate::stack) struct Seconds(pub(in crate::stack) RangeInclusive<u32>);

impl Form for Seconds {
    type Value = u32;

    fn expected(&self) -> String {
        "a number".to_owned()
    }

    fn takes(&self, value: &Value) -> bool {
        matches!(value, Value::Integer(_) | Value::Float(_))
    }

    fn read(&self, node: &Node, reader: &mut Reader) -> u32 {
        let (text, milliseconds) = match node.value {
            Value::Float(float) => {
                (float.to_string(), self.0.clone().find(|number| (f64::from(*number) / 1000.0 - float).abs() < 5e-5))
            }
            Value::Integer(integer) => {
                let milliseconds = integer.checked_mul(1000).and_then(|number| u32::try_from(number).ok());
                (shown(integer), milliseconds.filter(|number| self.0.contains(number)))
            }
            Value::Text(_) | Value::Flag(_) | Value::Date | Value::Array(_) | Value::Table(_) => return self.blank(),
        };
        if let Some(milliseconds) = milliseconds {
            return milliseconds;
        }
        let [least, most] = self.limits();
        let message = format!("{text} is not in the range {least} to {most}, by whole milliseconds");
        reader.refuse(Diagnostic::new(node.span.clone(), message));
        self.blank()
    }

    fn blank(&self) -> u32 {
        *self.0.end()
    }

    fn schema(&self, _partial: bool) -> Json {
        let [least, most] = self.limits();
        json!({ "type": "number", "minimum": least, "maximum": most })
    }
}

impl Seconds {
    fn limits(&self) -> [f64; 2] {
        [self.0.start(), self.0.end()].map(|number| f64::from(*number) / 1000.0)
    }
}

/// A number above 0.
pub(in crate::stack) struct Positive;

impl Form for Positive {
    type Value = f64;

    fn expected(&self) -> String {
        "a number".to_owned()
    }

    fn takes(&self, value: &Value) -> bool {
        matches!(value, Value::Integer(_) | Value::Float(_))
    }

    fn read(&self, node: &Node, reader: &mut Reader) -> f64 {
        let text = match node.value {
            Value::Float(float) => float.to_string(),
            Value::Integer(integer) => integer.to_string(),
            Value::Text(_) | Value::Flag(_) | Value::Date | Value::Array(_) | Value::Table(_) => return self.blank(),
        };
        let number: f64 = text.parse().unwrap_or(f64::NAN);
        if number > 0.0 && number.is_finite() {
            return number;
        }
        let message = if number > 0.0 { format!("{text} is not finite") } else { format!("{text} is not above 0") };
        reader.refuse(Diagnostic::new(node.span.clone(), message));
        self.blank()
    }

    fn blank(&self) -> f64 {
        1.0
    }

    fn schema(&self, _partial: bool) -> Json {
        json!({ "type": "number", "exclusiveMinimum": 0 })
    }
}
