//! How many items a client of DynamoDB reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::get_item::GetItemOutput;
use aws_sdk_dynamodb::operation::query::QueryOutput;

/// Counts the items that DynamoDB looks at for the clients that it is given to, whether they are answered or not.
#[derive(Clone, Debug, Default)]
pub struct Reads(Arc<AtomicUsize>);

impl Reads {
    /// The items since the last look.
    pub fn take(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

impl Intercept for Reads {
    fn name(&self) -> &'static str {
        "Reads"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Ok(output) = context.output_or_error() else { return Ok(()) };
        let scanned = |query: &QueryOutput| usize::try_from(query.scanned_count()).unwrap_or_default();
        let got = || usize::from(output.downcast_ref::<GetItemOutput>().is_some());
        self.0.fetch_add(output.downcast_ref().map_or_else(got, scanned), Ordering::Relaxed);
        Ok(())
    }
}
