//! The names of functions: as calls give them, and as ARNs.

use crate::ACCOUNT;
use crate::call::Error;

/// A function as a call names it: `name`, `ACCOUNT:function:name` or a whole ARN, each with or without `:qualifier`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FunctionName {
    pub(super) name: String,
    /// A version's number, `$LATEST`, or an alias.
    pub(super) qualifier: Option<String>,
}

/// The pattern of AWS's own validation message.
const PATTERN: &str = r"(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?";

impl FunctionName {
    /// Reads `given` and the `Qualifier` parameter, of a call to `region`.
    ///
    /// Fails as AWS does: on what is no name, on another region or account, and on two qualifiers that differ.
    pub(super) fn parse(given: &str, qualifier: Option<&str>, region: &str) -> Result<Self, Error> {
        let mut parts: Vec<&str> = given.split(':').collect();
        if parts.len() > 3 && parts[0] == "arn" && parts[1].starts_with("aws") && parts[2] == "lambda" {
            parts.drain(..3);
        }
        let mut elsewhere = None;
        if parts.len() > 1 && is_region(parts[0]) {
            elsewhere = Some(parts.remove(0)).filter(|named| *named != region);
        }
        let mut account = ACCOUNT;
        if parts.len() > 1 && parts[0].len() == 12 && parts[0].bytes().all(|byte| byte.is_ascii_digit()) {
            account = parts.remove(0);
        }
        if parts.len() > 1 && parts[0] == "function" {
            parts.remove(0);
        }
        let (name, derived) = match parts[..] {
            [name] => (name, None),
            [name, derived] if is_qualifier(derived) => (name, Some(derived)),
            _ => ("", None),
        };
        if !is_word(name) {
            return Err(invalid(
                "functionName",
                given,
                &format!("Member must satisfy regular expression pattern: {PATTERN}"),
            ));
        }
        if given.len() > 140 {
            return Err(invalid("functionName", given, "Member must have length less than or equal to 140"));
        }
        if let Some(named) = elsewhere {
            let message = format!("Functions from '{named}' are not reachable in this region ('{region}')");
            return Err(Error::new(404, "ResourceNotFoundException", message));
        }
        if account != ACCOUNT {
            let message = format!("the local cloud has the account {ACCOUNT} only: nothing of {account} is accessible");
            return Err(Error::new(403, "AccessDeniedException", message));
        }
        match (derived, qualifier) {
            (_, Some(qualifier)) if !is_qualifier(qualifier) => {
                let pattern = "Member must satisfy regular expression pattern: (|[a-zA-Z0-9$_-]+)";
                Err(invalid("qualifier", qualifier, pattern))
            }
            (Some(derived), Some(qualifier)) if derived != qualifier => Err(Error::new(
                400,
                "InvalidParameterValueException",
                "The derived qualifier from the function name does not match the specified qualifier.",
            )),
            (derived, qualifier) => {
                Ok(Self { name: name.to_owned(), qualifier: qualifier.or(derived).map(str::to_owned) })
            }
        }
    }

    /// The ARN, with the qualifier if there is one.
    pub(super) fn arn(&self, region: &str) -> String {
        arn(region, &self.name, self.qualifier.as_deref())
    }
}

/// The ARN of a function, or of its version or alias.
pub(super) fn arn(region: &str, name: &str, qualifier: Option<&str>) -> String {
    match qualifier {
        Some(qualifier) => format!("arn:aws:lambda:{region}:{ACCOUNT}:function:{name}:{qualifier}"),
        None => format!("arn:aws:lambda:{region}:{ACCOUNT}:function:{name}"),
    }
}

/// Whether `qualifier` is an alias's name: `(?!^[0-9]+$)([a-zA-Z0-9-_]+)`.
pub(super) fn is_alias(qualifier: &str) -> bool {
    is_word(qualifier) && !qualifier.bytes().all(|byte| byte.is_ascii_digit())
}

/// `[a-zA-Z0-9-_]+`, what functions, aliases and statements are named by.
pub(super) fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn is_qualifier(text: &str) -> bool {
    text == "$LATEST" || (is_word(text) && text.len() <= 128)
}

fn is_region(text: &str) -> bool {
    text.split('-').count() >= 3
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && text.ends_with(|last: char| last.is_ascii_digit())
        && text.starts_with(|first: char| first.is_ascii_lowercase())
}

fn invalid(member: &str, value: &str, constraint: &str) -> Error {
    let mut violations = super::members::Violations::default();
    violations.check(false, member, value, constraint);
    violations.finish().err().unwrap_or_else(|| Error::new(400, "ValidationException", constraint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(given: &str) -> Result<FunctionName, Error> {
        FunctionName::parse(given, None, "eu-west-1")
    }

    #[test]
    fn every_form_of_a_name_is_the_same_function() {
        for given in [
            "memo",
            "function:memo",
            "000000000000:function:memo",
            "eu-west-1:000000000000:function:memo",
            "arn:aws:lambda:eu-west-1:000000000000:function:memo",
        ] {
            assert_eq!(parse(given), Ok(FunctionName { name: "memo".into(), qualifier: None }), "{given}");
            let qualified = Ok(FunctionName { name: "memo".into(), qualifier: Some("7".into()) });
            assert_eq!(parse(&format!("{given}:7")), qualified, "{given}");
        }
    }

    #[test]
    fn latest_is_a_qualifier() {
        assert_eq!(parse("memo:$LATEST").map(|name| name.qualifier), Ok(Some("$LATEST".to_owned())));
    }

    #[test]
    fn an_arn_of_another_region_is_out_of_reach() {
        let error = parse("arn:aws:lambda:us-east-1:000000000000:function:memo").expect_err("another region");
        assert_eq!(error.message, "Functions from 'us-east-1' are not reachable in this region ('eu-west-1')");
    }

    #[test]
    fn a_qualifier_that_contradicts_the_arn_is_refused() {
        let error = FunctionName::parse("memo:7", Some("8"), "eu-west-1").expect_err("two qualifiers");
        assert_eq!(error.code, "InvalidParameterValueException");
    }

    #[test]
    fn what_is_no_name_is_a_validation_error() {
        for given in ["", "a b", "memo:7:8", "arn:aws:s3:::bucket", "memo:"] {
            assert_eq!(parse(given).map_err(|error| error.code), Err("ValidationException".to_owned()), "{given}");
        }
    }
}
