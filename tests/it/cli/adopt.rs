//! What exists already is taken in as it is: shown, asked for, tagged, and then brought to what is wanted.

use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, Tag};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{FunctionCode, Runtime};
use aws_sdk_ssm::types::{ParameterType, ResourceTypeForTagging};
use memoctl::aws::Aws;
use memoctl::policy::{LAMBDA, trust_policy};
use memoctl::scope::{private_part, public_part};

use super::{Project, Run};
use crate::cloud::{empty_stack, target};

/// The path of the stack's signing key.
const KEY: &str = "/memoctl/shop/dev/signing-keys/jwt";

fn stack(function: &str) -> String {
    format!(
        "name = \"shop\"\nregion = \"eu-central-1\"\n\
         [functions.{function}]\n\
         [tables.items]\npartition_key = \"pk\"\nttl = \"expires\"\n\
         [signing_keys.jwt]\nalgorithm = \"EdDSA\"\n\
         [api.routes]\n\"GET /one\" = \"{function}\"\n"
    )
}

/// A project, and the cloud that it deploys to, kept by the test to make things there by hand.
struct Place {
    project: Project,
    runtime: tokio::runtime::Runtime,
    aws: Aws,
    _cloud: local::Cloud,
}

impl Place {
    fn new(function: &str) -> Self {
        let project = Project::with_handlers(&stack(function), &[function]);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (cloud, aws) = runtime.block_on(async {
            let cloud = local::Cloud::start(super::deploy::options(&project)).await.unwrap();
            let target = target(cloud.endpoint(), cloud.base_url());
            let aws = Aws::connect(&target, &empty_stack()).await.unwrap();
            (cloud, aws)
        });
        Self { project, runtime, aws, _cloud: cloud }
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.project.run(&[arguments, &["--local"]].concat())
    }

    /// Adopts `id`, which has to succeed, and gives the fields that a deploy will change of it.
    fn adopt(&self, id: &str) -> Vec<String> {
        let run = self.run(&["adopt", id, "--yes", "--output", "json"]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert_eq!(run.json()["adopted"], true, "{}", run.stdout);
        let changes = run.json()["changes"].clone();
        let fields = changes.as_array().unwrap().iter().map(|change| change["field"].as_str().unwrap().to_owned());
        fields.filter(|field| !field.starts_with("tags.")).collect()
    }

    /// The fields that the plan changes of `id`.
    fn planned(&self, id: &str) -> Vec<String> {
        let plan = self.run(&["plan", "--output", "json"]).json();
        let steps = plan["steps"].as_array().unwrap();
        let changes = steps.iter().filter(|step| step["id"] == id).filter_map(|step| step["changes"].as_array());
        changes.flatten().map(|change| change["field"].as_str().unwrap().to_owned()).collect()
    }

    fn table(&self, key: &str, tags: &[(&str, &str)]) {
        let attribute = AttributeDefinition::builder().attribute_name(key).attribute_type(ScalarAttributeType::S);
        let schema = KeySchemaElement::builder().attribute_name(key).key_type(KeyType::Hash).build().unwrap();
        let tags = tags.iter().map(|(key, value)| Tag::builder().key(*key).value(*value).build().unwrap()).collect();
        let create = self.aws.dynamodb.create_table().table_name("shop-dev-items").key_schema(schema);
        let create = create.attribute_definitions(attribute.build().unwrap()).billing_mode(BillingMode::PayPerRequest);
        self.runtime.block_on(create.set_tags(Some(tags)).send()).unwrap();
    }
}

#[test]
fn a_table_is_shown_asked_for_taken_in_and_then_brought_to_what_is_wanted() {
    let place = Place::new("taken-a");
    place.table("pk", &[]);
    let refused = place.run(&["deploy"]);
    assert_eq!(refused.code, Some(5), "{}", refused.stderr);
    let way_out = "hint: if it is this stack's, take it in: `memoctl adopt table/shop-dev-items`; else rename";
    assert!(refused.stderr.contains(way_out), "{}", refused.stderr);

    let asked = place.run(&["adopt", "table/shop-dev-items"]);
    assert_eq!(asked.code, Some(2));
    insta::assert_snapshot!(asked.stderr, @r#"
    ~ table/shop-dev-items
        tags.memoctl:id: (none) -> "table/items"
        tags.memoctl:stack: (none) -> "shop"
        tags.memoctl:stage: (none) -> "dev"
        ttl: (none) -> "expires"
    error: adopting table/shop-dev-items needs a yes, and nobody is here to give it
    hint: look at the difference, then add `--yes`
    "#);
    assert_eq!(place.run(&["plan"]).code, Some(5), "asking alone changes nothing");

    assert_eq!(place.adopt("table/shop-dev-items"), ["ttl"]);
    assert_eq!(place.planned("table/shop-dev-items"), ["ttl"]);
    assert_eq!(place.run(&["deploy"]).code, Some(0));
    let again = place.run(&["adopt", "table/shop-dev-items"]);
    assert_eq!((again.code, again.stdout.as_str()), (Some(0), "table/shop-dev-items is the stack's already\n"));
}

#[test]
fn a_table_with_another_key_is_refused_with_the_field() {
    let place = Place::new("keyed-a");
    place.table("id", &[]);
    let run = place.run(&["adopt", "table/shop-dev-items", "--yes"]);
    assert_eq!(run.code, Some(1));
    let told = "error: cannot adopt table/shop-dev-items: partition_key.name cannot be changed in place\n\
                hint: where the stack file has a key for that, let it say what the resource has; else leave the resource alone, and use another stage or stack name, with which all names are others\n";
    assert!(run.stderr.ends_with(told), "{}", run.stderr);
}

#[test]
fn what_another_stack_owns_is_refused_with_exit_code_5() {
    let place = Place::new("others-a");
    place.table("pk", &[("memoctl:stack", "other"), ("memoctl:stage", "prod")]);
    let run = place.run(&["adopt", "table/shop-dev-items", "--yes"]);
    assert_eq!(run.code, Some(5), "{}", run.stderr);
    assert!(run.stderr.starts_with("error: cannot adopt table/shop-dev-items: it belongs to other/prod\nhint: once "));
}

#[test]
fn what_cannot_be_adopted_is_refused_by_name_with_the_reason() {
    let place = Place::new("never-a");
    let refusal = |id: &str| {
        let run = place.run(&["adopt", id, "--yes"]);
        format!("{} {}", run.code.unwrap(), run.stderr)
    };
    insta::assert_snapshot!(
        ["bucket/x", "table", "table/items", "release/dev", "table/shop-dev-items"].map(refusal).concat(), @r"
    2 error: cannot adopt `bucket/x`: there is no kind `bucket`
    hint: the kinds are role, log_group, table, signing_key, function, api, site, distribution, dns_record, release
    2 error: `table` names no resource
    hint: `table/NAME`, as `memoctl plan` shows it
    2 error: cannot adopt table/items: the stack file wants no resource of that name, and a deploy would delete it
    hint: it wants table/shop-dev-items: names are `<stack>-<stage>-<name>`, and cannot be chosen
    1 error: cannot adopt release/dev: a stage is part of its API, and becomes the stack's with it
    hint: adopt the API: `memoctl adopt api/ID`
    1 error: table/shop-dev-items does not exist
    hint: `memoctl deploy` makes what the stack file wants
    ");
}

#[test]
fn a_function_and_its_log_group_are_taken_in_with_what_they_hold() {
    let place = Place::new("handled-a");
    let aws = &place.aws;
    place.runtime.block_on(async {
        let trust = trust_policy(LAMBDA).render();
        let role = aws.iam.create_role().role_name("by-hand").assume_role_policy_document(trust).send().await.unwrap();
        let code = FunctionCode::builder().zip_file(Blob::new(crate::lifecycle::place::artifact("x").zip)).build();
        let create = aws.lambda.create_function().function_name("shop-dev-handled-a").code(code).handler("bootstrap");
        let create = create.runtime(Runtime::Providedal2023).role(role.role.unwrap().arn).memory_size(512);
        create.send().await.unwrap();
        aws.logs.create_log_group().log_group_name("/aws/lambda/shop-dev-handled-a").send().await.unwrap();
    });
    assert_eq!(place.adopt("log_group//aws/lambda/shop-dev-handled-a"), ["retention"]);
    let fields = place.adopt("function/shop-dev-handled-a");
    for field in ["code_sha256", "memory", "role", "timeout"] {
        assert!(fields.iter().any(|it| it == field), "{field} is not in {fields:?}");
    }
    assert_eq!(place.planned("function/shop-dev-handled-a"), fields);
    let deployed = place.run(&["deploy"]);
    assert_eq!(deployed.code, Some(0), "{}", deployed.stderr);
    assert_eq!(place.run(&["plan", "--check"]).code, Some(0));
}

#[test]
fn an_api_is_taken_in_by_its_id() {
    let place = Place::new("fronted-a");
    let made = [1, 2].map(|_| {
        let create = place.aws.apigateway.create_rest_api().name("theirs").send();
        place.runtime.block_on(create).unwrap().id.unwrap()
    });
    let ambiguous = place.run(&["adopt", "api/theirs", "--yes"]);
    assert_eq!(ambiguous.code, Some(1));
    assert!(ambiguous.stderr.contains("cannot adopt api/theirs: several APIs have the name: "), "{}", ambiguous.stderr);

    let fields = place.adopt(&format!("api/{}", made[0]));
    assert!(fields.iter().any(|field| field == "title"), "{fields:?}");
    assert!(fields.iter().any(|field| field == "routes.GET /one"), "{fields:?}");
    let second = place.run(&["adopt", &format!("api/{}", made[1]), "--yes"]);
    assert_eq!(second.code, Some(1), "{}", second.stderr);
    assert!(second.stderr.contains(&format!("the stack has an API of its own, {}", made[0])), "{}", second.stderr);
    let deployed = place.run(&["deploy", "--output", "json"]);
    assert!(deployed.done().contains(&"update api/shop-dev-api".to_owned()), "{}", deployed.stdout);
}

#[test]
fn a_role_at_another_path_is_refused_since_its_arn_would_be_another() {
    let place = Place::new("pathed-a");
    let trust = trust_policy(LAMBDA).render();
    let create = place.aws.iam.create_role().role_name("shop-dev-pathed-a").assume_role_policy_document(&trust);
    place.runtime.block_on(create.send()).unwrap();
    let run = place.run(&["adopt", "role/shop-dev-pathed-a", "--yes"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("cannot adopt role/shop-dev-pathed-a: path cannot be changed in place"));
    place.runtime.block_on(place.aws.iam.delete_role().role_name("shop-dev-pathed-a").send()).unwrap();
    let create = place.aws.iam.create_role().role_name("shop-dev-pathed-a").path("/memoctl/shop/dev/");
    place.runtime.block_on(create.assume_role_policy_document(trust).send()).unwrap();
    let fields = place.adopt("role/shop-dev-pathed-a");
    assert!(fields.len() == 1 && fields[0].starts_with("policies."), "{fields:?}");
}

#[test]
fn a_parameter_that_tells_no_algorithm_is_no_signing_key_to_take_in() {
    let place = Place::new("signed-a");
    let put = place.aws.ssm.put_parameter().name(private_part(KEY)).r#type(ParameterType::SecureString).value("x");
    place.runtime.block_on(put.send()).unwrap();
    let run = place.run(&["adopt", &format!("signing_key/{KEY}"), "--yes"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("algorithm cannot be changed in place"), "{}", run.stderr);
}

#[test]
fn a_signing_key_that_lost_its_tags_is_taken_in_again_and_stays_the_key() {
    let place = Place::new("resigned-a");
    assert_eq!(place.run(&["deploy"]).code, Some(0));
    for part in [private_part(KEY), public_part(KEY)] {
        let tags = ["stack", "stage", "id", "algorithm"].map(|tag| format!("memoctl:{tag}"));
        let untag = place.aws.ssm.remove_tags_from_resource().resource_type(ResourceTypeForTagging::Parameter);
        let untag = untag.resource_id(part).set_tag_keys(Some(tags.into()));
        place.runtime.block_on(untag.send()).unwrap();
    }
    assert_eq!(place.run(&["plan"]).code, Some(5));
    assert_eq!(place.adopt(&format!("signing_key/{KEY}")), [] as [&str; 0]);
    assert_eq!(place.run(&["plan", "--check"]).code, Some(0));
}
