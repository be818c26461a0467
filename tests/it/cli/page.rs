//! A page by the command line: what is told of it.

use super::Project;

/// A page beside an API that nobody has to build.
fn page() -> Project {
    let project = Project::with_stack(
        "name = \"shop\"\nregion = \"eu-central-1\"\n[api.routes]\n\
         \"GET /v1/a\" = { url = \"http://127.0.0.1:8901/a\" }\n[site]\npath = \"page\"\n",
    );
    project.write("page/index.html", "<script src=/assets/a-1.js></script>");
    project.write("page/assets/a-1.js", "'a'");
    project
}

#[test]
fn a_destroy_says_that_all_of_the_page_is_gone() {
    let project = page();
    project.succeed(&["deploy", "--local"]);
    let receipt = project.succeed(&["destroy", "--local", "--yes", "--output", "json"]).events().pop().unwrap();
    assert_eq!((&receipt["event"], &receipt["complete"]), (&"receipt".into(), &true.into()), "{receipt}");
    for id in ["distribution/shop-dev-site", "release/dev", "api/shop-dev-api"] {
        assert!(receipt["gone"].as_array().unwrap().contains(&id.into()), "{receipt}");
    }
}

#[test]
fn a_canary_of_the_page_alone_is_refused_since_all_would_get_it() {
    let project = page();
    project.succeed(&["deploy", "--local"]);
    project.write("page/index.html", "another");
    let run = project.run(&["deploy", "--local", "--canary", "10%"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("the page alone has changed"), "{}", run.stderr);
    project.replace("stack.toml", "/v1/a\"", "/v1/b\"");
    project.succeed(&["deploy", "--local", "--canary", "10%"]);
}

#[test]
fn an_asset_of_another_content_is_refused_with_the_ways_out_that_there_are() {
    let project = page();
    project.succeed(&["deploy", "--local"]);
    project.write("page/assets/a-1.js", "'b'");
    let run = project.run(&["deploy", "--local"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("give the file a name with a hash of its content"), "{}", run.stderr);
    assert!(!run.stderr.contains("--allow-downtime"), "{}", run.stderr);
}

#[test]
fn a_service_joins_the_shipped_stack_as_the_readme_says() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
    let (stack, readme) = (read("stack.toml"), read("README.md"));
    let section = readme.split_once("## A service that runs already").unwrap().1;
    let lines = section.split_once("```toml\n").unwrap().1.split_once("```").unwrap().0;
    let (route, stage) = lines.split_once("\n\n").unwrap();
    let route = route.strip_prefix("[api.routes]\n").unwrap();
    assert!(route.contains("ANY /legacy/") && route.contains("authorizer"), "{route}");
    let joined = stack.replacen("[api.routes]\n", &format!("[api.routes]\n{route}\n"), 1);
    let project = Project::with_stack(&format!("{joined}\n{stage}"));
    project.write("handlers/openapi.yaml", &read("handlers/openapi.yaml"));
    project.succeed(&["check"]);
}
