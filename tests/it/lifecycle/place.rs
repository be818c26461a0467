//! A cloud for one test, a stack to deploy to it, and the deploy itself.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Write as _};
use std::sync::OnceLock;

use memoctl::apply::{Outcome, apply};
use memoctl::aws::{Aws, Error};
use memoctl::history::{self, Kept};
use memoctl::package::{Artifact, Artifacts, site};
use memoctl::plan::{Action, Id, Phase, Plan, Rules};
use memoctl::resource::{Blueprint, Doing, Resource, Resources, desired, live, release};
use memoctl::stack::{
    Api, Architecture, Authorizer, Backend, Capacity, Cors, Function, Guard, Key as TableKey, KeyType, Route, RouteKey,
    Stack, Table,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::cloud::TestCloud;
use crate::crash::http;
use crate::crash::probe::Probe;

/// A cloud of its own for each test.
pub(crate) struct Place {
    pub(crate) cloud: TestCloud,
}

impl Place {
    pub(crate) async fn new() -> Self {
        Self { cloud: TestCloud::local().await }
    }

    pub(crate) async fn aws(&self, stack: &Stack) -> Aws {
        let zips = stack.functions.iter().map(|(name, function)| (name.clone(), artifact(&function.package)));
        let mut artifacts: Artifacts = zips.collect();
        if stack.site.is_some() {
            artifacts.files = site::package(stack).unwrap();
        }
        Aws { artifacts: artifacts.into(), ..self.cloud.connect(stack).await }
    }

    /// What would be done for `stack`, with a client that knows nothing yet.
    pub(crate) async fn plan(&self, stack: &Stack, keep: usize) -> (Plan<Resource>, Aws) {
        self.plan_by(stack, keep, &Rules::default()).await
    }

    /// The same, where `rules` allow more.
    pub(super) async fn plan_by(&self, stack: &Stack, keep: usize, rules: &Rules) -> (Plan<Resource>, Aws) {
        let aws = self.aws(stack).await;
        (planned(stack, &aws, keep, rules).await.unwrap(), aws)
    }

    /// Deploys `stack`, and gives what was done.
    pub(crate) async fn deploy(&self, stack: &Stack, keep: usize) -> Plan<Resource> {
        let (plan, aws) = self.plan(stack, keep).await;
        let outcome = walk(&plan, &aws).await;
        assert!(outcome.succeeded(), "{:#?}", outcome.statuses);
        plan
    }

    /// The fields that a plan for `stack` would change, as `api/memo-dev-api routes.GET /a.timeout`.
    pub(crate) async fn changes(&self, stack: &Stack) -> Vec<String> {
        work(&self.plan(stack, 5).await.0)
    }

    pub(crate) async fn destroy(&self, stack: &Stack) {
        let aws = self.aws(stack).await;
        let found = live(&BTreeSet::new(), &aws).await.unwrap();
        let plan = Plan::between(&Resources::new(), &found.ours, &Rules { delete_data: true, ..Rules::default() });
        let outcome = walk(&plan, &aws).await;
        assert!(outcome.succeeded(), "{:#?}", outcome.statuses);
    }

    /// Callers of [`saying`], which is deployed.
    pub(crate) async fn callers(&self, aws: &Aws) -> Probe {
        let url = aws.scope.base_url(&aws.directory.api(&aws.scope.api()).unwrap());
        let api = http::Api::new(aws.scope.local.as_deref().unwrap(), &url);
        let (paths, headers) = (["/a", "/b/c"].map(str::to_owned), "Authorization: anybody\r\n");
        // A new stage is not served at once.
        for path in &paths {
            while api.ask(&format!("GET {path}"), headers, "").await.unwrap().status != 200 {}
        }
        Probe::start(api, &paths, headers.to_owned())
    }

    /// The body of the answer to a GET of the API's `path`.
    pub(crate) async fn get(&self, aws: &Aws, path: &str) -> String {
        self.ask(aws, &format!("GET {path}"), "").await.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    /// The whole answer to `request`, such as `GET /a`, with the header lines `headers`, each ended by CRLF.
    pub(super) async fn ask(&self, aws: &Aws, request: &str, headers: &str) -> String {
        let base = aws.scope.base_url(&aws.directory.api(&aws.scope.api()).unwrap());
        let (host, rest) = base.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let (method, path) = request.split_once(' ').unwrap();
        let mut stream = TcpStream::connect(host).await.unwrap();
        let request = format!("{method} /{rest}{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}

/// What would be done for `stack` by the client `aws`, or why that could not be read.
pub(crate) async fn planned(stack: &Stack, aws: &Aws, keep: usize, rules: &Rules) -> Result<Plan<Resource>, Error> {
    let (nothing, artifacts) = (Resources::new(), aws.artifacts.all());
    let first = Blueprint { stack, scope: &aws.scope, artifacts: &artifacts, live: &nothing, kept: &Kept::NOTHING };
    let ids: BTreeSet<Id> = desired(&first).into_keys().collect();
    let found = live(&ids, aws).await?;
    assert_eq!(found.foreign, BTreeSet::new());
    let records = history::read(aws).await?;
    let seen = Blueprint { live: &found.ours, ..first };
    let kept = release::kept(&seen, records, keep, false);
    let wanted = desired(&Blueprint { kept: &kept, ..seen });
    let rules = Rules { retained: release::retained(&kept, &found.ours), ..rules.clone() };
    Ok(Plan::between(&wanted, &found.ours, &rules))
}

pub(crate) async fn walk(plan: &Plan<Resource>, aws: &Aws) -> Outcome<Error> {
    assert_eq!(plan.refusals, []);
    apply(plan, &Doing::new(aws), || None, |_| {}).await
}

/// What a plan would do, a line for each field that it changes.
pub(crate) fn work(plan: &Plan<Resource>) -> Vec<String> {
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

/// The package whose handler reads an item of the table that the variable `TABLE` names, and answers what it was told.
pub(crate) const READER: &str = "reader";

/// The package whose handler invokes what the stage's variable `function_a` names, else the function `a` without a version,
/// and answers what that said.
pub(crate) const CALLER: &str = "caller";

/// The package of the example of that name: a service that calls others.
pub(crate) const NEIGHBOUR: &str = "neighbour";

/// An example of the services' library, which `cargo test` builds unless it is told to test one target only.
fn example(name: &str) -> Artifact {
    static BUILT: OnceLock<Artifact> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let binary = test.ancestors().nth(2).unwrap().join("examples").join(name);
        if !binary.exists() {
            let build = ["build", "-p", "service", "--example", name];
            assert!(std::process::Command::new(env!("CARGO")).args(build).status().unwrap().success());
        }
        zipped(&std::fs::read(binary).unwrap())
    });
    built.clone()
}

/// A handler that answers `package` and its variable `WORD`, or is the [`READER`] or the [`CALLER`]. As an authorizer it
/// lets everybody in, and says the same in its context; behind one, its answer ends with what that said.
pub(crate) fn artifact(package: &str) -> Artifact {
    if package == NEIGHBOUR {
        return example(package);
    }
    let answer = match package {
        READER => "get_item(os.environ['TABLE'])".to_owned(),
        CALLER => "invoke(event['stageVariables'].get('function_a', 'memo-dev-a'))".to_owned(),
        text => format!("'{text} ' + os.environ.get('WORD', '')"),
    };
    let bootstrap = format!(
        r#"#!/usr/bin/env python3
import json, os, urllib.error, urllib.request

def call(service, path, body, headers):
    scope = os.environ["AWS_ACCESS_KEY_ID"] + "/20260101/" + os.environ["AWS_REGION"] + "/" + service + "/aws4_request"
    request = urllib.request.Request(
        os.environ["AWS_ENDPOINT_URL"] + path,
        json.dumps(body).encode(),
        headers | {{
            "Authorization": "AWS4-HMAC-SHA256 Credential=" + scope + ", SignedHeaders=host, Signature=0",
            "X-Amz-Security-Token": os.environ["AWS_SESSION_TOKEN"],
        }},
    )
    try:
        return urllib.request.urlopen(request).read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()

def get_item(table):
    headers = {{"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.GetItem"}}
    return call("dynamodb", "/", {{"TableName": table, "Key": {{"pk": {{"S": "1"}}}}}}, headers)

def invoke(name):
    answer = call("lambda", "/2015-03-31/functions/" + name.replace(":", "%3A") + "/invocations", {{"requestContext": {{}}}}, {{}})
    return json.loads(answer).get("body", answer)

def answer(event):
    text = {answer}
    if "methodArn" in event:
        allow = {{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": "*"}}
        policy = {{"Version": "2012-10-17", "Statement": [allow]}}
        return {{"principalId": "anybody", "policyDocument": policy, "context": {{"said": text}}}}
    authorizer = event["requestContext"].get("authorizer") or {{}}
    return {{"statusCode": 200, "body": text + (" let in by " + authorizer["said"] if "said" in authorizer else "")}}

base = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(base + "next") as event:
        id = event.headers["Lambda-Runtime-Aws-Request-Id"]
        told = answer(json.load(event))
    urllib.request.urlopen(urllib.request.Request(base + id + "/response", json.dumps(told).encode())).read()
"#
    );
    zipped(bootstrap.as_bytes())
}

fn zipped(bootstrap: &[u8]) -> Artifact {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
    zip.start_file("bootstrap", options).unwrap();
    zip.write_all(bootstrap).unwrap();
    Artifact::new(zip.finish().unwrap().into_inner())
}

/// A function whose handler answers `package`.
pub(crate) fn function(package: &str) -> Function {
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
        functions: BTreeMap::new(),
        services: BTreeSet::new(),
        gc: None,
    }
}

pub(crate) fn route(method: &str, path: &str, function: &str) -> (RouteKey, Route) {
    let key = RouteKey { path: path.to_owned(), method: method.to_owned() };
    let backend = Backend::Function(function.to_owned());
    (key, Route { backend, guard: None, scopes: BTreeSet::new(), timeout: 20_000 })
}

/// A table of items that a partition key alone tells apart.
pub(super) fn table() -> Table {
    Table {
        partition_key: TableKey { name: "pk".to_owned(), kind: KeyType::S },
        sort_key: None,
        indexes: BTreeMap::new(),
        ttl: None,
        stream: None,
        point_in_time_recovery: false,
        deletion_protection: false,
        capacity: Capacity::OnDemand,
    }
}

/// Two functions behind a route each, and an authorizer before a third route.
pub(crate) fn stack() -> Stack {
    let guarded = {
        let (key, route) = route("GET", "/guarded/{id}", "b");
        (key, Route { guard: Some(Guard::Authorizer("door".to_owned())), ..route })
    };
    Stack {
        root: ".".into(),
        name: "memo".to_owned(),
        stage: "dev".to_owned(),
        region: None,
        bucket: None,
        environment: BTreeMap::new(),
        functions: [("a", "one"), ("b", "two"), ("door", "three")]
            .map(|(name, package)| (name.to_owned(), function(package)))
            .into(),
        tables: BTreeMap::new(),
        signing_keys: BTreeMap::new(),
        services: BTreeMap::new(),
        api: Some(Api {
            description: "Memos".to_owned(),
            issuer: None,
            openapi: None,
            binary: false,
            authorizers: [(
                "door".to_owned(),
                Authorizer { function: "door".to_owned(), ttl: 60, audiences: BTreeMap::new() },
            )]
            .into(),
            cors: Some(Cors {
                origins: vec!["*".to_owned()],
                headers: vec!["Authorization".to_owned()],
                expose: vec!["ETag".to_owned()],
                max_age: 600,
            }),
            routes: [route("GET", "/a", "a"), route("ANY", "/b/{proxy+}", "b"), guarded].into(),
            throttle: None,
        }),
        site: None,
    }
}

/// The stack of which everything tells the release `word`: code and environment of the functions and of the authorizer
/// before all routes. The authorizer's answers are not cached, as AWS documents that those outlive a release.
pub(crate) fn saying(word: &str) -> Stack {
    let mut stack = stack();
    for name in ["a", "b", "door"] {
        let environment = BTreeMap::from([("WORD".to_owned(), word.to_owned())]);
        stack.functions.insert(name.to_owned(), Function { environment, ..function(word) });
    }
    let api = api(&mut stack);
    api.routes.values_mut().for_each(|route| route.guard = Some(Guard::Authorizer("door".to_owned())));
    api.authorizers.values_mut().for_each(|authorizer| authorizer.ttl = 0);
    stack
}

/// What [`saying`] `word` answers, where all of the answer is of that release.
pub(crate) fn said(word: &str) -> String {
    format!("{word} {word} let in by {word} {word}")
}

pub(crate) fn api(stack: &mut Stack) -> &mut Api {
    stack.api.as_mut().unwrap()
}
