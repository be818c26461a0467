//! Settings of a stage's methods.

use serde::{Deserialize, Serialize};

use super::error::{bad_request, unsupported};
use super::patch::Patch;
use crate::call::Error;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "AWS's own members")]
pub(super) struct MethodSetting {
    pub(super) metrics_enabled: bool,
    pub(super) data_trace_enabled: bool,
    /// Requests; -1: no limit of the stage's own.
    pub(super) throttling_burst_limit: i32,
    /// Requests a second; -1: no limit of the stage's own.
    pub(super) throttling_rate_limit: f64,
    pub(super) caching_enabled: bool,
    pub(super) cache_ttl_in_seconds: u32,
    pub(super) cache_data_encrypted: bool,
    pub(super) require_authorization_for_cache_control: bool,
    pub(super) unauthorized_cache_control_header_strategy: String,
}

impl Default for MethodSetting {
    /// What the first change of any setting fills in for the others.
    fn default() -> Self {
        Self {
            metrics_enabled: false,
            data_trace_enabled: false,
            throttling_burst_limit: 5000,
            throttling_rate_limit: 10_000.0,
            caching_enabled: false,
            cache_ttl_in_seconds: 300,
            cache_data_encrypted: false,
            require_authorization_for_cache_control: true,
            unauthorized_cache_control_header_strategy: "SUCCEED_WITH_RESPONSE_HEADER".to_owned(),
        }
    }
}

impl MethodSetting {
    /// Changes `setting` (`throttling/rateLimit`) as `patch` says.
    pub(super) fn change(&mut self, setting: (&str, &str), patch: &Patch) -> Result<(), Error> {
        let off = matches!(patch.value.as_deref(), None | Some("false" | "OFF"));
        match setting {
            ("throttling", "rateLimit") => self.throttling_rate_limit = number(patch)?,
            ("throttling", "burstLimit") => self.throttling_burst_limit = number(patch)?,
            // Turned off is what they are; nothing local would come of turning them on.
            ("metrics", "enabled") | ("logging", "loglevel" | "dataTrace") | ("caching", _) if off => {}
            ("metrics", "enabled") => return Err(unsupported("CloudWatch metrics (metrics/enabled)")),
            ("logging", "loglevel" | "dataTrace") => {
                return Err(unsupported("execution logs (logging/loglevel, logging/dataTrace)"));
            }
            ("caching", _) => return Err(unsupported("caching of responses (caching/*)")),
            _ => return Err(bad_request(format!("Invalid method setting path: {}", patch.path))),
        }
        Ok(())
    }
}

fn number<N: std::str::FromStr + PartialOrd + From<i8>>(patch: &Patch) -> Result<N, Error> {
    let value = patch.required()?;
    // Else `inf` would be a number.
    let digits = value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-');
    value
        .parse()
        .ok()
        .filter(|_| digits)
        .filter(|number| *number >= N::from(-1))
        .ok_or_else(|| bad_request(format!("Invalid value for {}: {value}", patch.path)))
}
