use aws_sdk_ssm::types::{ParameterType, ResourceTypeForTagging, Tag};
use local::{FaultKind, Faults};
use memoctl::aws::{Aws, Class};
use memoctl::resource::signing_key::SigningKey;
use memoctl::resource::{Found, Kind as _};
use memoctl::scope::{private_part, public_part};
use memoctl::stack::{self, Algorithm, Stack};

use super::{Sample, life, named, versions};

life!(SigningKey, moto shows no drift of &[]);

impl Sample for SigningKey {
    const DRIFTS: &'static [&'static str] = &["public", "private", "tags.memoctl:id"];

    fn first(stack: &mut Stack) {
        stack.signing_keys.insert("jwt".to_owned(), stack::SigningKey { algorithm: Algorithm::EdDSA, overlap: 1800 });
    }

    fn second(_stack: &mut Stack) {}

    async fn make_foreign(&self, aws: &Aws) {
        let put = aws.ssm.put_parameter().name(private_part(self.name())).value("x");
        put.r#type(ParameterType::SecureString).send().await.unwrap();
    }

    async fn drift(&self, field: &str, aws: &Aws) {
        match field {
            "public" => {
                aws.ssm.delete_parameter().name(public_part(self.name())).send().await.unwrap();
            }
            "private" => {
                aws.ssm.delete_parameter().name(private_part(self.name())).send().await.unwrap();
            }
            "tags.memoctl:id" => {
                let tag = Tag::builder().key("memoctl:id").value("other").build().unwrap();
                let call = aws.ssm.add_tags_to_resource().resource_type(ResourceTypeForTagging::Parameter);
                call.resource_id(private_part(self.name())).tags(tag).send().await.unwrap();
            }
            other => panic!("{other}"),
        }
    }
}

async fn key_id(key: &SigningKey, aws: &Aws) -> String {
    let answer = aws.ssm.get_parameter().name(public_part(key.name())).send().await.unwrap();
    let set: serde_json::Value = serde_json::from_str(&answer.parameter.unwrap().value.unwrap()).unwrap();
    set["keys"][0]["kid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_private_key_whose_public_part_is_lost_stays_the_key() {
    let cloud = TestCloud::local().await;
    let aws = &cloud.aws;
    let (key, _) = versions::<SigningKey>(aws);
    key.create(aws).await.unwrap();
    let before = key_id(&key, aws).await;
    key.drift("public", aws).await;
    key.update(&SigningKey { public: false, ..key.clone() }, aws).await.unwrap();
    assert_eq!(key_id(&key, aws).await, before);
}

#[tokio::test]
async fn a_public_part_that_is_not_the_keys_is_derived_again() {
    let cloud = TestCloud::local().await;
    let (key, _) = versions::<SigningKey>(&cloud.aws);
    key.create(&cloud.aws).await.unwrap();
    let put = cloud.aws.ssm.put_parameter().name(public_part(key.name())).value(r#"{"keys":[]}"#);
    put.overwrite(true).send().await.unwrap();
    let live = SigningKey { public: false, ..key.clone() };
    assert_eq!(named(&key, &cloud.aws).await, [Found::Ours(live)]);
}

/// Calls whose effect happened though nobody was told.
const UNTOLD: [FaultKind; 2] = [FaultKind::CutAfter, FaultKind::ErrorAfter];

#[tokio::test]
async fn a_public_part_that_was_made_without_an_answer_is_ours_and_that_of_the_private_one() {
    for kind in UNTOLD {
        let cloud = TestCloud::local().await;
        let (key, _) = versions::<SigningKey>(&cloud.aws);
        // The first call puts the private part, the second one the public part.
        cloud.inject(Faults::at(2, kind));
        key.create(&cloud.aws).await.unwrap();
        let before = key_id(&key, &cloud.aws).await;
        key.drift("public", &cloud.aws).await;
        key.update(&SigningKey { public: false, ..key.clone() }, &cloud.aws).await.unwrap();
        assert_eq!(key_id(&key, &cloud.aws).await, before, "{kind:?}");
    }
}

#[tokio::test]
async fn a_private_part_that_was_made_again_without_an_answer_is_ours() {
    for kind in UNTOLD {
        let cloud = TestCloud::local().await;
        let (key, _) = versions::<SigningKey>(&cloud.aws);
        key.create(&cloud.aws).await.unwrap();
        key.drift("private", &cloud.aws).await;
        cloud.inject(Faults::at(1, kind));
        key.update(&SigningKey { private: false, ..key.clone() }, &cloud.aws).await.unwrap();
        let found = SigningKey::list(&[key.name().to_owned()].into(), &cloud.aws).await.unwrap();
        assert_eq!(found, [Found::Ours(key)], "{kind:?}");
    }
}

#[tokio::test]
async fn somebody_elses_public_part_is_not_taken_for_one_that_was_made_without_an_answer() {
    let cloud = TestCloud::local().await;
    let (key, _) = versions::<SigningKey>(&cloud.aws);
    let put = cloud.aws.ssm.put_parameter().name(public_part(key.name())).value("x").r#type(ParameterType::String);
    put.send().await.unwrap();
    assert_eq!(key.create(&cloud.aws).await.unwrap_err().class, Class::Foreign);
}
