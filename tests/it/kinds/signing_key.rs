use aws_sdk_ssm::types::{ParameterType, ResourceTypeForTagging, Tag};
use memoctl::aws::Aws;
use memoctl::resource::Kind as _;
use memoctl::resource::signing_key::SigningKey;
use memoctl::scope::{private_part, public_part};
use memoctl::stack::{self, Algorithm, Stack};

use super::{Sample, life};

life!(SigningKey, moto shows no drift of &[]);

impl Sample for SigningKey {
    const DRIFTS: &'static [&'static str] = &["public", "private", "tags.memoctl:id"];

    fn first(stack: &mut Stack) {
        stack.signing_keys.insert("jwt".to_owned(), stack::SigningKey { algorithm: Algorithm::EdDSA });
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
