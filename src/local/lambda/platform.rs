//! The events of Lambda itself in a log of the format JSON, in the Telemetry API's schema.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html>

use serde::Serialize;

/// An event of the log format JSON.
#[derive(Serialize)]
pub(super) struct PlatformEvent<'a, R> {
    pub(super) time: String,
    #[serde(rename = "type")]
    pub(super) name: &'a str,
    pub(super) record: &'a R,
}

/// `platform.initStart`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InitStart {
    pub(super) initialization_type: &'static str,
    pub(super) phase: &'static str,
    pub(super) runtime_version: String,
    pub(super) runtime_version_arn: String,
}

/// `platform.start`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestStart<'a> {
    pub(super) request_id: &'a str,
    pub(super) version: &'a str,
}

/// `platform.report`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestEnd<'a> {
    pub(super) request_id: &'a str,
    pub(super) metrics: Metrics,
    pub(super) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error_type: Option<&'static str>,
}

/// `ReportMetrics`: milliseconds and megabytes.
#[derive(Serialize)]
pub(super) struct Metrics {
    #[serde(rename = "durationMs")]
    pub(super) duration: f64,
    #[serde(rename = "billedDurationMs")]
    pub(super) billed_duration: u128,
    #[serde(rename = "memorySizeMB")]
    pub(super) memory_size: u32,
    #[serde(rename = "maxMemoryUsedMB")]
    pub(super) max_memory_used: u64,
    #[serde(rename = "initDurationMs", skip_serializing_if = "Option::is_none")]
    pub(super) init_duration: Option<f64>,
}
