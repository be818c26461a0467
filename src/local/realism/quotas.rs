//! How many calls a second AWS takes, and its words for one too many.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::{Clock, Realism};
use crate::call::Error;

/// A rate of an account and region: its name, calls a second, calls at once.
#[derive(Clone, Copy, Debug)]
struct Quota(&'static str, f64, f64);

// <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>: of regional APIs; edge-optimized ones have
// a tenth of it.
const API: Quota = Quota("CreateRestApi", 1.0 / 3.0, 1.0);
const PUT_API: Quota = Quota("PutRestApi", 1.0, 1.0);
const DELETE_API: Quota = Quota("DeleteRestApi", 1.0 / 30.0, 1.0);
const DEPLOYMENT: Quota = Quota("CreateDeployment", 1.0 / 5.0, 1.0);
const RESOURCES: Quota = Quota("GetResources", 2.5, 5.0);
const ACCOUNT: Quota = Quota("UpdateAccount", 1.0 / 20.0, 1.0);
const GATEWAY: Quota = Quota("API Gateway", 10.0, 40.0);

// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>; what is taken at once is assumed.
const FUNCTION: Quota = Quota("GetFunction", 100.0, 100.0);
const POLICY: Quota = Quota("GetPolicy", 15.0, 15.0);
const LAMBDA: Quota = Quota("Lambda", 15.0, 15.0);

// <https://docs.aws.amazon.com/general/latest/gr/ssm.html>; PutParameter's is commonly quoted, not published.
const PARAMETERS: Quota = Quota("SSM parameters", 40.0, 40.0);
const PUT_PARAMETER: Quota = Quota("PutParameter", 3.0, 3.0);

// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TagResource.html>
const TAG_TABLE: Quota = Quota("DynamoDB TagResource", 5.0, 5.0);

// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>; what is taken at once is assumed.
const CREATE_GROUP: Quota = Quota("CreateLogGroup", 10.0, 10.0);
const DELETE_GROUP: Quota = Quota("DeleteLogGroup", 10.0, 10.0);
const DESCRIBE_GROUPS: Quota = Quota("DescribeLogGroups", 10.0, 10.0);
const PUT_RETENTION: Quota = Quota("PutRetentionPolicy", 5.0, 5.0);
const DELETE_RETENTION: Quota = Quota("DeleteRetentionPolicy", 5.0, 5.0);
const GROUP_TAGS: Quota = Quota("Logs ListTagsForResource", 5.0, 5.0);
const TAG_GROUP: Quota = Quota("Logs TagResource", 5.0, 5.0);
const UNTAG_GROUP: Quota = Quota("Logs UntagResource", 5.0, 5.0);

// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html>: five requests a second of an account;
// what is taken at once is assumed. CloudFront publishes no rates.
const ROUTE53: Quota = Quota("Route 53", 5.0, 5.0);

/// What an operation draws on, all of it. IAM, STS and CloudFront publish no rates, and get none; those of CloudWatch Logs on events
/// are the data plane's.
fn of(service: &str, operation: &str) -> &'static [Quota] {
    match (service, operation) {
        ("apigateway", "CreateRestApi" | "ImportRestApi") => &[API, GATEWAY],
        ("apigateway", "PutRestApi") => &[PUT_API, GATEWAY],
        ("apigateway", "DeleteRestApi") => &[DELETE_API, GATEWAY],
        ("apigateway", "CreateDeployment") => &[DEPLOYMENT, GATEWAY],
        ("apigateway", "GetResources") => &[RESOURCES, GATEWAY],
        ("apigateway", "UpdateAccount") => &[ACCOUNT, GATEWAY],
        ("apigateway", _) => &[GATEWAY],
        ("lambda", "GetFunction") => &[FUNCTION],
        ("lambda", "GetPolicy") => &[POLICY],
        ("lambda", "Invoke" | "InvokeFunction") => &[],
        ("lambda", _) => &[LAMBDA],
        ("ssm", "PutParameter") => &[PUT_PARAMETER],
        ("ssm", _) => &[PARAMETERS],
        ("logs", "CreateLogGroup") => &[CREATE_GROUP],
        ("logs", "DeleteLogGroup") => &[DELETE_GROUP],
        ("logs", "DescribeLogGroups") => &[DESCRIBE_GROUPS],
        ("logs", "PutRetentionPolicy") => &[PUT_RETENTION],
        ("logs", "DeleteRetentionPolicy") => &[DELETE_RETENTION],
        ("logs", "ListTagsForResource") => &[GROUP_TAGS],
        ("logs", "TagResource") => &[TAG_GROUP],
        ("logs", "UntagResource") => &[UNTAG_GROUP],
        ("dynamodb", "TagResource" | "UntagResource") => &[TAG_TABLE],
        ("route53", _) => &[ROUTE53],
        _ => &[],
    }
}

/// How much earlier than its token a call may come, in seconds of the world: what is sent at even intervals does not
/// arrive at quite even ones, which a fast clock makes much of.
const JITTER: f64 = 0.01;

/// The buckets of tokens of a region.
#[derive(Debug)]
pub(crate) struct Quotas {
    clock: Clock,
    /// The tokens of each quota that was drawn on, and when they were counted.
    tokens: Mutex<HashMap<&'static str, (f64, Instant)>>,
}

impl Quotas {
    /// Those of `realism`, if it has any.
    pub(crate) fn of(realism: Realism, clock: Clock) -> Option<Self> {
        match realism {
            Realism::Off => None,
            Realism::Aws => Some(Self { clock, tokens: Mutex::default() }),
        }
    }

    /// Draws on all quotas of an operation; the service's own error, and nothing drawn, when one has no token left.
    pub(crate) fn draw(&self, service: &str, operation: &str) -> Result<(), Error> {
        self.draw_at(service, operation, Instant::now())
    }

    fn draw_at(&self, service: &str, operation: &str, now: Instant) -> Result<(), Error> {
        let quotas = of(service, operation);
        let mut all = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        for Quota(name, rate, burst) in quotas {
            let rate = rate * self.clock.speed;
            let (tokens, counted) = all.entry(name).or_insert((*burst, now));
            *tokens = (*tokens + now.saturating_duration_since(*counted).as_secs_f64() * rate).min(*burst);
            *counted = now;
            if *tokens < 1.0 - (rate * JITTER).min(0.5) {
                return Err(throttled(service));
            }
        }
        for Quota(name, ..) in quotas {
            if let Some((tokens, _)) = all.get_mut(name) {
                *tokens -= 1.0;
            }
        }
        Ok(())
    }
}

fn throttled(service: &str) -> Error {
    match service {
        "apigateway" => Error::new(429, "TooManyRequestsException", "Too Many Requests"),
        "lambda" => Error {
            members: vec![("Reason", "CallerRateLimitExceeded".into())],
            ..Error::new(429, "TooManyRequestsException", "Rate exceeded")
        },
        "route53" => Error::new(400, "Throttling", "Rate exceeded"),
        _ => Error::new(400, "ThrottlingException", "Rate exceeded"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn quotas(speed: f64) -> Quotas {
        Quotas::of(Realism::Aws, Clock { speed }).expect("AWS has quotas")
    }

    /// How many of `calls` pass that come at once.
    fn passed(quotas: &Quotas, (service, operation): (&str, &str), calls: usize, now: Instant) -> usize {
        (0..calls).filter(|_| quotas.draw_at(service, operation, now).is_ok()).count()
    }

    #[test]
    fn each_operation_has_its_own_rate() {
        let (start, later) = (Instant::now(), Duration::from_secs(10));
        for (operation, at_once, ten_seconds_later) in [
            (("apigateway", "CreateRestApi"), 1, 1),
            (("apigateway", "PutRestApi"), 1, 1),
            (("apigateway", "GetStage"), 40, 40),
            (("lambda", "GetFunction"), 100, 100),
            (("lambda", "GetPolicy"), 15, 15),
            (("lambda", "CreateFunction"), 15, 15),
            (("lambda", "Invoke"), 200, 200),
            (("ssm", "PutParameter"), 3, 3),
            (("dynamodb", "TagResource"), 5, 5),
            (("logs", "CreateLogGroup"), 10, 10),
            (("logs", "PutRetentionPolicy"), 5, 5),
            (("logs", "ListTagsForResource"), 5, 5),
            (("logs", "FilterLogEvents"), 200, 200),
            (("iam", "CreateRole"), 200, 200),
            (("route53", "GetChange"), 5, 5),
            (("cloudfront", "GetDistribution"), 200, 200),
        ] {
            let quotas = quotas(1.0);
            assert_eq!(passed(&quotas, operation, 200, start), at_once, "{operation:?}");
            assert_eq!(passed(&quotas, operation, 200, start + later), ten_seconds_later, "{operation:?} later");
        }
    }

    #[test]
    fn a_deployment_every_five_seconds_is_never_throttled_and_one_every_four_is() {
        let start = Instant::now();
        let refused = |gap: u32| {
            let quotas = quotas(1.0);
            let at = |number| start + Duration::from_secs(1) * gap * number;
            (0..10).filter(|number| quotas.draw_at("apigateway", "CreateDeployment", at(*number)).is_err()).count()
        };
        assert_eq!(refused(5), 0);
        assert!(refused(4) > 0);
    }

    #[test]
    fn lambda_counts_its_other_operations_together() {
        let (quotas, now) = (quotas(1.0), Instant::now());
        assert_eq!(passed(&quotas, ("lambda", "CreateFunction"), 10, now), 10);
        assert_eq!(passed(&quotas, ("lambda", "PublishVersion"), 10, now), 5);
    }

    #[test]
    fn a_fast_clock_has_more_tokens() {
        let (quotas, start) = (quotas(100.0), Instant::now());
        assert_eq!(passed(&quotas, ("apigateway", "CreateRestApi"), 2, start), 1);
        assert_eq!(passed(&quotas, ("apigateway", "CreateRestApi"), 2, start + Duration::from_millis(30)), 1);
    }
}
