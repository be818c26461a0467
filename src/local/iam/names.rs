//! What names, paths and other plain values may be.

use crate::call::Error;
use crate::wire::query::{validation, validation_error};

/// Checks a name of a role or policy: 1 to `most` characters of `[\w+=,.@-]`.
pub(super) fn check(member: &str, name: &str, most: usize) -> Result<(), Error> {
    length(member, name, 1, most)?;
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
    if name.chars().all(allowed) {
        return Ok(());
    }
    Err(validation_error(&format!(
        "The specified value for {member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"
    )))
}

/// Checks a path: at most 512 characters, starts and ends with `/`.
pub(super) fn check_path(path: &str) -> Result<(), Error> {
    length("path", path, 1, 512)?;
    if path.starts_with('/') && path.ends_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(validation_error(
        "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
    ))
}

/// Checks the number of characters of `value`.
pub(super) fn length(member: &str, value: &str, least: usize, most: usize) -> Result<(), Error> {
    let length = value.chars().count();
    let bound = if length < least {
        format!("greater than or equal to {least}")
    } else if length > most {
        format!("less than or equal to {most}")
    } else {
        return Ok(());
    };
    Err(validation(&format!(
        "Value '{value}' at '{member}' failed to satisfy constraint: Member must have length {bound}"
    )))
}

/// Reads a number between `least` and `most`.
pub(super) fn number(member: &str, value: &str, least: u32, most: u32) -> Result<u32, Error> {
    let number: u32 = value
        .parse()
        .map_err(|_| Error::new(400, "MalformedInput", format!("{member}: {value:?} is not a whole number")))?;
    let bound = if number < least {
        format!("greater than or equal to {least}")
    } else if number > most {
        format!("less than or equal to {most}")
    } else {
        return Ok(number);
    };
    Err(validation(&format!(
        "Value '{value}' at '{member}' failed to satisfy constraint: Member must have value {bound}"
    )))
}
