use proptest::prelude::*;
use proptest::string::string_regex;

use super::*;
use crate::stack::form::Pattern;

/// The patterns whose regular expression says all that their function does.
const EXACT: [&Pattern; 25] = [
    &pattern::FUNCTION,
    &pattern::STACK,
    &pattern::STAGE,
    &pattern::REGION,
    &pattern::BUCKET,
    &pattern::PACKAGE,
    &pattern::DESCRIPTION,
    &pattern::VARIABLE,
    &pattern::INDEX,
    &pattern::SCOPE,
    &pattern::HEADER,
    &pattern::ORIGIN,
    &pattern::ISSUER,
    &pattern::SIGNING_KEY,
    &pattern::COMMAND,
    &pattern::HEADER_VALUE,
    &pattern::CERTIFICATE,
    &pattern::ZONE,
    &pattern::SERVICE,
    &url::URL,
    &url::BASE,
    &url::PATH,
    &url::PARAMETER,
    &url::EXPRESSION,
    &url::VPC_LINK,
];

#[test]
fn what_the_schema_takes_the_reader_takes() {
    let mut runner = proptest::test_runner::TestRunner::default();
    for pattern in EXACT {
        let body = pattern.regex.trim_start_matches('^').trim_end_matches('$');
        let regex = body.replace(r"\u0000", r"\x00").replace(r"\u001f", r"\x1f").replace(r"\u007f", r"\x7f");
        runner
            .run(&string_regex(&regex).unwrap(), |text| {
                prop_assert_eq!((pattern.refuse)(&text), None, "{} is no {}", text, pattern.what);
                Ok(())
            })
            .unwrap();
    }
}

#[test]
fn the_schema_knows_every_section() {
    let schema = schema();
    for pointer in [
        "/properties/functions/additionalProperties/properties/memory/default",
        "/properties/tables/additionalProperties/properties/indexes/additionalProperties/properties/projection/anyOf/1",
        "/properties/api/properties/routes/additionalProperties/anyOf/1/properties/scopes",
        "/properties/environment/additionalProperties",
        "/properties/services/additionalProperties/properties/url",
        "/properties/functions/additionalProperties/properties/services/items",
        "/properties/stages/additionalProperties/properties/api/properties/throttle",
        "/properties/stages/additionalProperties/properties/services",
    ] {
        assert!(schema.pointer(pointer).is_some(), "{pointer}");
    }
}

#[test]
fn a_stage_requires_nothing() {
    let schema = schema();
    let required = "properties/tables/additionalProperties/required";
    assert_eq!(schema.pointer(&format!("/{required}")), Some(&json!(["partition_key"])));
    assert_eq!(schema.pointer(&format!("/properties/stages/additionalProperties/{required}")), None);
}

#[test]
fn nothing_beside_the_declared_keys_is_in_the_schema() {
    let schema = schema();
    assert_eq!(schema["additionalProperties"], json!(false));
    assert_eq!(schema["properties"]["signing_keys"]["additionalProperties"]["additionalProperties"], json!(false));
}
