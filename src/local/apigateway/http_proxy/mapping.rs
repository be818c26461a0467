//! Mappings of parameters: `integration.request.path.proxy` from `method.request.path.proxy`.

use http::HeaderName;

use crate::apigateway::expression::Expression;

/// Where a mapped value goes, and what it is.
#[derive(Debug)]
pub(in crate::apigateway) struct Mapping {
    pub(in crate::apigateway) place: Place,
    pub(in crate::apigateway) value: Expression,
}

/// Where a value goes: `integration.request.<place>.<name>`.
#[derive(Debug)]
pub(in crate::apigateway) enum Place {
    Header(HeaderName),
    /// A parameter of the query string.
    Query(String),
    /// A variable in the braces of the URI.
    Path(String),
}

impl Mapping {
    /// The mapping that a document has as `name` and `value`; the error is the one of the two that is none.
    pub(in crate::apigateway) fn parse<'a>(name: &'a str, value: &'a str) -> Result<Self, &'a str> {
        let (place, own) =
            name.strip_prefix("integration.request.").and_then(|rest| rest.split_once('.')).ok_or(name)?;
        // <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-parameter-mapping.html>
        let is_name = !own.is_empty() && own.chars().all(|c| c.is_ascii_alphanumeric() || "._$-".contains(c));
        let place = match place {
            "header" if is_name => Place::Header(HeaderName::try_from(own).map_err(|_| name)?),
            "querystring" if is_name => Place::Query(own.to_owned()),
            "path" if is_name => Place::Path(own.to_owned()),
            _ => return Err(name),
        };
        Ok(Self { place, value: Expression::parse(value).ok_or(value)? })
    }
}

/// What is wrong with a mapping of a method that declares the parameters `declared`, in API Gateway's words.
pub(in crate::apigateway) fn refuse(name: &str, value: &str, declared: impl Fn(&str) -> bool) -> Option<String> {
    let wrong = match Mapping::parse(name, value) {
        Err(wrong) => format!("Invalid mapping expression specified: {wrong}"),
        Ok(_) if value.starts_with("method.request.") && !declared(value) => {
            format!("Invalid mapping expression parameter specified: {value}")
        }
        Ok(_) => return None,
    };
    Some(format!("Invalid mapping expression specified: Validation Result: warnings : [], errors : [{wrong}]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_takes_what_the_method_declares() {
        let (name, value) = ("integration.request.path.proxy", "method.request.path.proxy");
        assert_eq!(refuse(name, value, |parameter| parameter == value), None);
        let undeclared = refuse(name, value, |_| false).unwrap();
        assert!(undeclared.ends_with("[Invalid mapping expression parameter specified: method.request.path.proxy]"));
    }

    #[test]
    fn what_is_no_mapping_is_named() {
        for (name, value, wrong) in [
            ("integration.request.body.x", "'a'", "integration.request.body.x"),
            ("integration.request.header.a b", "'a'", "integration.request.header.a b"),
            ("integration.request.header.x", "text", "text"),
        ] {
            let told = refuse(name, value, |_| true).unwrap();
            assert!(told.ends_with(&format!("[Invalid mapping expression specified: {wrong}]")), "{told}");
        }
    }
}
