//! The stacks that are deployed and killed.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;

use jiff::SignedDuration;
use local::Cloud;
use memoctl::aws::Aws;
use memoctl::plan::Item as _;
use memoctl::resource;
use memoctl::scope::private_part;
use memoctl::stack::Stack;
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use super::http::Api;
use super::witness;
use crate::cli::{Project, Run};
use crate::cloud::{REGION, empty_stack, target};
use crate::passing;

/// The authorizer of the small stack: it lets everybody in.
const DOOR: &str = r#"
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(handle)).await
}

async fn handle(_: LambdaEvent<Value>) -> Result<Value, Error> {
    let statement = json!({ "Action": "execute-api:Invoke", "Effect": "Allow", "Resource": "*" });
    Ok(json!({ "principalId": "world", "policyDocument": { "Version": "2012-10-17", "Statement": [statement] } }))
}
"#;

/// A stack in a folder of its own, with a change that can be made to it.
pub(super) struct Subject {
    project: Project,
    /// The stack's name.
    name: &'static str,
    /// Replacements of the change: file, from, to.
    changes: Vec<(String, String, String)>,
    /// The routes that both releases have.
    probes: Vec<String>,
    /// Whether callers need a token, for which they sign up.
    signs_in: bool,
}

/// Who calls the API, and what.
pub(super) struct Session {
    /// With which each run gets a token: runs begin in copies of one state, so that it is good for each of them.
    refresh: Option<String>,
    pub(super) paths: Vec<String>,
}

impl Session {
    /// The header lines of a caller.
    pub(super) async fn headers(&self, api: &Api) -> String {
        let Some(refresh) = &self.refresh else { return "Authorization: anybody\r\n".to_owned() };
        let form = format!("grant_type=refresh_token&refresh_token={refresh}");
        let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
        let answer = api.ask("POST /oauth/token", kind, &form).await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        let tokens: Value = serde_json::from_str(&answer.body).unwrap();
        format!("Authorization: Bearer {}\r\n", tokens["access_token"].as_str().unwrap())
    }
}

impl Subject {
    /// Two functions, an authorizer, a table and a key; the change is of code, configuration, a permission, routes and
    /// the authorizer.
    pub(super) fn small(package: &str) -> Self {
        let [a, b, door] = ["a", "b", "door"].map(|name| format!("{package}-{name}"));
        let stack = format!(
            "name = \"shop\"\nregion = \"eu-central-1\"\n\
             [functions.{a}]\ntables = {{ items = \"read\" }}\n[functions.{b}]\n[functions.{door}]\n\
             signing_keys = {{ jwt = \"verify\" }}\n\
             [tables.items]\npartition_key = \"pk\"\n[signing_keys.jwt]\nalgorithm = \"EdDSA\"\n\
             [api.authorizers.door]\nfunction = \"{door}\"\nttl = 0\n[api.routes]\n\
             \"GET /one\" = {{ function = \"{a}\", authorizer = \"door\" }}\n\
             \"GET /two\" = {{ function = \"{b}\", authorizer = \"door\" }}\n[site]\npath = \"page\"\n"
        );
        let project = Project::with_handlers(&stack, &[&a, &b, &door]);
        project.write(&format!("handlers/{door}/src/main.rs"), DOOR);
        project.write("page/index.html", "<script src=/assets/shop-1.js></script>");
        project.write("page/assets/shop-1.js", "'shop'");
        let change = |file: &str, from: &str, to: &str| (file.to_owned(), from.to_owned(), to.to_owned());
        let more = |function: &str| {
            change(
                "stack.toml",
                &format!("[functions.{function}]\n"),
                &format!("[functions.{function}]\nmemory = 512\n"),
            )
        };
        Self {
            changes: vec![
                change(&format!("handlers/{a}/src/main.rs"), "\"world\"", "\"moon\""),
                change("stack.toml", "\"read\"", "\"read-write\""),
                change("page/index.html", "<script ", "<script defer "),
                more(&b),
                more(&door),
                change("stack.toml", "\"GET /two\"", &format!("\"GET /three\" = \"{b}\"\n\"GET /two\"")),
            ],
            project,
            name: "shop",
            probes: ["/one", "/two"].map(str::to_owned).into(),
            signs_in: false,
        }
    }

    /// The stack of this repository, its handlers included. Its authorizer's answers are not cached: AWS documents that
    /// cached ones outlive a release until they are flushed, and here each request is to show who let it in.
    pub(super) fn shipped() -> Self {
        let project = Project::empty();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for name in
            ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "stack.toml", "src", "client", "handlers", "benches"]
        {
            let copied = std::process::Command::new("cp").arg("-r").arg(root.join(name)).arg(project.path()).status();
            assert!(copied.unwrap().success());
        }
        project.replace("stack.toml", "ttl = 60", "ttl = 0");
        // A page of two files that nobody has to build.
        project.replace(
            "stack.toml",
            "build = \"(test -d node_modules || npm ci --no-audit --no-fund) && npm run build\"\noutput = \"dist\"\n",
            "",
        );
        project.write("site/index.html", "<script src=/assets/memo-1.js></script>");
        project.write("site/assets/memo-1.js", "'memo'");
        // Each run uploads the handlers, and starts from a copy of a state that has them.
        project.replace("Cargo.toml", "debug = \"line-tables-only\"", "debug = false\nstrip = true\nopt-level = 1");
        let change = |file: &str, from: &str, to: &str| (file.to_owned(), from.to_owned(), to.to_owned());
        let copy = "{ function = \"memo\", authorizer = \"jwt\", scopes = [\"memos:read\"] }";
        Self {
            project,
            name: "memo",
            changes: vec![
                change(
                    "handlers/memo/src/main.rs",
                    "    service::log::start();",
                    "    service::log::start();\n    tracing::debug!(\"changed\");",
                ),
                change("stack.toml", "memory = 1769", "memory = 1024"),
                change("stack.toml", "{ memos = \"read-write\" }", "{ memos = \"read-write\", auth = \"read\" }"),
                change("site/index.html", "<script ", "<script defer "),
                // The authorizer carries the routes that it opens.
                change(
                    "stack.toml",
                    "\"GET /healthz\" = \"auth\"",
                    &format!("\"GET /healthz\" = \"auth\"\n\"GET /v1/copies\" = {copy}"),
                ),
            ],
            probes: ["/healthz", "/.well-known/jwks.json", "/v1/memos"].map(str::to_owned).into(),
            signs_in: true,
        }
    }

    /// Has the deployed stack of `cloud` tell what serves its callers, and signs up one of them, with a memo.
    pub(super) async fn sign_in(&self, cloud: &Cloud) -> Session {
        let (aws, api) = self.connect(cloud).await;
        let apis = aws.apigateway.get_rest_apis().send().await.unwrap();
        witness::watch(&aws, apis.items()[0].id().unwrap(), "dev").await;
        let mut session = Session { refresh: None, paths: self.probes.clone() };
        if self.signs_in {
            let person = json!({ "email": "ada@example.com", "password": "a cat on the keyboard" }).to_string();
            let post = async |path: &str, headers: &str, body: &str| -> Value {
                let headers = format!("Content-Type: application/json\r\n{headers}");
                let answer = api.ask(&format!("POST {path}"), &headers, body).await.unwrap();
                assert!(answer.status < 300, "{path}: {answer:?}");
                serde_json::from_str(&answer.body).unwrap()
            };
            post("/v1/users", "", &person).await;
            let tokens = post("/v1/sessions", "", &person).await;
            let bearer = format!("Authorization: Bearer {}\r\n", tokens["access_token"].as_str().unwrap());
            let memo = post("/v1/memos", &bearer, &json!({ "title": "Milk" }).to_string()).await;
            session.paths.push(format!("/v1/memos/{}", memo["id"].as_str().unwrap()));
            session.refresh = Some(tokens["refresh_token"].as_str().unwrap().to_owned());
        }
        session
    }

    /// Takes the change back, where it was made.
    pub(super) fn first(&self) {
        for (file, from, to) in &self.changes {
            if self.project.has(file, to) {
                self.project.replace(file, to, from);
            }
        }
    }

    pub(super) fn change(&self) {
        for (file, from, to) in &self.changes {
            self.project.replace(file, from, to);
        }
    }

    /// Where clouds may have their states.
    pub(super) fn folder(&self) -> &Path {
        self.project.path()
    }

    /// memoctl on the cloud whose state is in `place`.
    fn command(&self, place: &Path, arguments: &[String]) -> std::process::Command {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut command = self.project.command(&arguments);
        command.env("MEMOCTL_STATE", place.join("state")).env("MEMOCTL_REGION", REGION);
        command
    }

    /// Starts a run that is to be killed.
    pub(super) fn start(&self, place: &Path, arguments: &[String]) -> Child {
        let mut command = Command::from(self.command(place, arguments));
        command.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap()
    }

    pub(super) async fn run(&self, place: &Path, arguments: &[String]) -> Run {
        Run::of(Command::from(self.command(place, arguments)).output().await.unwrap())
    }

    /// Runs memoctl without another cloud beside it; it has to succeed.
    pub(super) fn succeed(&self, place: &Path, arguments: &[&str]) -> Run {
        let arguments: Vec<String> =
            arguments.iter().chain(&["--local"]).map(|&argument| argument.to_owned()).collect();
        let run = Run::of(self.command(place, &arguments).output().unwrap());
        assert_eq!(run.code, Some(0), "memoctl {}\n{}\n{}", arguments.join(" "), run.stdout, run.stderr);
        run
    }

    /// The ids of the keys of the signing key `jwt`, in the cloud whose state is in `place`.
    pub(super) fn keys(&self, place: &Path) -> Vec<String> {
        let sets = self.succeed(place, &["keys", "list", "--output", "json"]).json();
        let set = sets.as_array().unwrap().iter().find(|set| set["name"] == "jwt").unwrap().clone();
        set["keys"].as_array().unwrap().iter().map(|key| key["id"].as_str().unwrap().to_owned()).collect()
    }

    /// What the run did that has freed the lease in `cloud`; `None` where one has it.
    pub(super) async fn freed(&self, cloud: &Cloud) -> Option<String> {
        let (aws, _) = self.connect(cloud).await;
        let buckets = aws.s3.list_buckets().send().await.unwrap();
        let key = format!("{}/dev/lease.json", self.name);
        let bucket =
            buckets.buckets().iter().filter_map(|bucket| bucket.name()).find(|name| name.starts_with("memoctl-"));
        let lease = aws.s3.get_object().bucket(bucket?).key(key).send().await.unwrap();
        let lease: Value = serde_json::from_slice(&lease.body.collect().await.unwrap().into_bytes()).unwrap();
        lease.get("freed").filter(|freed| !freed.is_null())?;
        lease["doing"].as_str().map(str::to_owned)
    }

    /// Has so much time pass for the keys of the signing key `jwt`.
    pub(super) async fn pass(&self, cloud: &Cloud, time: SignedDuration) {
        let (aws, _) = self.connect(cloud).await;
        let path = format!("/memoctl/{}/dev/signing-keys/jwt", self.name);
        passing::pass(&aws.ssm, &private_part(&path), time).await;
    }

    /// A client of `cloud`, and the API there, if there is one.
    pub(super) async fn connect(&self, cloud: &Cloud) -> (Aws, Api) {
        let target = target(cloud.endpoint(), cloud.base_url());
        let stack = Stack { name: self.name.to_owned(), stage: "dev".to_owned(), ..empty_stack() };
        let aws = Aws::connect(&target, &stack).await.unwrap();
        let apis = aws.apigateway.get_rest_apis().send().await.unwrap();
        let id = apis.items().first().and_then(|api| api.id()).unwrap_or_default();
        let api = Api::new(cloud.endpoint(), &aws.scope.base_url(id));
        (aws, api)
    }

    /// The page of the deployed stack, where it is served beside the API.
    pub(super) async fn page(&self, cloud: &Cloud) -> Api {
        let (aws, _) = self.connect(cloud).await;
        let distributions = aws.cloudfront.list_distributions().send().await.unwrap().distribution_list.unwrap();
        Api::of_distribution(cloud.endpoint(), distributions.items()[0].domain_name())
    }

    /// All that is live of the stack in `cloud`, field by field as memoctl reads it, and the client that read it.
    pub(super) async fn live(&self, cloud: &Cloud) -> (Aws, Value) {
        let (aws, _) = self.connect(cloud).await;
        let live = resource::live(&BTreeSet::new(), &aws).await.unwrap().ours;
        let fields: serde_json::Map<String, Value> =
            live.iter().map(|(id, resource)| (id.to_string(), resource.fields())).collect();
        (aws, fields.into())
    }
}
