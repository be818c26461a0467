//! Values of fields in one short line, which shows where two of them differ.

use serde_json::Value;

/// Characters of a value that are shown.
const SHOWN: usize = 60;

/// Characters that are shown before the first one that differs.
const BEFORE: usize = 20;

/// A value in one short line.
pub(super) fn short(value: &Value) -> String {
    cut(&text(value), 0)
}

/// Two values that differ, each in one short line: from where they begin to, where that is far in them.
pub(super) fn difference(from: &Value, to: &Value) -> [String; 2] {
    let texts = [from, to].map(text);
    let [one, other] = texts.each_ref().map(|text| text.chars());
    let same = one.zip(other).take_while(|(one, other)| one == other).count();
    let begin = if same < SHOWN - BEFORE { 0 } else { same - BEFORE };
    texts.map(|text| cut(&text, begin))
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "(none)".to_owned(),
        other => other.to_string(),
    }
}

/// What is shown of `text` from its character `begin` on; an ellipsis stands for what is not.
fn cut(text: &str, begin: usize) -> String {
    let mut shown: String = text.chars().skip(begin).take(SHOWN).collect();
    if begin > 0 {
        shown.insert(0, '…');
    }
    if text.chars().count() > begin + SHOWN {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn long_values_are_shown_from_where_they_begin_to_differ() {
        let statement =
            |principal| json!([{ "Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": principal }]);
        let shown =
            difference(&statement(json!({ "Service": "lambda.amazonaws.com" })), &statement(json!({ "AWS": "*" })));
        assert_eq!(
            shown,
            [r#"…llow","Principal":{"Service":"lambda.amazonaws.com"}}]"#, r#"…llow","Principal":{"AWS":"*"}}]"#]
        );
    }

    #[test]
    fn values_that_differ_early_are_shown_from_their_beginning() {
        let (from, to) = ("a".repeat(70), "b".repeat(70));
        assert_eq!(difference(&json!(from), &json!(to)), ["a", "b"].map(|letter| format!("\"{}…", letter.repeat(59))));
        assert_eq!(difference(&json!(1), &Value::Null), ["1", "(none)"]);
    }

    #[test]
    fn a_value_that_the_other_one_begins_with_differs_at_its_end() {
        let (from, to) = ("ü".repeat(80), "ü".repeat(81));
        let [from, to] = difference(&json!(from), &json!(to));
        assert_ne!(from, to);
    }
}
