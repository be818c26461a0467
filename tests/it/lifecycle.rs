//! Deploys on the local cloud: what is live afterwards is exactly what was wanted, whatever happened before.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Write as _};

use aws_sdk_apigateway::primitives::Blob;
use aws_sdk_apigateway::types::{Op, PatchOperation, PutMode};
use local::{Cloud, Options};
use memoctl::apply::{Outcome, apply};
use memoctl::aws::{Aws, Error, Target};
use memoctl::history::{self, Kept};
use memoctl::openapi;
use memoctl::package::Artifact;
use memoctl::plan::{Action, Id, Key, Phase, Plan, Rules, Step};
use memoctl::resource::{Blueprint, Resource, Resources, desired, live, release};
use memoctl::stack::{Api, Architecture, Authorizer, Cors, Function, Route, RouteKey, Stack};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A cloud of its own for each test.
struct Place {
    cloud: Cloud,
    _dir: tempfile::TempDir,
}

impl Place {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let options =
            Options { dir: dir.path().to_owned(), region: "eu-central-1".to_owned(), port: Some(0), ephemeral: false };
        Self { cloud: Cloud::start(options).await.unwrap(), _dir: dir }
    }

    async fn aws(&self, stack: &Stack) -> Aws {
        let target = Target::Local {
            endpoint: self.cloud.endpoint().to_owned(),
            base_url: self.cloud.base_url().to_owned(),
            region: "eu-central-1".to_owned(),
        };
        let artifacts = stack.functions.iter().map(|(name, function)| (name.clone(), artifact(&function.package)));
        Aws { artifacts: artifacts.collect(), ..Aws::connect(&target, stack).await.unwrap() }
    }

    /// What would be done for `stack`, with a client that knows nothing yet.
    async fn plan(&self, stack: &Stack, keep: usize) -> (Plan<Resource>, Aws) {
        let aws = self.aws(stack).await;
        let nothing = Resources::new();
        let first =
            Blueprint { stack, scope: &aws.scope, artifacts: &aws.artifacts, live: &nothing, kept: &Kept::NOTHING };
        let ids: BTreeSet<Id> = desired(&first).into_keys().collect();
        let found = live(&ids, &aws).await.unwrap();
        assert_eq!(found.foreign, BTreeSet::new());
        let records = history::read(&aws).await.unwrap();
        let seen = Blueprint { live: &found.ours, ..first };
        let kept = release::kept(&seen, records, keep);
        let wanted = desired(&Blueprint { kept: &kept, ..seen });
        let rules = Rules { retained: release::retained(&kept, &found.ours), ..Rules::default() };
        (Plan::between(&wanted, &found.ours, &rules), aws)
    }

    /// Deploys `stack`, and gives what was done.
    async fn deploy(&self, stack: &Stack, keep: usize) -> Plan<Resource> {
        let (plan, aws) = self.plan(stack, keep).await;
        let outcome = walk(&plan, &aws).await;
        assert!(outcome.succeeded(), "{:#?}", outcome.statuses);
        plan
    }

    /// The fields that a plan for `stack` would change, as `api/memo-dev-api routes.GET /a.timeout`.
    async fn changes(&self, stack: &Stack) -> Vec<String> {
        work(&self.plan(stack, 5).await.0)
    }

    async fn destroy(&self, stack: &Stack) {
        let aws = self.aws(stack).await;
        let found = live(&BTreeSet::new(), &aws).await.unwrap();
        let plan = Plan::between(&Resources::new(), &found.ours, &Rules { delete_data: true, ..Rules::default() });
        let outcome = walk(&plan, &aws).await;
        assert!(outcome.succeeded(), "{:#?}", outcome.statuses);
    }

    /// The body of the answer to a GET of the API's `path`.
    async fn get(&self, aws: &Aws, path: &str) -> String {
        let base = aws.scope.base_url(&aws.directory.api(&aws.scope.api()).unwrap());
        let (host, rest) = base.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let mut stream = TcpStream::connect(host).await.unwrap();
        let request = format!("GET /{rest}{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }
}

async fn walk(plan: &Plan<Resource>, aws: &Aws) -> Outcome<Error> {
    assert_eq!(plan.refusals, []);
    let perform = async |_: &Key, step: &Step<Resource>| match &step.action {
        Action::Keep { .. } => Ok(()),
        Action::Create { new } => new.create(aws).await,
        Action::Update { old, new, .. } => new.update(old, aws).await,
        Action::Replace { old, new, .. } => {
            old.delete(aws).await?;
            new.create(aws).await
        }
        Action::Delete { old } => old.delete(aws).await,
    };
    apply(plan, perform, || false, |_| {}).await
}

/// What a plan would do, a line for each field that it changes.
fn work(plan: &Plan<Resource>) -> Vec<String> {
    let lines = plan.work().flat_map(|((id, phase), step)| match &step.action {
        Action::Keep { .. } => Vec::new(),
        Action::Create { .. } => vec![format!("+ {id}")],
        Action::Update { changes, .. } => {
            let late = if *phase == Phase::CleanUp { " later" } else { "" };
            changes.iter().map(|change| format!("~ {id} {}{late}", change.field)).collect()
        }
        Action::Replace { forced_by, .. } => vec![format!("± {id} {}", forced_by.join(" "))],
        Action::Delete { .. } => vec![format!("- {id}")],
    });
    lines.collect()
}

/// A handler that answers `text`, and as an authorizer lets everybody in.
fn artifact(text: &str) -> Artifact {
    let bootstrap = format!(
        r#"#!/usr/bin/env python3
import json, os, urllib.request
base = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(base + "next") as event:
        id = event.headers["Lambda-Runtime-Aws-Request-Id"]
    answer = json.dumps({{"statusCode": 200, "body": "{text} " + os.environ.get("WORD", "")}}).encode()
    urllib.request.urlopen(urllib.request.Request(base + id + "/response", answer)).read()
"#
    );
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
    zip.start_file("bootstrap", options).unwrap();
    zip.write_all(bootstrap.as_bytes()).unwrap();
    Artifact::new(zip.finish().unwrap().into_inner())
}

/// A function whose handler answers `package`.
fn function(package: &str) -> Function {
    Function {
        package: package.to_owned(),
        description: String::new(),
        memory: 128,
        timeout: 10,
        architecture: Architecture::X86_64,
        ephemeral_storage: 512,
        reserved_concurrency: None,
        tracing: false,
        log_retention: 7,
        environment: BTreeMap::new(),
        tables: BTreeMap::new(),
        signing_keys: BTreeMap::new(),
    }
}

fn route(method: &str, path: &str, function: &str) -> (RouteKey, Route) {
    let key = RouteKey { path: path.to_owned(), method: method.to_owned() };
    (key, Route { function: function.to_owned(), authorizer: None, scopes: BTreeSet::new(), timeout: 20 })
}

/// Two functions behind a route each, and an authorizer before a third route.
fn stack() -> Stack {
    let guarded = {
        let (key, route) = route("GET", "/guarded/{id}", "b");
        (key, Route { authorizer: Some("door".to_owned()), ..route })
    };
    Stack {
        root: ".".into(),
        name: "memo".to_owned(),
        stage: "dev".to_owned(),
        region: None,
        bucket: None,
        functions: [("a", "one"), ("b", "two"), ("door", "three")]
            .map(|(name, package)| (name.to_owned(), function(package)))
            .into(),
        tables: BTreeMap::new(),
        signing_keys: BTreeMap::new(),
        api: Some(Api {
            description: "Memos".to_owned(),
            issuer: None,
            authorizers: [("door".to_owned(), Authorizer { function: "door".to_owned(), ttl: 60 })].into(),
            cors: Some(Cors {
                origins: vec!["*".to_owned()],
                headers: vec!["Authorization".to_owned()],
                expose: vec!["ETag".to_owned()],
                max_age: 600,
            }),
            routes: [route("GET", "/a", "a"), route("ANY", "/b/{proxy+}", "b"), guarded].into(),
            throttle: None,
        }),
    }
}

fn api(stack: &mut Stack) -> &mut Api {
    stack.api.as_mut().unwrap()
}

#[tokio::test]
async fn after_a_deploy_what_is_live_is_what_was_wanted() {
    let place = Place::new().await;
    let plan = place.deploy(&stack(), 5).await;
    insta::assert_snapshot!(work(&plan).join("\n"), @r"
    + api/memo-dev-api
    + function/memo-dev-a
    + function/memo-dev-b
    + function/memo-dev-door
    + log_group//aws/lambda/memo-dev-a
    + log_group//aws/lambda/memo-dev-b
    + log_group//aws/lambda/memo-dev-door
    + release/dev
    + role/memo-dev-a
    + role/memo-dev-b
    + role/memo-dev-door
    + role/memo-dev-gateway
    ");
    assert_eq!(place.changes(&stack()).await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_second_deploy_makes_no_mutating_call() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let before = place.cloud.calls().mutating;
    place.deploy(&stack(), 5).await;
    assert_eq!(place.cloud.calls().mutating, before);
}

#[tokio::test]
async fn a_deployed_route_answers() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let (_, aws) = place.plan(&stack(), 5).await;
    assert_eq!(place.get(&aws, "/a").await, "one ");
    assert_eq!(place.get(&aws, "/b/c").await, "two ");
}

#[tokio::test]
async fn changed_code_is_that_function_then_the_api_then_the_release() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let mut changed = stack();
    changed.functions.insert("a".to_owned(), function("another"));
    let plan = place.deploy(&changed, 5).await;
    insta::assert_snapshot!(work(&plan).join("\n"), @r"
    ~ api/memo-dev-api routes.GET /a.target
    ~ function/memo-dev-a code_sha256
    ~ function/memo-dev-a versions
    ~ release/dev deployments
    ~ release/dev serves.api
    ");
    let (again, aws) = place.plan(&changed, 5).await;
    assert_eq!(work(&again), [] as [&str; 0]);
    assert_eq!(place.get(&aws, "/a").await, "another ");
    assert_eq!(place.get(&aws, "/b/c").await, "two ");
}

#[tokio::test]
async fn a_changed_variable_is_served_with_its_release() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let mut changed = stack();
    let environment = BTreeMap::from([("WORD".to_owned(), "word".to_owned())]);
    changed.functions.insert("a".to_owned(), Function { environment, memory: 256, ..function("one") });
    place.deploy(&changed, 5).await;
    let (again, aws) = place.plan(&changed, 5).await;
    assert_eq!(work(&again), [] as [&str; 0]);
    assert_eq!(place.get(&aws, "/a").await, "one word");
}

#[tokio::test]
async fn an_added_route_changes_the_api_and_the_release_and_nothing_else() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let mut changed = stack();
    api(&mut changed).routes.extend([route("GET", "/c", "a")]);
    let plan = place.deploy(&changed, 5).await;
    let kinds: BTreeSet<&str> = plan.work().map(|((id, _), _)| id.kind).collect();
    assert_eq!(kinds, BTreeSet::from(["api", "release"]));
    assert_eq!(place.changes(&changed).await, [] as [&str; 0]);
}

#[tokio::test]
async fn going_back_serves_the_old_version_again_and_publishes_none() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let mut changed = stack();
    changed.functions.insert("a".to_owned(), function("another"));
    place.deploy(&changed, 5).await;
    place.deploy(&stack(), 5).await;
    let (again, aws) = place.plan(&stack(), 5).await;
    assert_eq!(work(&again), [] as [&str; 0]);
    assert_eq!(place.get(&aws, "/a").await, "one ");
    assert_eq!(aws.directory.versions("memo-dev-a").unwrap().len(), 2);
}

#[tokio::test]
async fn a_removed_function_stays_while_a_kept_release_serves_it() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let mut smaller = stack();
    smaller.functions.remove("a");
    api(&mut smaller).routes.remove(&route("GET", "/a", "a").0);
    place.deploy(&smaller, 5).await;
    let (plan, aws) = place.plan(&smaller, 5).await;
    assert_eq!(work(&plan), [] as [&str; 0]);
    assert!(plan.steps.contains_key(&(Id::new("function", "memo-dev-a"), Phase::Prepare)));
    assert!(place.get(&aws, "/a").await.contains("Not Found"));
}

#[tokio::test]
async fn a_removed_function_goes_with_its_release_when_no_other_is_kept() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let mut smaller = stack();
    smaller.functions.remove("a");
    api(&mut smaller).routes.remove(&route("GET", "/a", "a").0);
    let plan = place.deploy(&smaller, 1).await;
    insta::assert_snapshot!(work(&plan).join("\n"), @r"
    ~ api/memo-dev-api routes.GET /a
    ~ api/memo-dev-api routes.OPTIONS /a
    - function/memo-dev-a
    - log_group//aws/lambda/memo-dev-a
    ~ release/dev deployments
    ~ release/dev serves.api
    ~ release/dev deployments later
    - role/memo-dev-a
    ~ role/memo-dev-gateway policies.68f6274341bbf7b2
    ~ role/memo-dev-gateway policies.97c28977192a850f later
    ");
    let (again, _) = place.plan(&smaller, 1).await;
    assert_eq!(work(&again), [] as [&str; 0]);
}

#[tokio::test]
async fn keeping_fewer_releases_prunes_versions_and_deployments() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    for package in ["x", "y"] {
        let mut changed = stack();
        changed.functions.insert("a".to_owned(), function(package));
        place.deploy(&changed, 5).await;
    }
    let mut last = stack();
    last.functions.insert("a".to_owned(), function("y"));
    place.deploy(&last, 2).await;
    let (plan, aws) = place.plan(&last, 2).await;
    assert_eq!(work(&plan), [] as [&str; 0]);
    assert_eq!(aws.directory.versions("memo-dev-a").unwrap().len(), 2);
    let api = aws.directory.api("memo-dev-api").unwrap();
    let deployments = aws.apigateway.get_deployments().rest_api_id(api).send().await.unwrap();
    assert_eq!(deployments.items().len(), 2);
}

#[tokio::test]
async fn without_records_nothing_is_pruned() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let mut changed = stack();
    changed.functions.insert("a".to_owned(), function("another"));
    place.deploy(&changed, 5).await;
    let (_, aws) = place.plan(&changed, 5).await;
    history::erase(&aws).await.unwrap();
    assert_eq!(work(&place.plan(&changed, 1).await.0), [] as [&str; 0]);
}

#[tokio::test]
async fn a_destroy_leaves_nothing() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    place.destroy(&stack()).await;
    let aws = place.aws(&stack()).await;
    assert_eq!(live(&BTreeSet::new(), &aws).await.unwrap().ours.keys().collect::<Vec<_>>(), [] as [&Id; 0]);
    assert_eq!(history::read(&aws).await.unwrap(), []);
}

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
        .set_tag_keys(Some(aws.scope.tags("api", "api").into_keys().collect()))
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

const EDITS: [Edit; 13] = [
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

fn integration<'a>(document: &'a mut Value, path: &str) -> &'a mut Value {
    &mut document["paths"][path]["get"]["x-amazon-apigateway-integration"]
}

fn authorizer(document: &mut Value) -> &mut Value {
    &mut document["components"]["securitySchemes"]["door"]["x-amazon-apigateway-authorizer"]
}

#[tokio::test]
async fn an_edit_of_the_api_by_hand_shows_as_the_field_it_is() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let (plan, aws) = place.plan(&stack(), 5).await;
    let step = &plan.steps[&(Id::new("api", "memo-dev-api"), Phase::Prepare)];
    let Action::Keep { item: Resource::Api(api), .. } = &step.action else { panic!("{step:?}") };
    let version = |function: &str, digest: &_| aws.directory.version(function, digest);
    let document = openapi::render(&api.table, &aws.scope, version).unwrap();
    let id = aws.directory.api("memo-dev-api").unwrap();
    for (edit, fields) in EDITS {
        let mut edited = document.clone();
        edit(&mut edited);
        let body = Blob::new(edited.to_string());
        let put = aws.apigateway.put_rest_api().rest_api_id(&id).mode(PutMode::Overwrite).body(body);
        put.send().await.unwrap();
        let expected: Vec<String> = fields.iter().map(|field| format!("~ api/memo-dev-api {field}")).collect();
        assert_eq!(place.changes(&stack()).await, expected);
    }
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
