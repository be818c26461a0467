use memoctl::aws::Aws;
use memoctl::resource::Kind as _;
use memoctl::resource::log_group::LogGroup;
use memoctl::stack::{Function, Stack};

use super::{Sample, function, life};

life!(LogGroup, moto shows no drift of &[]);

impl Sample for LogGroup {
    const DRIFTS: &'static [&'static str] = &["retention", "tags.memoctl:id"];

    fn first(stack: &mut Stack) {
        stack.functions.insert("memo".to_owned(), function());
    }

    fn second(stack: &mut Stack) {
        stack.functions.insert("memo".to_owned(), Function { log_retention: 7, ..function() });
    }

    async fn make_foreign(&self, aws: &Aws) {
        aws.logs.create_log_group().log_group_name(self.name()).send().await.unwrap();
    }

    async fn drift(&self, field: &str, aws: &Aws) {
        match field {
            "retention" => {
                aws.logs.delete_retention_policy().log_group_name(self.name()).send().await.unwrap();
            }
            "tags.memoctl:id" => {
                let arn = aws.scope.log_group_arn(self.name());
                aws.logs.tag_resource().resource_arn(arn).tags("memoctl:id", "other").send().await.unwrap();
            }
            other => panic!("{other}"),
        }
    }
}
