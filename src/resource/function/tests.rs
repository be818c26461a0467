use aws_sdk_lambda::types::FunctionConfiguration;

use super::*;
use crate::aws::Directory;
use crate::scope::Scope;
use crate::stack::{Architecture, Function as Wanted};

fn wanted(description: &str) -> Content {
    let function = Wanted { description: description.to_owned(), ..declared() };
    Content::wanted(("memo", &function), &Scope::example(), ("sha", "0123456789abcdef"), &BTreeMap::new())
}

fn declared() -> Wanted {
    Wanted {
        package: "memo".to_owned(),
        description: String::new(),
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
        functions: BTreeMap::new(),
        gc: None,
    }
}

#[test]
fn a_function_finds_its_tables_and_keys_in_its_environment() {
    let environment: Vec<(String, Variable)> = wanted("").environment.into_iter().collect();
    let expected = [
        ("SIGNING_KEY_JWT", "/memoctl/memo/prod/signing-keys/jwt"),
        ("TABLE_MEMOS", "memo-prod-memos"),
        ("WORD", "word"),
    ];
    assert_eq!(environment, expected.map(|(name, value)| (name.to_owned(), Variable::Text(value.to_owned()))));
}

/// What a function is that may invoke `memo`, where that is `memo`.
fn calling(memo: &Content) -> Content {
    let function = Wanted { functions: [("memo".to_owned(), stack::FunctionAccess::Invoke)].into(), ..declared() };
    let others = BTreeMap::from([("memo", memo.clone())]);
    Content::wanted(("auth", &function), &Scope::example(), ("sha", "0123456789abcdef"), &others)
}

#[test]
fn a_function_finds_the_version_that_it_may_invoke_in_its_environment() {
    let (memo, directory) = (wanted(""), Directory::default());
    let variable = |directory: &Directory| {
        let environment = calling(&memo).environment("memo-prod-auth", directory)?;
        Ok::<_, Error>(environment.variables().unwrap()["FUNCTION_MEMO"].clone())
    };
    let error = variable(&directory).unwrap_err().to_string();
    assert!(error.starts_with("cannot bind function/memo-prod-auth: function/memo-prod-memo has no version "), "{error}");
    directory.put_version("memo-prod-memo", 7, Digest::of(&memo));
    assert_eq!(variable(&directory).unwrap(), "memo-prod-memo:7");
}

#[test]
fn a_function_that_invokes_another_version_is_another_one_and_needs_that_function() {
    let (old, new) = (calling(&wanted("")), calling(&wanted("Memos")));
    assert_ne!(Digest::of(&old), Digest::of(&new));
    assert_eq!(new.invoked().collect::<Vec<_>>(), ["memo-prod-memo"]);
}

#[test]
fn a_version_is_known_by_what_it_is_whatever_its_number() {
    let memo = wanted("");
    let live = |number: u64| {
        let text = Variable::Text(format!("memo-prod-memo:{number}"));
        let environment = calling(&memo).environment.into_iter();
        let environment = environment.map(|(name, variable)| {
            let text = if name == "FUNCTION_MEMO" { text.clone() } else { variable };
            (name, text)
        });
        Content { environment: environment.collect(), ..calling(&memo) }
    };
    let known = |name: &str, number: u64| (name == "memo-prod-memo" && number == 7).then(|| Digest::of(&memo));
    assert_eq!(live(7).resolved(known), calling(&memo));
    assert_eq!(live(8).resolved(known), live(8));
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
