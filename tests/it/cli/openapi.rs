//! `memoctl openapi`: the description of the API, with where it answers.

use super::Project;
use super::deploy::options;

const STACK: &str = "name = \"shop\"\nregion = \"eu-central-1\"\n[functions.described]\n\
                     [api]\nopenapi = \"api.yaml\"\n[api.routes]\n\"GET /cart\" = \"described\"\n";
const DESCRIPTION: &str = "openapi: 3.1.0\ninfo: { title: shop, version: '1' }\npaths:\n  /cart:\n    get:\n      \
                           responses: { '200': { description: The cart. } }\n";

fn project() -> Project {
    let project = Project::with_stack(STACK);
    project.write("api.yaml", DESCRIPTION);
    project
}

#[test]
fn the_description_is_json_with_the_server_that_is_given_and_needs_no_cloud() {
    let document = project().succeed(&["openapi", "--server", "https://shop.example.com"]).json();
    assert_eq!(document["servers"], serde_json::json!([{ "url": "https://shop.example.com" }]));
    assert_eq!(document["paths"]["/cart"]["get"]["responses"]["200"]["description"], "The cart.");
}

#[test]
fn the_description_of_what_is_not_deployed_is_relative_and_says_so() {
    let run = project().succeed(&["openapi", "--local"]);
    assert_eq!(run.json()["servers"], serde_json::json!([{ "url": "/" }]));
    assert!(run.stderr.contains("shop/dev is not deployed"), "{}", run.stderr);
}

#[test]
fn the_description_of_what_is_deployed_names_where_it_answers() {
    let project = Project::with_handlers(STACK, &["described"]);
    project.write("api.yaml", DESCRIPTION);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _cloud = runtime.block_on(local::Cloud::start(options(&project))).unwrap();
    project.succeed(&["deploy", "--local", "--yes"]);
    let url = project.succeed(&["outputs", "--local", "url"]).stdout;
    let document = project.succeed(&["openapi", "--local"]).json();
    assert_eq!(document["servers"][0]["url"], url.trim());
}

#[test]
fn the_description_is_written_to_a_file_on_request() {
    let project = project();
    let run = project.succeed(&["openapi", "--server", "/", "--out", "exported.json"]);
    assert_eq!(run.stdout, "");
    let written = std::fs::read_to_string(project.path().join("exported.json")).unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&written).unwrap()["paths"]["/cart"].is_object(), "{written}");
}

#[test]
fn a_description_of_other_routes_is_refused_with_every_difference() {
    let project = project();
    project.write("stack.toml", &STACK.replace("GET /cart", "PUT /cart"));
    let run = project.run(&["openapi", "--output", "json"]);
    assert_eq!(run.code, Some(2));
    let told = serde_json::json!([
        "`GET /cart` is described, and no route of the stack",
        "`PUT /cart` is a route of the stack, and not described"
    ]);
    assert_eq!(run.events()[0]["differences"], told);
    assert!(run.stderr.contains("api.yaml does not describe the stack's API:\n  `GET /cart`"), "{}", run.stderr);
}

#[test]
fn check_finds_a_description_of_other_routes() {
    let project = project();
    project.succeed(&["check"]);
    project.write("stack.toml", &STACK.replace("GET /cart", "PUT /cart"));
    let run = project.run(&["check"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("`PUT /cart` is a route of the stack, and not described"), "{}", run.stderr);
}

#[test]
fn a_stack_without_a_description_says_how_to_have_one() {
    let project = project();
    project.write("stack.toml", &STACK.replace("openapi = \"api.yaml\"\n", ""));
    let run = project.run(&["openapi"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("`openapi = \"openapi.yaml\"` in [api]"), "{}", run.stderr);
}

#[test]
fn a_description_that_cannot_be_read_is_named_with_the_place() {
    let project = project();
    project.write("api.yaml", "openapi: 3.1.0\npaths: [\n");
    let run = project.run(&["openapi", "--server", "/"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("api.yaml") && run.stderr.contains("line"), "{}", run.stderr);
}
