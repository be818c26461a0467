use super::*;

#[test]
fn a_deployment_is_known_again_by_its_description() {
    let deployment = Deployment::Ours { api: Digest::of(&"api"), authorizers: Digest::of(&"authorizers") };
    assert_eq!(Deployment::parse(&deployment.description().unwrap()), Some(deployment));
}

#[test]
fn a_description_that_somebody_else_wrote_is_none_of_ours() {
    for text in ["", "memoctl", "memoctl:0123456789abcdef", "memoctl:x authorizers:y", "fix of Friday"] {
        assert_eq!(Deployment::parse(text), None, "{text}");
    }
}
