use authorizer::{Answer, Question, Routes, Stage, decide};
use serde_json::{Value, json};

use super::{ARN, ISSUER, NOW, bearer, bearer_for, keys};

const ROUTES: &str = r#"{"routes":[
    {"method":"GET","path":"/v1/memos","scopes":["memos:read"]},
    {"method":"PUT","path":"/v1/memos/{id}","scopes":["memos:write"]},
    {"method":"POST","path":"/v1/moves","scopes":["memos:read","memos:write"]}
]}"#;

fn judge(authorization: &str, now: u64, routes: &str) -> Result<Answer, jwt::Error> {
    let stage = Stage::of(ARN).unwrap();
    let question = Question { authorization, issuer: ISSUER, stage: &stage, now };
    decide(&question, &keys(), &Routes::parse(routes).unwrap())
}

/// Effect and resources of the policy, without the stage's part.
fn policy(answer: Result<Answer, jwt::Error>) -> (String, Vec<String>) {
    let answer = json!(answer.unwrap());
    let statement = &answer["policyDocument"]["Statement"][0];
    let resources = statement["Resource"].as_array().unwrap().iter().map(|resource| {
        resource
            .as_str()
            .unwrap()
            .strip_prefix("arn:aws:execute-api:eu-west-1:111122223333:a1b2c3/prod/")
            .unwrap()
            .to_owned()
    });
    (statement["Effect"].as_str().unwrap().to_owned(), resources.collect())
}

#[test]
fn a_token_opens_the_routes_of_which_it_holds_a_scope() {
    let (effect, resources) = policy(judge(&bearer("memos:read"), NOW, ROUTES));
    assert_eq!((effect.as_str(), resources), ("Allow", vec!["GET/v1/memos".to_owned(), "POST/v1/moves".to_owned()]));
    let (_, resources) = policy(judge(&bearer("memos:read memos:write"), NOW, ROUTES));
    assert_eq!(resources, ["GET/v1/memos", "PUT/v1/memos/*", "POST/v1/moves"]);
}

#[test]
fn a_valid_token_that_opens_nothing_gets_one_explicit_deny() {
    let (effect, resources) = policy(judge(&bearer("account"), NOW, ROUTES));
    assert_eq!((effect.as_str(), resources), ("Deny", vec!["*".to_owned()]));
}

#[test]
fn a_route_without_scopes_is_opened_by_any_valid_token() {
    let routes = r#"{"routes":[{"method":"GET","path":"/v1/me","scopes":[]}]}"#;
    assert_eq!(policy(judge(&bearer(""), NOW, routes)).1, ["GET/v1/me"]);
}

/// The routes of two services.
const SERVICES: &str = r#"{"routes":[
    {"method":"GET","path":"/v1/users/me","scopes":["account"]},
    {"method":"GET","path":"/v1/memos","scopes":["memos:read"],"audience":"/v1/memos"},
    {"method":"PUT","path":"/v1/memos/{id}","scopes":["memos:write"],"audience":"/v1/memos"}
]}"#;

#[test]
fn each_audience_alone_opens_the_routes_of_its_own_service_and_no_others() {
    let opened = |audiences: &[&str]| policy(judge(&bearer_for(audiences), NOW, SERVICES)).1;
    assert_eq!(opened(&[""]), ["GET/v1/users/me"]);
    assert_eq!(opened(&["/v1/memos"]), ["GET/v1/memos", "PUT/v1/memos/*"]);
    assert_eq!(opened(&["", "/v1/memos"]), ["GET/v1/users/me", "GET/v1/memos", "PUT/v1/memos/*"]);
}

#[test]
fn a_token_that_names_no_services_audience_is_refused() {
    for audiences in [&[][..], &["/"], &["/v1/memos/"], &["/v1"]] {
        let verdict = judge(&bearer_for(audiences), NOW, SERVICES);
        assert_eq!(verdict.err(), Some(jwt::Error::Audience), "{audiences:?}");
    }
}

#[test]
fn the_context_is_flat_and_of_strings() {
    let answer = json!(judge(&bearer("memos:read"), NOW, ROUTES).unwrap());
    assert_eq!(answer["principalId"], "01HF7YAT00AAAAAAAAAAAAAAAA");
    let context = answer["context"].as_object().unwrap();
    let names: Vec<_> = context.keys().map(String::as_str).collect();
    assert_eq!(names, ["client_id", "exp", "jti", "scope", "sid", "sub"]);
    assert!(context.values().all(Value::is_string) && context["exp"] == "1800000600");
}

#[test]
fn the_schemes_name_is_case_insensitive() {
    assert!(judge(&bearer("").replace("Bearer", "bearer"), NOW, ROUTES).is_ok());
}

#[test]
fn another_scheme_a_bare_token_or_a_second_space_is_refused() {
    let token = bearer("").replace("Bearer ", "");
    for authorization in [format!("Basic {token}"), token.clone(), format!("Bearer  {token}"), String::new()] {
        assert_eq!(judge(&authorization, NOW, ROUTES).err(), Some(jwt::Error::Malformed), "{authorization}");
    }
}

#[test]
fn an_expired_token_is_refused() {
    assert_eq!(judge(&bearer(""), NOW + 600, ROUTES).err(), Some(jwt::Error::Expired));
}

#[test]
fn a_header_over_four_kibibytes_is_refused() {
    let long = format!("Bearer {}", "a".repeat(4_096));
    assert_eq!(judge(&long, NOW, ROUTES).err(), Some(jwt::Error::TooLong));
}

#[test]
fn a_route_map_with_an_unknown_member_is_refused() {
    assert!(Routes::parse(r#"{"routes":[{"method":"GET","path":"/","scopes":[],"scope":"a"}]}"#).is_err());
}
