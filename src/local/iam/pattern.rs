//! The wildcards of policies: `*` for any characters, `?` for one.

/// Whether `text` matches `pattern`.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(byte) if *byte == b'?' || *byte == text[t] => {
                p += 1;
                t += 1;
            }
            // The last star takes one character more.
            Some(_) | None => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// Whether the ARN `text` matches `pattern`: each of the six components is matched for itself, so that a wildcard never
/// crosses from one into the next.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
pub(super) fn matches_arn(pattern: &str, text: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let (patterns, texts): (Vec<_>, Vec<_>) = (pattern.splitn(6, ':').collect(), text.splitn(6, ':').collect());
    patterns.len() == texts.len() && patterns.iter().zip(texts).all(|(pattern, text)| matches(pattern, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_matches_any_characters_and_a_question_mark_one() {
        for (pattern, text) in
            [("*", ""), ("a*c", "abbc"), ("a*c", "ac"), ("a?c", "abc"), ("*b*b", "abcb"), ("Get*", "GetItem")]
        {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("a?c", "ac"), ("a*c", "abd"), ("Get*", "PutItem"), ("a", "ab")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn a_wildcard_stays_within_its_component_of_an_arn() {
        assert!(matches_arn("arn:aws:lambda:*:*:function:a:*", "arn:aws:lambda:eu-west-1:000000000000:function:a:7"));
        assert!(!matches_arn("arn:aws:*:table/t", "arn:aws:dynamodb:eu-west-1:000000000000:table/t"));
        assert!(!matches_arn(
            "arn:aws:dynamodb:*:*:table/t",
            "arn:aws:dynamodb:eu-west-1:000000000000:table/t/index/i"
        ));
    }
}
