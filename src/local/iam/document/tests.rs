use super::*;

const ROLE: &str = "arn:aws:iam::000000000000:role/app/r";

fn verdict(statements: &str, action: &str, resource: &str) -> Verdict {
    let document = format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#);
    Policy::identity(&document).unwrap().verdict(&Question { action, resource, principal_arn: ROLE })
}

fn refusal(statement: &str) -> Error {
    Policy::identity(&format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#)).unwrap_err()
}

const TABLE: &str = "arn:aws:dynamodb:eu-west-1:000000000000:table/t";

#[test]
fn what_no_statement_names_is_silence() {
    let statement = r#"{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"*"}"#;
    assert_eq!(verdict(statement, "dynamodb:PutItem", TABLE), Verdict::Silent);
}

#[test]
fn actions_match_without_regard_to_case_and_resources_with_it() {
    let statement = format!(r#"{{"Effect":"Allow","Action":"DynamoDB:get*","Resource":"{TABLE}"}}"#);
    assert_eq!(verdict(&statement, "dynamodb:GetItem", TABLE), Verdict::Allow);
    assert_eq!(verdict(&statement, "dynamodb:GetItem", &TABLE.replace("table/t", "table/T")), Verdict::Silent);
}

#[test]
fn an_explicit_deny_wins_over_an_allow() {
    let statements = r#"[{"Effect":"Deny","Action":"dynamodb:Delete*","Resource":"*"},{"Effect":"Allow","Action":"*","Resource":"*"}]"#;
    assert_eq!(verdict(statements, "dynamodb:DeleteItem", TABLE), Verdict::Deny);
    assert_eq!(verdict(statements, "dynamodb:GetItem", TABLE), Verdict::Allow);
}

#[test]
fn not_action_and_not_resource_cover_all_the_rest() {
    let statement = format!(r#"{{"Effect":"Allow","NotAction":"iam:*","NotResource":"{TABLE}"}}"#);
    assert_eq!(verdict(&statement, "dynamodb:GetItem", TABLE), Verdict::Silent);
    assert_eq!(verdict(&statement, "dynamodb:GetItem", &format!("{TABLE}2")), Verdict::Allow);
    assert_eq!(verdict(&statement, "iam:GetRole", &format!("{TABLE}2")), Verdict::Silent);
}

#[test]
fn a_condition_narrows_its_statement() {
    let with = |condition: &str| {
        let statement = format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}}}"#);
        verdict(&statement, "dynamodb:GetItem", TABLE)
    };
    assert_eq!(with(r#"{"StringEquals":{"aws:PrincipalAccount":"000000000000"}}"#), Verdict::Allow);
    assert_eq!(with(r#"{"StringEquals":{"aws:PrincipalAccount":["1","2"]}}"#), Verdict::Silent);
    assert_eq!(with(r#"{"StringNotEquals":{"aws:PrincipalAccount":["1","2"]}}"#), Verdict::Allow);
    assert_eq!(with(r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/app/*"}}"#), Verdict::Allow);
    assert_eq!(with(r#"{"Bool":{"aws:PrincipalIsAWSService":false}}"#), Verdict::Allow);
    assert_eq!(with(r#"{"StringEquals":{"aws:SourceAccount":"000000000000"}}"#), Verdict::Silent);
    assert_eq!(with(r#"{"StringEqualsIfExists":{"aws:SourceAccount":"1"}}"#), Verdict::Allow);
    assert_eq!(with(r#"{"Null":{"aws:SourceAccount":"true"}}"#), Verdict::Allow);
    assert_eq!(with(r#"{"DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}"#), Verdict::Allow);
    assert_eq!(with(r#"{"DateGreaterThan":{"aws:CurrentTime":"2999-01-01T00:00:00Z"}}"#), Verdict::Silent);
}

#[test]
fn an_operator_or_key_that_is_not_known_is_refused_by_name() {
    let with = |condition: &str| {
        refusal(&format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}}}"#))
    };
    let operator = with(r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#);
    assert_eq!((operator.status, operator.message.contains("IpAddress")), (501, true));
    let key = with(r#"{"StringEquals":{"dynamodb:LeadingKeys":"a"}}"#);
    assert_eq!((key.status, key.message.contains("dynamodb:LeadingKeys")), (501, true));
}

#[test]
fn a_document_that_is_no_policy_is_malformed() {
    for statement in [
        "[]",
        "7",
        r#"{"Effect":"allow","Action":"a:b","Resource":"*"}"#,
        r#"{"Effect":"Allow","Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":[],"Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":"a:b"}"#,
        r#"{"Effect":"Allow","Action":"ab","Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":"a:b","Resource":"table"}"#,
        r#"{"Effect":"Allow","Action":"a:b","Resource":"*","Principal":"*"}"#,
        r#"{"Effect":"Allow","Action":"a:b","Resource":"*","Extra":1}"#,
        r#"[{"Sid":"x","Effect":"Allow","Action":"a:b","Resource":"*"},{"Sid":"x","Effect":"Allow","Action":"a:b","Resource":"*"}]"#,
    ] {
        assert_eq!(refusal(statement).code, "MalformedPolicyDocument", "{statement}");
    }
}

#[test]
fn a_trust_policy_opens_the_role_to_the_principals_it_names() {
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com"]},"Action":"sts:AssumeRole"}}"#;
    assert!(Policy::trusts(trust, Principal::Service("lambda.amazonaws.com")));
    assert!(!Policy::trusts(trust, Principal::Service("apigateway.amazonaws.com")));
    assert!(!Policy::trusts(trust, Principal::Aws("arn:aws:iam::000000000000:user/developer")));
    let account = trust.replace(r#""Service":["lambda.amazonaws.com"]"#, r#""AWS":"arn:aws:iam::000000000000:root""#);
    assert!(Policy::trusts(&account, Principal::Aws("arn:aws:iam::000000000000:user/developer")));
}

#[test]
fn a_trust_policy_without_a_principal_or_with_resources_is_malformed() {
    for trust in [
        r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole"}}"#,
        r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"lambda"},"Action":"sts:AssumeRole"}}"#,
        r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction"}}"#,
        r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}}"#,
    ] {
        assert_eq!(Policy::trust(trust).unwrap_err().code, "MalformedPolicyDocument", "{trust}");
    }
}
