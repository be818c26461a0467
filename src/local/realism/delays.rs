//! How long things take on AWS: one table. AWS publishes few of these figures; each names where it comes from.

use std::time::Duration;

use super::{Clock, Realism};

/// How long things take, by the clock of the world. All is zero where everything takes effect at once.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Delays {
    /// A call of a control plane, from its arrival to its answer.
    pub(crate) call: Duration,
    /// A call on items of a table.
    pub(crate) items: Duration,
    /// A call on buckets and objects.
    pub(crate) objects: Duration,
    /// From a change of a role to its effect: the shortest and the longest.
    pub(crate) role: (Duration, Duration),
    /// From a change of a function to `Active` or `Successful`.
    pub(crate) function: Duration,
    /// How long a change of an API keeps other changes of it out.
    pub(crate) api: Duration,
    /// From a change of a stage to the moment from which all requests see it.
    pub(crate) stage: Duration,
    /// How long a new table is `CREATING`.
    pub(crate) table: Duration,
    /// How long descriptions do not find a new table.
    pub(crate) table_sight: Duration,
    /// How long a table is `UPDATING` or `DELETING`.
    pub(crate) table_change: Duration,
    /// How long a new table's backups cannot be changed.
    pub(crate) backups: Duration,
    /// How long a table's time to live cannot be changed again.
    pub(crate) ttl: Duration,
    /// From a line of a function's log to its delivery.
    pub(crate) log: Duration,
    /// From a change of a distribution to the moment from which the edges serve it.
    pub(crate) distribution: Duration,
    /// How long an invalidation is in progress.
    pub(crate) invalidation: Duration,
    /// How long a function is being published.
    pub(crate) publication: Duration,
    /// From a change of a hosted zone to the moment from which all name servers know it.
    pub(crate) zone: Duration,
    /// How long lists lack what was made.
    pub(crate) listing: Duration,
}

/// AWS's.
const AWS: Delays = Delays {
    // Assumed: the distance to a region, and the few milliseconds of the service.
    call: Duration::from_millis(50),
    // "Single-digit milliseconds": <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Introduction.html>
    items: Duration::from_millis(5),
    // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html>: 100 to 200 ms, less for small
    // objects; assumed.
    objects: Duration::from_millis(30),
    // Measured by other deployers: 7 to 12 s until Lambda can assume a new role.
    // <https://github.com/boto/boto3/issues/1466>
    role: (Duration::from_secs(7), Duration::from_secs(12)),
    // "Seconds", without a VPC: <https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html>
    function: Duration::from_secs(2),
    // Assumed: the conflict is documented, its duration is not.
    // <https://docs.aws.amazon.com/apigateway/latest/api/API_PutRestApi.html>
    api: Duration::from_millis(500),
    // <https://github.com/hashicorp/terraform/issues/17604> needed 5 s; others poll for up to 20 s.
    stage: Duration::from_secs(5),
    // Seconds; a waiter polls every 20 s. Assumed.
    // <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html>
    table: Duration::from_secs(6),
    // "DynamoDB might return a ResourceNotFoundException" just after CreateTable; how long is not published. Assumed.
    // <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html>
    table_sight: Duration::from_millis(500),
    table_change: Duration::from_secs(3),
    // "Backups are being enabled" for some time after `CreateTable`. Assumed.
    // <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContinuousBackups.html>
    backups: Duration::from_secs(15),
    // <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html>: one hour.
    ttl: Duration::from_hours(1),
    // Logs come seconds late, also after a delete of their group.
    // <https://github.com/aws/serverless-application-model/issues/1216>
    log: Duration::from_secs(3),
    // "Usually ... within 5 minutes": of the time in which 90 % of all changes have arrived.
    // <https://aws.amazon.com/blogs/networking-and-content-delivery/slashing-cloudfront-change-propagation-times-in-2020-recent-changes-and-looking-forward/>
    distribution: Duration::from_mins(5),
    // "Within a few seconds" it is at all edges: assumed.
    // <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Invalidation.html>
    invalidation: Duration::from_secs(10),
    // "Within a few seconds", as CloudFront says of functions: assumed.
    // <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-functions.html>
    publication: Duration::from_secs(5),
    // "Generally ... within 60 seconds": <https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html>
    zone: Duration::from_mins(1),
    // Lists are eventually consistent; how long is not published. Assumed.
    listing: Duration::from_secs(2),
};

impl Delays {
    /// Those of `realism`, on `clock`.
    pub(crate) fn of(realism: Realism, clock: Clock) -> Self {
        match realism {
            Realism::Off => Self::default(),
            Realism::Aws => AWS.on(clock),
        }
    }

    fn on(self, clock: Clock) -> Self {
        Self {
            call: clock.real(self.call),
            items: clock.real(self.items),
            objects: clock.real(self.objects),
            role: (clock.real(self.role.0), clock.real(self.role.1)),
            function: clock.real(self.function),
            api: clock.real(self.api),
            stage: clock.real(self.stage),
            table: clock.real(self.table),
            table_sight: clock.real(self.table_sight),
            table_change: clock.real(self.table_change),
            backups: clock.real(self.backups),
            ttl: clock.real(self.ttl),
            log: clock.real(self.log),
            distribution: clock.real(self.distribution),
            invalidation: clock.real(self.invalidation),
            publication: clock.real(self.publication),
            zone: clock.real(self.zone),
            listing: clock.real(self.listing),
        }
    }

    /// How long a call takes: that of `service` to `path`, or with `target` as its `X-Amz-Target`. Invocations take what
    /// the function takes.
    pub(crate) fn of_call(&self, service: &str, path: &str, target: Option<&str>) -> Duration {
        let operation = target.and_then(|target| target.rsplit('.').next()).unwrap_or_default();
        match service {
            "s3" => self.objects,
            "lambda" if path.ends_with("/invocations") => Duration::ZERO,
            "dynamodb" if operation.contains("Item") || matches!(operation, "Query" | "Scan") => self.items,
            _ => self.call,
        }
    }
}
