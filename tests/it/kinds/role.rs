use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types::Tag;
use memoctl::aws::Aws;
use memoctl::digest::Digest;
use memoctl::history::{Author, Kept, Record};
use memoctl::package::Artifacts;
use memoctl::policy::{API_GATEWAY, LAMBDA, trust_policy};
use memoctl::resource::role::Role;
use memoctl::resource::{Blueprint, Kind as _, Resource};
use memoctl::stack::{Function, Stack};

use super::{Sample, function, life, versions};
use crate::cloud::empty_stack;

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

/// The role as wanted when `live` is there and another release names its policies `kept`.
fn beside(live: &Role, kept: &[&str], aws: &Aws) -> Role {
    let mut stack = empty_stack();
    Role::second(&mut stack);
    let policies = kept.iter().map(|&policy| policy.to_owned()).collect();
    let record = Record {
        authorizers: None,
        variables: None,
        api: Digest::of(&"api"),
        before: None,
        at: "2026-11-20T06:00:00Z".to_owned(),
        author: Author::default(),
        functions: BTreeMap::new(),
        policies: [(live.name.clone(), policies)].into(),
        uses: Some(BTreeSet::new()),
        page: None,
        assets: BTreeSet::new(),
    };
    let resource = Resource::Role(live.clone());
    let blueprint = Blueprint {
        stack: &stack,
        scope: &aws.scope,
        artifacts: &Artifacts::default(),
        live: &[(live.id(), resource)].into(),
        kept: &Kept::Releases(vec![record]),
    };
    Role::desired(&blueprint).remove(0)
}

#[tokio::test]
async fn a_policy_that_a_kept_release_names_stays_wanted() {
    let cloud = TestCloud::local().await;
    let (old, new) = versions::<Role>(&cloud.aws);
    let policy = old.policies.keys().next().unwrap();
    assert_eq!(beside(&old, &[], &cloud.aws), new);
    assert_eq!(beside(&old, &[policy], &cloud.aws), new.meanwhile(&old));
}

#[tokio::test]
async fn a_policy_that_was_changed_under_its_name_does_not_stay() {
    let cloud = TestCloud::local().await;
    let (mut old, new) = versions::<Role>(&cloud.aws);
    let other = new.policies.values().next().unwrap().clone();
    let name = old.policies.keys().next().unwrap().clone();
    old.policies.insert(name.clone(), other);
    assert_eq!(beside(&old, &[&name], &cloud.aws), new);
}
