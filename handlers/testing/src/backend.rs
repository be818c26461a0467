//! DynamoDB and SSM of a local cloud that lives as long as the test.

use std::ops::RangeInclusive;
use std::time::Duration;

use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};
use aws_sdk_ssm::types::ParameterType;
use local::{Calls, Cloud, Fault, FaultKind, Faults, Options};
use service::aws::Aws;
use tempfile::TempDir;

use crate::Reads;

/// A local cloud, and its clients.
pub struct Backend {
    pub aws: Aws,
    pub dynamodb: aws_sdk_dynamodb::Client,
    ssm: aws_sdk_ssm::Client,
    cloud: Cloud,
    _dir: TempDir,
}

impl Backend {
    /// An empty one.
    pub async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let region = "eu-west-1".to_owned();
        let options = Options { ephemeral: true, ..Options::new(dir.path(), &*region) };
        let cloud = Cloud::start(options).await.unwrap();
        let aws = Aws::at(cloud.endpoint(), &region, Credentials::new("test", "test", None, None, "test"));
        let (dynamodb, ssm) = (aws.dynamodb(), aws_sdk_ssm::Client::new(&aws.configuration()));
        Self { aws, dynamodb, ssm, cloud, _dir: dir }
    }

    /// A client of DynamoDB of which `reads` tells what it reads.
    pub fn dynamodb_counted(&self, reads: &Reads) -> aws_sdk_dynamodb::Client {
        let configuration = aws_sdk_dynamodb::config::Builder::from(&self.aws.configuration());
        aws_sdk_dynamodb::Client::from_conf(configuration.interceptor(reads.clone()).build())
    }

    /// How many calls of DynamoDB there were so far.
    pub fn calls(&self) -> u64 {
        let Calls { reading, mutating, by_roles: _ } = self.cloud.calls();
        let calls = reading.into_iter().chain(mutating);
        calls.filter(|(name, _)| name.starts_with("dynamodb:")).map(|(_, count)| count).sum()
    }

    /// Has the answer to a call be lost, the `number`th from now on: the call takes effect, its client is told of a fault
    /// and tries again.
    pub fn lose_answer(&self, number: u64) {
        self.cloud.inject(Faults::at(number, FaultKind::ErrorAfter));
    }

    /// The same for all calls of those `numbers`.
    pub fn lose_answers(&self, numbers: RangeInclusive<u64>) {
        self.fail(numbers, FaultKind::ErrorAfter);
    }

    /// Has all calls of those `numbers` fail without an effect.
    pub fn refuse_calls(&self, numbers: RangeInclusive<u64>) {
        self.fail(numbers, FaultKind::ErrorBefore);
    }

    fn fail(&self, numbers: RangeInclusive<u64>, kind: FaultKind) {
        let at = numbers.map(|at| Fault { at, kind }).collect();
        self.cloud.inject(Faults { at, ..Faults::none() });
    }

    /// Has the `number`th call from now on take effect and never be answered.
    pub fn hold_answer(&self, number: u64) {
        self.cloud.inject(Faults::at(number, FaultKind::HoldAfter));
    }

    /// Has all answers from now on come `late`.
    pub fn slow_down(&self, late: Duration) {
        self.cloud.inject(Faults { slow: Some(late), ..Faults::none() });
    }

    /// Has nothing go wrong from now on.
    pub fn heal(&self) {
        self.cloud.inject(Faults::none());
    }

    /// Makes a table with the keys that `service::store` expects.
    pub async fn create_table(&self, name: &str) {
        let mut request = self.dynamodb.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
        for (name, key) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
            let string = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
            let element = KeySchemaElement::builder().attribute_name(name).key_type(key);
            request = request.attribute_definitions(string.build().unwrap()).key_schema(element.build().unwrap());
        }
        request.send().await.unwrap();
    }

    /// Stores `value` as the secure string `name`.
    pub async fn put_secret(&self, name: &str, value: &str) {
        self.put_parameter(name, value, ParameterType::SecureString).await;
    }

    /// Stores `value` as the string `name`.
    pub async fn put_string(&self, name: &str, value: &str) {
        self.put_parameter(name, value, ParameterType::String).await;
    }

    /// Deletes the parameter `name`.
    pub async fn delete_parameter(&self, name: &str) {
        self.ssm.delete_parameter().name(name).send().await.unwrap();
    }

    async fn put_parameter(&self, name: &str, value: &str, kind: ParameterType) {
        self.ssm.put_parameter().name(name).value(value).r#type(kind).overwrite(true).send().await.unwrap();
    }
}
