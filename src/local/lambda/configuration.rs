//! One version's configuration, and its lifecycle.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::id;
use crate::wire::request_id as uuid;

/// What a version is made of: everything that `PublishVersion` takes a snapshot of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) code_sha256: String,
    /// Of the zip, in bytes.
    pub(super) code_size: u64,
    pub(super) runtime: String,
    pub(super) handler: String,
    pub(super) role: String,
    pub(super) description: String,
    /// Seconds.
    pub(super) timeout: u32,
    /// MB.
    pub(super) memory: u32,
    /// `None` until a call sets it.
    pub(super) environment: Option<BTreeMap<String, String>>,
    pub(super) tracing: String,
    pub(super) architecture: String,
    /// MB of `/tmp`.
    pub(super) ephemeral_storage: u32,
    pub(super) logging: Logging,
}

/// `LoggingConfig`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Logging {
    pub(super) format: LogFormat,
    pub(super) group: String,
    /// `TRACE` to `FATAL`, with the format JSON only.
    pub(super) application_level: Option<String>,
    /// `DEBUG`, `INFO` or `WARN`, with the format JSON only.
    pub(super) system_level: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum LogFormat {
    Text,
    #[serde(rename = "JSON")]
    Json,
}

/// `State` of a version; the local cloud makes no other of AWS's states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Lifecycle {
    Pending,
    Active,
}

/// `LastUpdateStatus`, absent until the version is active.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Update {
    InProgress,
    Successful,
}

/// `$LATEST` or a published version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Configuration {
    /// `$LATEST`, or a number.
    pub(super) version: String,
    /// Tells one set of execution environments from the next: new with each change of code or configuration.
    pub(super) generation: String,
    pub(super) content: Content,
    pub(super) last_modified: String,
    pub(super) revision_id: String,
    pub(super) lifecycle: Lifecycle,
    pub(super) update: Option<Update>,
}

impl Configuration {
    /// A version that is being created.
    pub(super) fn pending(version: &str, content: Content) -> Self {
        Self {
            version: version.to_owned(),
            generation: uuid(),
            content,
            last_modified: id::last_modified(),
            revision_id: uuid(),
            lifecycle: Lifecycle::Pending,
            update: None,
        }
    }

    /// The same version with another content, being updated.
    pub(super) fn updated(&self, content: Content) -> Self {
        Self { update: Some(Update::InProgress), lifecycle: Lifecycle::Active, ..Self::pending(&self.version, content) }
    }

    /// Completes what is pending or in progress, which changes the revision as AWS does.
    pub(super) fn settle(&mut self) {
        if !self.settled() {
            self.lifecycle = Lifecycle::Active;
            self.update = Some(Update::Successful);
            self.revision_id = uuid();
        }
    }

    /// Whether nothing is pending or in progress.
    pub(super) fn settled(&self) -> bool {
        self.lifecycle == Lifecycle::Active && self.update != Some(Update::InProgress)
    }

    /// `FunctionConfiguration` as Get, Create, Update and Publish answer it, for the ARN it was asked by.
    pub(super) fn describe(&self, name: &str, arn: &str, region: &str) -> Value {
        let mut description = self.summarize(name, arn);
        description["RuntimeVersionConfig"] = json!({ "RuntimeVersionArn": runtime_version_arn(region) });
        description["State"] = json!(self.lifecycle);
        if self.lifecycle == Lifecycle::Pending {
            description["StateReason"] = json!("The function is being created.");
            description["StateReasonCode"] = json!("Creating");
        }
        if let Some(update) = self.update {
            description["LastUpdateStatus"] = json!(update);
            if update == Update::InProgress {
                description["LastUpdateStatusReason"] = json!("The function is being created.");
                description["LastUpdateStatusReasonCode"] = json!("Creating");
            }
        }
        description
    }

    /// `FunctionConfiguration` as the lists have it: without states.
    pub(super) fn summarize(&self, name: &str, arn: &str) -> Value {
        let content = &self.content;
        let mut summary = json!({
            "FunctionName": name,
            "FunctionArn": arn,
            "Runtime": content.runtime,
            "Role": content.role,
            "Handler": content.handler,
            "CodeSize": content.code_size,
            "CodeSha256": content.code_sha256,
            "Description": content.description,
            "Timeout": content.timeout,
            "MemorySize": content.memory,
            "LastModified": self.last_modified,
            "Version": self.version,
            "TracingConfig": { "Mode": content.tracing },
            "RevisionId": self.revision_id,
            "PackageType": "Zip",
            "Architectures": [content.architecture],
            "EphemeralStorage": { "Size": content.ephemeral_storage },
            "SnapStart": { "ApplyOn": "None", "OptimizationStatus": "Off" },
            "LoggingConfig": content.logging.describe(),
        });
        if let Some(variables) = &content.environment {
            summary["Environment"] = json!({ "Variables": variables });
        }
        summary
    }
}

impl Logging {
    /// AWS's defaults.
    pub(super) fn of(function: &str) -> Self {
        Self {
            format: LogFormat::Text,
            group: format!("/aws/lambda/{function}"),
            application_level: None,
            system_level: None,
        }
    }

    fn describe(&self) -> Value {
        let mut description = json!({ "LogFormat": self.format, "LogGroup": self.group });
        if let (Some(application), Some(system)) = (&self.application_level, &self.system_level) {
            description["ApplicationLogLevel"] = json!(application);
            description["SystemLogLevel"] = json!(system);
        }
        description
    }
}

/// The host's operating system is the runtime, whatever its version: the ARN only has AWS's form.
pub(super) fn runtime_version_arn(region: &str) -> String {
    format!("arn:aws:lambda:{region}::runtime:{}", "0".repeat(64))
}
