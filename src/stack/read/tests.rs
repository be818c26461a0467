use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::stack::{Capacity, Key, KeyType, Projection, RouteKey};

const SHIPPED: &str = include_str!("../../../stack.toml");

fn read(source: &str, stage: &str) -> Stack {
    parse(source, Path::new("stack.toml"), stage).unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn the_shipped_stack_is_sound_in_every_stage() {
    for stage in ["dev", "prod"] {
        assert_eq!(read(SHIPPED, stage).functions.len(), 3);
    }
}

#[test]
fn what_the_file_leaves_out_has_its_default() {
    let stack = read("name = \"memo\"\n[functions.memo]\n", "dev");
    insta::assert_snapshot!(serde_json::to_string_pretty(&stack).unwrap());
}

#[test]
fn a_stage_is_laid_over_key_by_key() {
    let source = "name = \"memo\"\n[functions.memo]\nmemory = 512\n[stages.prod]\nfunctions.memo.timeout = 29\n";
    let memo = &read(source, "prod").functions["memo"];
    assert_eq!((memo.memory, memo.timeout), (512, 29));
    assert_eq!(read(source, "dev").functions["memo"].timeout, 10);
}

#[test]
fn a_stage_may_add_what_the_base_does_not_have() {
    let source = "name = \"memo\"\n[stages.prod.tables.audit]\npartition_key = \"pk\"\n";
    assert!(read(source, "prod").tables.contains_key("audit"));
    assert!(read(source, "dev").tables.is_empty());
}

#[test]
fn a_faulty_base_value_is_found_though_the_stage_replaces_it() {
    let source = "name = \"memo\"\n[functions.memo]\nmemory = 1\n[stages.prod]\nfunctions.memo.memory = 512\n";
    let faults = parse(source, Path::new("stack.toml"), "prod").unwrap_err();
    assert_eq!(
        faults.iter().map(|fault| fault.message.as_str()).collect::<Vec<_>>(),
        ["1 is not in the range 128 to 10240"]
    );
}

#[test]
fn keys_capacities_and_projections_have_a_short_and_a_long_form() {
    let source = r#"
        name = "memo"
        [tables.memos]
        partition_key = "pk"
        sort_key = { name = "at", type = "N" }
        capacity = { read = 5, write = 6 }
        indexes.one = { partition_key = "at2", projection = "keys-only" }
        indexes.two = { partition_key = "at2", projection = ["b", "a"] }
    "#;
    let table = &read(source, "dev").tables["memos"];
    assert_eq!(table.partition_key, Key { name: "pk".to_owned(), kind: KeyType::S });
    assert_eq!(table.sort_key, Some(Key { name: "at".to_owned(), kind: KeyType::N }));
    assert_eq!(table.capacity, Capacity::Provisioned { read: 5, write: 6 });
    assert_eq!(table.indexes["one"].projection, Projection::KeysOnly);
    assert_eq!(table.indexes["two"].projection, Projection::Include(["a".to_owned(), "b".to_owned()].into()));
}

#[test]
fn a_bare_route_is_open_to_all() {
    let source = "name = \"memo\"\n[functions.memo]\n[api.routes]\n\"GET /\" = \"memo\"\n";
    let api = read(source, "dev").api.unwrap();
    let route = &api.routes[&RouteKey { path: "/".to_owned(), method: "GET".to_owned() }];
    assert_eq!((&route.guard, route.timeout), (&None, 29_000));
}

const JOINED: &str = r#"
    name = "memo"
    [environment]
    LEVEL = "info"
    [services.legacy]
    url = "https://internal.example.com/v2/"
    [functions.memo]
    services = ["memo", "legacy"]
    [api.routes]
    "GET /memos" = "memo"
    "ANY /legacy/{proxy+}" = { service = "legacy", path = "/{proxy}" }
    "GET /orders/{id}" = { service = "legacy", authorizer = "iam" }
    [stages.prod]
    environment.LEVEL = "warn"
    services.legacy.url = "https://other.example.com"
"#;

fn urls(stack: &Stack) -> Vec<&str> {
    stack.api.as_ref().unwrap().services().map(|(_, service)| &*service.url).collect()
}

#[test]
fn the_address_of_a_service_stands_in_one_place_and_a_route_without_a_path_passes_its_own_on() {
    let stack = read(JOINED, "dev");
    assert_eq!(
        urls(&stack),
        ["https://internal.example.com/v2/{proxy}", "https://internal.example.com/v2/orders/{id}"]
    );
    let stack = read(JOINED, "prod");
    assert_eq!(urls(&stack), ["https://other.example.com/{proxy}", "https://other.example.com/orders/{id}"]);
    assert_eq!(stack.environment["LEVEL"], "warn");
}

#[test]
fn a_service_is_found_where_the_file_says_and_a_function_at_the_api() {
    let (stack, scope) = (read(JOINED, "prod"), crate::scope::Scope::example());
    let at = |name| stack.service(name, &scope);
    assert_eq!(at("legacy").as_deref(), Some("https://other.example.com"));
    assert_eq!(at("memo").as_deref(), Some("https://{api}.execute-api.ap-northeast-2.amazonaws.com/prod"));
    assert_eq!(at("nobody"), None);
}

proptest! {
    /// Whatever a slip of the hand makes of the file, there is a stack or something to say, and nothing panics.
    #[test]
    fn any_edit_of_the_shipped_stack_is_read_or_refused(
        at in any::<Index>(),
        length in 0..40_usize,
        text in "[ -~\n\u{e9}]{0,12}",
    ) {
        let start = SHIPPED.floor_char_boundary(at.index(SHIPPED.len()));
        let end = SHIPPED.ceil_char_boundary(start + length);
        let edited = format!("{}{text}{}", &SHIPPED[..start], &SHIPPED[end..]);
        if let Err(faults) = parse(&edited, Path::new("stack.toml"), "prod") {
            prop_assert!(faults.iter().len() > 0);
            prop_assert!(faults.render(false).contains("error: "));
            prop_assert_eq!(faults.to_json()["errors"].as_array().map(Vec::len), Some(faults.iter().len()));
        }
    }
}
