//! What a parameter's name may be, and how a request may point to a version.
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html>

use super::invalid;
use crate::call::Error;

/// Levels of a hierarchy.
const LEVELS: usize = 15;

/// Checks the name of a parameter that is to be put.
pub(super) fn check(name: &str) -> Result<(), Error> {
    if name.is_empty() || name.len() > 2048 {
        return Err(super::constraint(name, "name", "Member must have length between 1 and 2048"));
    }
    check_letters("Parameter name", name)?;
    if name.contains('/') && !name.starts_with('/') {
        return Err(invalid("Parameter name must be a fully qualified name."));
    }
    if name.ends_with('/') || name.contains("//") {
        return Err(invalid(format!("Parameter name: {name} must not end with a slash or hold two in a row")));
    }
    let levels = name.split('/').filter(|level| !level.is_empty()).count();
    if levels > LEVELS {
        let text = format!("A hierarchy can have a maximum of {LEVELS} levels.");
        return Err(Error::new(400, "HierarchyLevelLimitExceededException", text));
    }
    Ok(())
}

/// Checks a path, below which parameters are looked for.
pub(super) fn check_path(path: &str) -> Result<(), Error> {
    if !path.starts_with('/') {
        let rule = "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash \"/\".";
        return Err(invalid(rule));
    }
    check_letters("The path", path)
}

/// The name in a request's `Name`: without the ARN around it, and without the version or label after it.
pub(super) fn plain(name: &str) -> &str {
    split(name).0
}

/// The name in a request's `Name`, and the version or label after it.
pub(super) fn split(name: &str) -> (&str, Option<&str>) {
    let name = without_arn(name);
    name.split_once(':').map_or((name, None), |(name, selector)| (name, Some(selector)))
}

/// A parameter of one level may stand in its ARN with a slash that is not its own: see [`super::Ssm::arn`].
fn without_arn(name: &str) -> &str {
    let Some((_, name)) = name.strip_prefix("arn:").and_then(|rest| rest.split_once(":parameter")) else { return name };
    match name.strip_prefix('/') {
        Some(single) if !single.contains('/') => single,
        Some(_) | None => name,
    }
}

fn check_letters(what: &str, name: &str) -> Result<(), Error> {
    let first = name.trim_start_matches('/').to_ascii_lowercase();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-/".contains(&byte);
    if first.starts_with("aws") || first.starts_with("ssm") || !name.bytes().all(allowed) {
        return Err(invalid(format!(
            "{what}: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_given_plainly_or_with_a_version_or_as_an_arn() {
        assert_eq!(split("/a/b"), ("/a/b", None));
        assert_eq!(split("/a/b:3"), ("/a/b", Some("3")));
        assert_eq!(split("arn:aws:ssm:eu-west-1:000000000000:parameter/a/b:3"), ("/a/b", Some("3")));
        assert_eq!(split("arn:aws:ssm:eu-west-1:000000000000:parameter/a"), ("a", None));
    }

    #[test]
    fn a_name_that_aws_refuses_is_refused() {
        for name in ["a/b", "/aws/a", "ssm-a", "/a b", "", "/a//b", "/a/", "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16"] {
            assert!(check(name).is_err(), "{name}");
        }
        assert!(check("/a/b-c_d.e").is_ok() && check("plain").is_ok());
    }
}
