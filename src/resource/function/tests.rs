use aws_sdk_lambda::types::FunctionConfiguration;

use super::*;
use crate::scope::Scope;
use crate::stack::{Architecture, Function as Wanted, Stack};

fn wanted(description: &str) -> Content {
    let function = Wanted {
        package: "memo".to_owned(),
        description: description.to_owned(),
        memory: 128,
        timeout: 3,
        architecture: Architecture::X86_64,
        ephemeral_storage: 512,
        reserved_concurrency: None,
        tracing: false,
        log_retention: 30,
        environment: [("WORD".to_owned(), "word".to_owned())].into(),
        tables: [("memos".to_owned(), stack::TableAccess::Read)].into(),
        signing_keys: [("jwt".to_owned(), stack::KeyAccess::Verify)].into(),
        functions: [].into(),
        services: BTreeSet::new(),
        gc: None,
    };
    let shared = [("WORD", "of all"), ("STACK", "of all")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let stack = Stack { environment: shared.into(), ..Stack::example() };
    Content::wanted(("memo", &function), (&stack, &Scope::example()), "sha", "0123456789abcdef")
}

#[test]
fn a_function_finds_its_tables_and_keys_in_its_environment_and_what_all_get_under_its_own() {
    let environment: Vec<(String, String)> = wanted("").environment.into_iter().collect();
    let expected = [
        ("SIGNING_KEY_JWT", "/memoctl/memo/prod/signing-keys/jwt"),
        ("STACK", "of all"),
        ("TABLE_MEMOS", "memo-prod-memos"),
        ("WORD", "word"),
    ];
    assert_eq!(environment, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn a_version_names_the_policy_that_it_needs() {
    assert_eq!(wanted("").description, "policy:0123456789abcdef");
    assert_eq!(wanted("Memos").description, "Memos [policy:0123456789abcdef]");
}

#[test]
fn what_lambda_leaves_out_is_its_default() {
    let live = FunctionConfiguration::builder().build();
    let content = Content::live("memo-prod-memo", &live);
    assert_eq!((content.memory, content.timeout, content.ephemeral_storage), (128, 3, 512));
    assert_eq!((content.architecture.as_str(), content.tracing.as_str()), ("x86_64", "PassThrough"));
    assert_eq!((content.logging.format.as_str(), content.logging.group.as_str()), ("Text", "/aws/lambda/memo-prod-memo"));
}

#[test]
fn code_alone_is_no_change_of_the_configuration() {
    let old = wanted("");
    let code = Content { code_sha256: "other".to_owned(), architecture: "arm64".to_owned(), ..old.clone() };
    let memory = Content { memory: 256, ..old.clone() };
    assert!(code.same_configuration(&old));
    assert!(!memory.same_configuration(&old));
}

#[test]
fn equal_contents_of_different_functions_have_one_digest() {
    let function = |name: &str| Function {
        name: name.to_owned(),
        content: wanted(""),
        reserved_concurrency: None,
        tags: crate::scope::Tags::new(),
        versions: BTreeSet::new(),
        stems: Stems::default(),
    };
    assert_eq!(function("a").digest(), function("b").digest());
}

#[test]
fn reserved_concurrency_and_tags_make_no_new_version() {
    let function = Function {
        name: "a".to_owned(),
        content: wanted(""),
        reserved_concurrency: None,
        tags: crate::scope::Tags::new(),
        versions: BTreeSet::new(),
        stems: Stems::default(),
    };
    let reserved = Function {
        reserved_concurrency: Some(5),
        tags: Scope::example().tags(KIND, "a"),
        ..function.clone()
    };
    assert_eq!(function.digest(), reserved.digest());
}
