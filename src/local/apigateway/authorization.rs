//! The policy that an authorizer answers: which methods its caller may call.

use serde::Deserialize;
use serde_json::Value;

/// A policy, as read from an authorizer's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Policy(Vec<Statement>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Statement {
    allow: bool,
    resources: Vec<String>,
}

/// What a policy says of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Allow,
    /// A statement denies it.
    Deny,
    /// No statement speaks of it.
    Silent,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Document {
    #[serde(rename = "Version")]
    _version: Option<String>,
    #[serde(rename = "Id")]
    _id: Option<String>,
    statement: OneOrMany<RawStatement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RawStatement {
    #[serde(rename = "Sid")]
    _sid: Option<String>,
    effect: String,
    action: OneOrMany<String>,
    resource: OneOrMany<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

impl<T> OneOrMany<T> {
    fn into_vec(self) -> Vec<T> {
        match self {
            Self::One(item) => vec![item],
            Self::Many(items) => items,
        }
    }
}

impl Policy {
    /// Reads a policy document, of 8,192 characters at most, with resources of 512. `None` when it is no such policy; one
    /// with conditions is none here either.
    pub(super) fn parse(document: &Value) -> Option<Self> {
        if document.to_string().chars().count() > 8192 {
            return None;
        }
        let document = Document::deserialize(document).ok()?;
        let statements = document.statement.into_vec().into_iter().map(|raw| {
            let allow = match raw.effect.as_str() {
                "Allow" => true,
                "Deny" => false,
                _ => return None,
            };
            let resources = raw.resource.into_vec();
            if resources.iter().any(|resource| resource.chars().count() > 512) {
                return None;
            }
            let invokes =
                raw.action.into_vec().iter().any(|action| matches(&action.to_lowercase(), "execute-api:invoke"));
            Some(invokes.then_some(Statement { allow, resources }))
        });
        Some(Self(statements.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect()))
    }

    /// What the policy says of calling `method_arn`: a denial wins.
    pub(super) fn verdict(&self, method_arn: &str) -> Verdict {
        let mut verdict = Verdict::Silent;
        for statement in &self.0 {
            if statement.resources.iter().any(|resource| matches(resource, method_arn)) {
                if !statement.allow {
                    return Verdict::Deny;
                }
                verdict = Verdict::Allow;
            }
        }
        verdict
    }
}

/// Whether `text` is what `pattern` says, where `*` is any characters, slashes too, and `?` any one.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    // Where the last star was, and how far its text goes so far.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match (pattern.get(p), star) {
            (Some(b'*'), _) => {
                star = Some((p, t));
                p += 1;
            }
            (Some(letter), _) if *letter == b'?' || *letter == text[t] => {
                p += 1;
                t += 1;
            }
            (_, Some((at, taken))) => {
                star = Some((at, taken + 1));
                p = at + 1;
                t = taken + 1;
            }
            (_, None) => return false,
        }
    }
    pattern[p..].iter().all(|letter| *letter == b'*')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const API: &str = "arn:aws:execute-api:us-east-1:000000000000:api1";

    fn verdict(statements: &Value, method: &str) -> Verdict {
        Policy::parse(&json!({ "Version": "2012-10-17", "Statement": statements }))
            .unwrap()
            .verdict(&format!("{API}/{method}"))
    }

    fn statement(effect: &str, resource: &str) -> Value {
        json!({ "Action": "execute-api:Invoke", "Effect": effect, "Resource": format!("{API}/{resource}") })
    }

    #[test]
    fn a_star_crosses_slashes() {
        assert_eq!(verdict(&statement("Allow", "prod/GET/*"), "prod/GET/v1/memos/1"), Verdict::Allow);
        assert_eq!(verdict(&statement("Allow", "prod/*/v1/memos"), "prod/GET/v1/memos"), Verdict::Allow);
        assert_eq!(verdict(&statement("Allow", "prod/GET/v1/*/tags"), "prod/GET/v1/memos/1"), Verdict::Silent);
    }

    #[test]
    fn a_denial_wins_wherever_it_stands() {
        let statements = json!([statement("Deny", "prod/GET/a"), statement("Allow", "prod/*")]);
        assert_eq!(verdict(&statements, "prod/GET/a"), Verdict::Deny);
        assert_eq!(verdict(&statements, "prod/GET/b"), Verdict::Allow);
    }

    #[test]
    fn a_statement_of_another_action_says_nothing() {
        let statement = json!({ "Action": ["lambda:InvokeFunction"], "Effect": "Allow", "Resource": "*" });
        assert_eq!(verdict(&statement, "prod/GET/a"), Verdict::Silent);
    }

    #[test]
    fn what_is_no_policy_is_none() {
        for document in [
            json!(null),
            json!({}),
            json!({ "Statement": [{ "Effect": "Maybe", "Action": "*", "Resource": "*" }] }),
            json!({ "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "x".repeat(513) }] }),
            json!({ "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {} }] }),
            json!({ "Statement": vec![statement("Allow", &"x".repeat(400)); 20] }),
        ] {
            assert_eq!(Policy::parse(&document), None, "{document}");
        }
    }
}
