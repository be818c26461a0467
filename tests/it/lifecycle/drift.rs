//! What was changed by hand, or left behind, between two deploys.

use std::collections::BTreeSet;

use aws_sdk_apigateway::primitives::Blob;
use aws_sdk_apigateway::types::{Op, PatchOperation, PutMode};
use aws_sdk_lambda::types::Environment;
use memoctl::aws::Aws;
use memoctl::openapi;
use memoctl::plan::{Id, Plan};
use memoctl::resource::{Resource, live};
use serde_json::{Value, json};

use super::place::{Place, stack};

#[tokio::test]
async fn a_function_of_our_name_without_our_tags_is_somebody_elses() {
    let place = Place::new().await;
    let mut first = stack();
    first.api = None;
    place.deploy(&first, 5).await;
    let aws = place.aws(&first).await;
    let arn = aws.scope.function_arn("memo-dev-a");
    aws.lambda.untag_resource().resource(arn).tag_keys("memoctl:stack").send().await.unwrap();
    let found = live(&BTreeSet::from([Id::new("function", "memo-dev-a")]), &aws).await.unwrap();
    assert!(found.foreign.contains(&Id::new("function", "memo-dev-a")));
    assert!(!found.ours.contains_key(&Id::new("function", "memo-dev-a")));
}

#[tokio::test]
async fn an_api_that_lost_its_tags_is_known_by_its_mark_and_tagged_again() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let (_, aws) = place.plan(&stack(), 5).await;
    let arn = aws.scope.rest_api_arn(&aws.directory.api("memo-dev-api").unwrap());
    aws.apigateway
        .untag_resource()
        .resource_arn(arn)
        .set_tag_keys(Some(aws.scope.tags("api", "api").keys().cloned().collect()))
        .send()
        .await
        .unwrap();
    let changes = place.changes(&stack()).await;
    assert_eq!(changes.len(), 3, "{changes:?}");
    assert!(changes.iter().all(|change| change.starts_with("~ api/memo-dev-api tags.memoctl:")), "{changes:?}");
    place.deploy(&stack(), 5).await;
    assert_eq!(place.changes(&stack()).await, [] as [&str; 0]);
}

#[tokio::test]
async fn an_api_that_a_lost_answer_left_behind_is_deleted() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let (_, aws) = place.plan(&stack(), 5).await;
    let tags = aws.scope.tags("api", "api").into_iter().collect();
    aws.apigateway.create_rest_api().name("memo-dev-api").set_tags(Some(tags)).send().await.unwrap();
    assert_eq!(place.changes(&stack()).await, ["~ api/memo-dev-api duplicates"]);
    place.deploy(&stack(), 5).await;
    assert_eq!(aws.apigateway.get_rest_apis().send().await.unwrap().items().len(), 1);
}

/// Edits of the API's document, each with the fields that show it.
type Edit = (fn(&mut Value), &'static [&'static str]);

const EDITS: [Edit; 16] = [
    (|document| document["info"]["title"] = "another".into(), &["title"]),
    (|document| document["info"]["description"] = "by hand".into(), &["description"]),
    (
        |document| authorizer(document)["identitySource"] = "method.request.header.X-Token".into(),
        &["authorizers.door.identity_source"],
    ),
    (|document| integration(document, "/a")["timeoutInMillis"] = 5000.into(), &["routes.GET /a.timeout"]),
    (
        |document| integration(document, "/a")["uri"] = integration(document, "/guarded/{id}")["uri"].clone(),
        &["routes.GET /a.target"],
    ),
    (|document| drop(object(integration(document, "/a")).remove("credentials")), &["routes.GET /a.credentials"]),
    (|document| integration(document, "/a")["passthroughBehavior"] = "never".into(), &["routes.GET /a.passthrough"]),
    (
        |document| document["paths"]["/guarded/{id}"]["get"]["security"] = json!([]),
        &["routes.GET /guarded/{id}.authorization"],
    ),
    (|document| drop(object(&mut document["paths"]["/a"]).remove("get")), &["routes.GET /a"]),
    (
        |document| {
            let copy = document["paths"]["/a"].clone();
            object(&mut document["paths"]).insert("/z".to_owned(), copy);
        },
        &["routes.GET /z", "routes.OPTIONS /z"],
    ),
    (
        |document| {
            let answer =
                &mut document["paths"]["/a"]["options"]["x-amazon-apigateway-integration"]["responses"]["default"];
            answer["responseParameters"]["method.response.header.Access-Control-Max-Age"] = "'1'".into();
        },
        &["routes.OPTIONS /a.integration_responses.204.parameters.method.response.header.Access-Control-Max-Age"],
    ),
    (|document| authorizer(document)["authorizerResultTtlInSeconds"] = 0.into(), &["authorizers.door.ttl"]),
    (
        |document| {
            document["x-amazon-apigateway-gateway-responses"]["UNAUTHORIZED"]["statusCode"] = "418".into();
        },
        &["responses.UNAUTHORIZED.status"],
    ),
    (
        |document| {
            let responses = object(&mut document["x-amazon-apigateway-gateway-responses"]);
            responses.remove("DEFAULT_5XX");
        },
        &["responses.DEFAULT_5XX"],
    ),
    (
        |document| {
            document["x-amazon-apigateway-request-validators"] =
                json!({ "all": { "validateRequestBody": false, "validateRequestParameters": true } });
            document["paths"]["/a"]["get"]["x-amazon-apigateway-request-validator"] = "all".into();
        },
        &["routes.GET /a.validator", "validators.all"],
    ),
    (|document| document["x-amazon-apigateway-binary-media-types"] = json!(["image/png"]), &["binary_media_types"]),
];

fn object(value: &mut Value) -> &mut serde_json::Map<String, Value> {
    value.as_object_mut().unwrap()
}

pub(super) fn integration<'a>(document: &'a mut Value, path: &str) -> &'a mut Value {
    &mut document["paths"][path]["get"]["x-amazon-apigateway-integration"]
}

fn authorizer(document: &mut Value) -> &mut Value {
    &mut document["components"]["securitySchemes"]["door"]["x-amazon-apigateway-authorizer"]
}

/// The live API's document.
pub(super) fn document(plan: &Plan<Resource>, aws: &Aws) -> Value {
    let Resource::Api(api) = plan.live()[&Id::new("api", "memo-dev-api")] else { panic!("{plan:?}") };
    let version = |function: &str, digest: &_| aws.directory.version(function, digest);
    openapi::render(&api.table, &aws.scope, version).unwrap()
}

/// Puts a document in place of what the API has.
pub(super) async fn put(document: &Value, aws: &Aws) {
    let id = aws.directory.api("memo-dev-api").unwrap();
    let body = Blob::new(document.to_string());
    let put = aws.apigateway.put_rest_api().rest_api_id(id).mode(PutMode::Overwrite).body(body);
    put.send().await.unwrap();
}

#[tokio::test]
async fn an_edit_of_the_api_by_hand_shows_as_the_field_it_is() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let (plan, aws) = place.plan(&stack(), 5).await;
    let document = document(&plan, &aws);
    for (edit, fields) in EDITS {
        let mut edited = document.clone();
        edit(&mut edited);
        put(&edited, &aws).await;
        let expected: Vec<String> = fields.iter().map(|field| format!("~ api/memo-dev-api {field}")).collect();
        assert_eq!(place.changes(&stack()).await, expected);
    }
    place.deploy(&stack(), 5).await;
    assert_eq!(place.changes(&stack()).await, [] as [&str; 0]);
}

#[tokio::test]
async fn an_edit_of_the_apis_settings_by_hand_is_taken_back() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let (_, aws) = place.plan(&stack(), 5).await;
    let replace = |path: &str, value: &str| PatchOperation::builder().op(Op::Replace).path(path).value(value).build();
    let call = aws.apigateway.update_rest_api().rest_api_id(aws.directory.api("memo-dev-api").unwrap());
    let call = call.patch_operations(replace("/minimumCompressionSize", "100"));
    call.patch_operations(replace("/disableExecuteApiEndpoint", "true")).send().await.unwrap();
    assert_eq!(
        place.changes(&stack()).await,
        ["~ api/memo-dev-api settings.execute_api_endpoint", "~ api/memo-dev-api settings.minimum_compression_size"]
    );
    place.deploy(&stack(), 5).await;
    assert_eq!(place.changes(&stack()).await, [] as [&str; 0]);
}

/// Each edit by hand of a function, with the field that shows it.
#[tokio::test]
async fn an_edit_of_a_function_by_hand_shows_as_the_field_it_is() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let aws = place.aws(&stack()).await;
    let edit = || aws.lambda.update_function_configuration().function_name("memo-dev-a");
    edit().memory_size(512).send().await.unwrap();
    assert_eq!(place.changes(&stack()).await, ["~ function/memo-dev-a memory"]);
    edit().memory_size(128).timeout(9).send().await.unwrap();
    assert_eq!(place.changes(&stack()).await, ["~ function/memo-dev-a timeout"]);
    edit().timeout(10).description("by hand").send().await.unwrap();
    assert_eq!(place.changes(&stack()).await, ["~ function/memo-dev-a description"]);
    place.deploy(&stack(), 5).await;
    assert_eq!(place.changes(&stack()).await, [] as [&str; 0]);
}

#[tokio::test]
async fn an_edit_of_the_stage_by_hand_shows_as_the_field_it_is() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let (_, aws) = place.plan(&stack(), 5).await;
    let api = aws.directory.api("memo-dev-api").unwrap();
    let replace = |path: &str, value: &str| PatchOperation::builder().op(Op::Replace).path(path).value(value).build();
    aws.apigateway
        .update_stage()
        .rest_api_id(&api)
        .stage_name("dev")
        .patch_operations(replace("/variables/issuer", "https://example.com"))
        .patch_operations(replace("/variables/extra", "x"))
        .patch_operations(replace("/*/*/throttling/rateLimit", "5"))
        .patch_operations(replace("/*/*/throttling/burstLimit", "2"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        place.changes(&stack()).await,
        ["~ release/dev throttle", "~ release/dev variables.extra", "~ release/dev variables.issuer"]
    );
    let foreign = aws.apigateway.create_deployment().rest_api_id(&api).stage_name("dev").send().await.unwrap();
    let changes = place.plan(&stack(), 5).await.0;
    let shown = format!("{:?}", changes.work().map(|(_, step)| &step.action).collect::<Vec<_>>());
    assert!(shown.contains(foreign.id().unwrap()), "{shown}");
    place.deploy(&stack(), 5).await;
    assert_eq!(place.changes(&stack()).await, [] as [&str; 0]);
}

#[tokio::test]
async fn an_edit_of_a_functions_environment_role_or_tags_shows_as_the_field_it_is() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let aws = place.aws(&stack()).await;
    let variables = Environment::builder().variables("WORD", "by hand").build();
    let edit = aws.lambda.update_function_configuration().function_name("memo-dev-a");
    edit.environment(variables).send().await.unwrap();
    assert_eq!(place.changes(&stack()).await, ["~ function/memo-dev-a environment.WORD"]);
    let edit = aws.lambda.update_function_configuration().function_name("memo-dev-b");
    edit.role(aws.scope.role_arn("memo-dev-a")).send().await.unwrap();
    let tag = aws.lambda.tag_resource().resource(aws.scope.function_arn("memo-dev-door"));
    tag.tags("memoctl:id", "function/other").send().await.unwrap();
    let expected = [
        "~ function/memo-dev-a environment.WORD",
        "~ function/memo-dev-b role",
        "~ function/memo-dev-door tags.memoctl:id",
    ];
    assert_eq!(place.changes(&stack()).await, expected);
    place.deploy(&stack(), 5).await;
    assert_eq!(place.changes(&stack()).await, [] as [&str; 0]);
}

#[tokio::test]
async fn an_edit_of_a_role_by_hand_shows_as_the_field_it_is() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let aws = place.aws(&stack()).await;
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    let put = aws.iam.put_role_policy().role_name("memo-dev-a").policy_name("by-hand").policy_document(policy);
    put.send().await.unwrap();
    assert_eq!(place.changes(&stack()).await, ["~ role/memo-dev-a policies.by-hand later"]);
    place.deploy(&stack(), 5).await;
    assert_eq!(place.changes(&stack()).await, [] as [&str; 0]);
}

#[tokio::test]
async fn an_edit_of_the_stages_tags_and_tracing_by_hand_shows_as_the_field_it_is() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let (_, aws) = place.plan(&stack(), 5).await;
    let api = aws.directory.api("memo-dev-api").unwrap();
    let tag = aws.apigateway.tag_resource().resource_arn(aws.scope.stage_arn(&api, "dev"));
    tag.tags("memoctl:id", "release/other").send().await.unwrap();
    let tracing = PatchOperation::builder().op(Op::Replace).path("/tracingEnabled").value("true").build();
    let update = aws.apigateway.update_stage().rest_api_id(&api).stage_name("dev").patch_operations(tracing);
    update.send().await.unwrap();
    assert_eq!(place.changes(&stack()).await, ["~ release/dev tags.memoctl:id", "~ release/dev tracing"]);
    place.deploy(&stack(), 5).await;
    assert_eq!(place.changes(&stack()).await, [] as [&str; 0]);
}
