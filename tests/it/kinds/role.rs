use aws_sdk_iam::types::Tag;
use memoctl::aws::Aws;
use memoctl::policy::{API_GATEWAY, LAMBDA, trust_policy};
use memoctl::resource::Kind as _;
use memoctl::resource::role::Role;
use memoctl::stack::{Function, Stack};

use super::{Sample, function, life};

life!(Role, moto shows no drift of &[]);

const BY_HAND: &str = "by-hand";
const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;

impl Sample for Role {
    const DRIFTS: &'static [&'static str] = &["trust.Statement", "policies.by-hand", "tags.memoctl:id"];

    fn first(stack: &mut Stack) {
        stack.functions.insert("memo".to_owned(), function());
    }

    fn second(stack: &mut Stack) {
        stack.functions.insert("memo".to_owned(), Function { tracing: true, ..function() });
    }

    async fn make_foreign(&self, aws: &Aws) {
        let trust = trust_policy(LAMBDA).render();
        let create = aws.iam.create_role().role_name(self.name()).assume_role_policy_document(trust);
        create.send().await.unwrap();
    }

    async fn drift(&self, field: &str, aws: &Aws) {
        match field {
            "trust.Statement" => {
                let trust = trust_policy(API_GATEWAY).render();
                let update = aws.iam.update_assume_role_policy().role_name(self.name()).policy_document(trust);
                update.send().await.unwrap();
            }
            "policies.by-hand" => {
                let put = aws.iam.put_role_policy().role_name(self.name()).policy_name(BY_HAND);
                put.policy_document(POLICY).send().await.unwrap();
            }
            "tags.memoctl:id" => {
                let tag = Tag::builder().key("memoctl:id").value("other").build().unwrap();
                aws.iam.tag_role().role_name(self.name()).tags(tag).send().await.unwrap();
            }
            other => panic!("{other}"),
        }
    }
}
