//! The Lambda function behind an integration or an authorizer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::model::Strings;
use super::{ApiGateway, PRINCIPAL};
use crate::call::Caller;
use crate::lambda::Invocation;

/// How long a grant that was found is taken as still there. On AWS a change of a policy takes seconds to be seen.
const GRANTED: Duration = Duration::from_secs(1);

/// A function, and the right to invoke it.
#[derive(Debug)]
pub(super) struct Backend {
    function: String,
    /// The role to invoke with; without one the function's resource policy decides.
    credentials: Option<String>,
    start: Instant,
    /// Milliseconds from `start` until which the grant need not be looked up.
    granted_until: AtomicU64,
}

/// The largest payload of an invocation, in bytes.
const LARGEST: usize = 6_291_456;

/// Why a function did not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The event is larger than Lambda takes.
    TooLarge,
    /// API Gateway may not invoke the function.
    Forbidden,
    /// Lambda refused the invocation, for a reason that clients are not told.
    Failed,
}

/// The ARN of the function in an invocation URI, such as
/// `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f:7/invocations`.
pub(super) fn function_arn(uri: &str) -> Result<&str, String> {
    let path = uri.strip_prefix("arn:aws:apigateway:").and_then(|rest| rest.split_once(':')).map(|(_, rest)| rest);
    let path = path.ok_or_else(|| format!("{uri:?} is no ARN of a Lambda invocation"))?;
    let function = path.strip_prefix("lambda:path").map(|path| path.trim_start_matches('/'));
    let Some(function) = function else {
        return Err(format!("the local cloud does not implement integrations with {path:?}, only with Lambda"));
    };
    function
        .strip_prefix("2015-03-31/functions/")
        .and_then(|path| path.strip_suffix("/invocations"))
        .filter(|function| function.starts_with("arn:aws:lambda:"))
        .ok_or_else(|| format!("{uri:?} names no function as lambda:path/2015-03-31/functions/<ARN>/invocations"))
}

impl Backend {
    /// The function of an invocation URI, in which stage variables (`${stageVariables.name}`) are replaced.
    pub(super) fn new(uri: &str, credentials: Option<&str>, variables: &Strings) -> Self {
        let fill = |text: &str| {
            variables.iter().fold(text.to_owned(), |text, (name, value)| {
                text.replace(&format!("${{stageVariables.{name}}}"), value)
            })
        };
        Self {
            function: fill(function_arn(uri).unwrap_or_default()),
            credentials: credentials.map(fill),
            start: Instant::now(),
            granted_until: AtomicU64::new(0),
        }
    }

    /// Invokes the function and waits for its answer. `source_arn` is what API Gateway invokes it for.
    pub(super) async fn invoke(
        &self,
        gateway: &ApiGateway,
        payload: Bytes,
        source_arn: impl FnOnce() -> String,
    ) -> Result<Invocation, Refusal> {
        if payload.len() > LARGEST {
            return Err(Refusal::TooLarge);
        }
        if !self.is_granted(gateway, source_arn) {
            return Err(Refusal::Forbidden);
        }
        gateway.lambda.invoke(&self.function, payload).await.map_err(|_| Refusal::Failed)
    }

    fn is_granted(&self, gateway: &ApiGateway, source_arn: impl FnOnce() -> String) -> bool {
        let now = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        if now < self.granted_until.load(Ordering::Relaxed) {
            return true;
        }
        let granted = match &self.credentials {
            Some(role) => {
                let session = "BackplaneAssumeRoleSession";
                let caller = Caller::Role { role_arn: role.clone(), session: session.to_owned() };
                gateway.iam.trusts(role, PRINCIPAL)
                    && gateway.iam.authorize(&caller, "lambda:InvokeFunction", &self.function).is_ok()
            }
            None => gateway.lambda.permits(&self.function, PRINCIPAL, &source_arn()),
        };
        if granted {
            let grace = u64::try_from(GRANTED.as_millis()).unwrap_or_default();
            self.granted_until.store(now + grace, Ordering::Relaxed);
        }
        granted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_function_of_an_invocation_uri_keeps_its_qualifier() {
        let uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f:7/invocations";
        assert_eq!(function_arn(uri), Ok("arn:aws:lambda:us-east-1:000000000000:function:f:7"));
    }

    #[test]
    fn a_uri_of_another_service_is_refused_by_name() {
        let error = function_arn("arn:aws:apigateway:us-east-1:sqs:path/000000000000/queue").unwrap_err();
        assert!(error.contains("sqs:path"), "{error}");
    }

    #[test]
    fn stage_variables_are_replaced_in_the_uri() {
        let uri = "arn:aws:apigateway:r:lambda:path/2015-03-31/functions/arn:aws:lambda:r:0:function:f:${stageVariables.v}/invocations";
        let backend = Backend::new(uri, None, &Strings::from([("v".to_owned(), "live".to_owned())]));
        assert_eq!(backend.function, "arn:aws:lambda:r:0:function:f:live");
    }
}
