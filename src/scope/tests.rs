use proptest::prelude::*;

use super::*;

fn scope(stack: &str, stage: &str) -> Scope {
    Scope { stack: stack.to_owned(), stage: stage.to_owned(), ..Scope::example() }
}

const NAME: &str = "[a-z][a-z0-9-]{0,62}";

proptest! {
    #[test]
    fn physical_names_keep_the_limits_of_their_services(stack in NAME, stage in NAME, name in NAME) {
        let scope = scope(&stack, &stage);
        prop_assert!(scope.function(&name).len() <= 64);
        prop_assert!(scope.function_role(&name).len() <= 64);
        prop_assert!(scope.gateway_role().len() <= 64);
        prop_assert!(scope.table(&name).len() <= 255);
        prop_assert!(scope.log_group(&name).len() <= 512);
        prop_assert!(scope.iam_path().len() <= 512);
    }

    #[test]
    fn names_that_differ_have_physical_names_that_differ(stack in NAME, stage in NAME, a in NAME, b in NAME) {
        prop_assume!(a != b);
        let scope = scope(&stack, &stage);
        prop_assert_ne!(scope.function(&a), scope.function(&b));
        prop_assert_ne!(scope.table(&a), scope.table(&b));
    }

    #[test]
    fn a_scope_nominates_every_name_that_it_makes(stack in NAME, stage in NAME, name in NAME) {
        let scope = scope(&stack, &stage);
        prop_assert!(scope.nominates(&scope.function(&name)));
        prop_assert!(scope.nominates(&scope.gateway_role()));
        prop_assert!(scope.nominates(&scope.table(&name)));
        prop_assert!(scope.nominates(&scope.api()));
        let group = scope.log_group(&name);
        prop_assert_eq!(scope.nominates_log_group(&group).map(str::to_owned), Some(scope.function(&name)));
    }

    #[test]
    fn an_integration_uri_is_read_back_as_the_function_it_names(name in NAME, version in "[1-9][0-9]{0,3}") {
        let scope = scope("memo", "prod");
        let function = scope.function(&name);
        let pinned = scope.parse_integration_uri(&scope.integration_uri(&scope.version_arn(&function, &version)));
        prop_assert_eq!(pinned, Some(FunctionRef { name: function.clone(), qualifier: Some(version) }));
        let latest = scope.parse_integration_uri(&scope.integration_uri(&scope.function_arn(&function)));
        prop_assert_eq!(latest, Some(FunctionRef { name: function, qualifier: None }));
    }

    #[test]
    fn a_marked_description_is_read_back(description in ".{0,40}") {
        let mark = scope("memo", "prod").mark("api", "api");
        prop_assume!(description != mark);
        let text = marked(&description, &mark);
        prop_assert_eq!(unmarked(&text, &mark), Some(description.as_str()));
    }
}

#[test]
fn a_name_that_fits_is_not_cut() {
    assert_eq!(scope("memo", "prod").function("auth"), "memo-prod-auth");
}

#[test]
fn tags_decide_ownership_where_hyphens_make_names_equal() {
    let (mine, other) = (scope("memo", "prod-a"), scope("memo-prod", "a"));
    assert_eq!(mine.function("auth"), other.function("auth"));
    let tags = mine.tags("function", "auth");
    assert!(mine.owns(&tags));
    assert!(!other.owns(&tags));
}

#[test]
fn a_logical_name_is_read_from_the_tags_of_its_kind_only() {
    let scope = scope("memo", "prod");
    let tags = scope.tags("table", "memos");
    assert_eq!(scope.logical_name("table", &tags), Some("memos"));
    assert_eq!(scope.logical_name("role", &tags), None);
}

#[test]
fn arns_have_the_forms_that_aws_documents() {
    let scope = scope("memo", "prod");
    let version = scope.version_arn("memo-prod-auth", "7");
    for (arn, documented) in [
        (scope.role_arn("memo-prod-auth"), "arn:aws:iam::123456789012:role/memoctl/memo/prod/memo-prod-auth"),
        (version.clone(), "arn:aws:lambda:ap-northeast-2:123456789012:function:memo-prod-auth:7"),
        (
            scope.index_arn("memo-prod-memos", "*"),
            "arn:aws:dynamodb:ap-northeast-2:123456789012:table/memo-prod-memos/index/*",
        ),
        (
            scope.parameter_arn(&scope.public_parameter("jwt")),
            "arn:aws:ssm:ap-northeast-2:123456789012:parameter/memoctl/memo/prod/signing-keys/jwt/public",
        ),
        (
            scope.log_streams_arn(&scope.log_group("auth")),
            "arn:aws:logs:ap-northeast-2:123456789012:log-group:/aws/lambda/memo-prod-auth:*",
        ),
        (scope.stage_arn("a1b2", "prod"), "arn:aws:apigateway:ap-northeast-2::/restapis/a1b2/stages/prod"),
        (
            scope.execute_api_arn("a1b2", "GET/v1/memos/*"),
            "arn:aws:execute-api:ap-northeast-2:123456789012:a1b2/prod/GET/v1/memos/*",
        ),
        (
            scope.integration_uri(&version),
            "arn:aws:apigateway:ap-northeast-2:lambda:path/2015-03-31/functions/\
             arn:aws:lambda:ap-northeast-2:123456789012:function:memo-prod-auth:7/invocations",
        ),
    ] {
        assert_eq!(arn, documented);
    }
}

#[test]
fn an_api_answers_under_its_partitions_domain() {
    let china = Scope { partition: "aws-cn".to_owned(), region: "cn-north-1".to_owned(), ..scope("memo", "prod") };
    assert_eq!(china.base_url("a1b2"), "https://a1b2.execute-api.cn-north-1.amazonaws.com.cn/prod");
}

#[test]
fn an_api_of_the_local_cloud_answers_under_its_base() {
    let local = Scope { local: Some("http://127.0.0.1:4567".to_owned()), ..scope("memo", "dev") };
    assert_eq!(local.base_url("a1b2"), "http://127.0.0.1:4567/_aws/execute-api/a1b2/dev");
}

#[test]
fn a_symbolic_url_resolves_to_the_apis_own() {
    let scope = scope("memo", "prod");
    let url = scope.base_url("a1b2");
    assert_eq!(scope.symbolic(&url, "a1b2"), "https://{api}.execute-api.ap-northeast-2.amazonaws.com/prod");
    assert_eq!(scope.resolved(&scope.symbolic(&url, "a1b2"), "a1b2"), url);
}
