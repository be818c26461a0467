//! What a published version of a function pins.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::{
    ApplicationLogLevel, Architecture as SdkArchitecture, Environment, EphemeralStorage, FunctionConfiguration, LogFormat, LoggingConfig,
    Runtime, SystemLogLevel, TracingConfig, TracingMode,
};
use serde::Serialize;

use crate::scope::{self, Scope};
use crate::stack::{self, Architecture, Stack};

/// The versioned fields of a function, AWS's defaults filled in. Their digest is a version's identity: a version's
/// number says nothing of its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Content {
    /// Base64 of the zip's SHA-256.
    pub code_sha256: String,
    /// The user's own description, and behind it the inline policy that this version needs.
    pub description: String,
    /// The execution role's ARN.
    pub role: String,
    pub runtime: String,
    pub handler: String,
    pub architecture: String,
    /// MB.
    pub memory: i32,
    /// Seconds.
    pub timeout: i32,
    /// MB of `/tmp`.
    pub ephemeral_storage: i32,
    /// `Active` or `PassThrough`.
    pub tracing: String,
    pub logging: Logging,
    pub environment: BTreeMap<String, String>,
}

/// Where the function's output goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Logging {
    /// `JSON` or `Text`.
    pub format: String,
    pub group: String,
    /// What of the function's own lines is kept: `INFO` and above. Only JSON is filtered.
    pub application_level: String,
    /// The same for Lambda's own lines.
    pub system_level: String,
}

/// What a function is when nothing else is said (Lambda's API reference, `CreateFunction`).
const MEMORY: i32 = 128;
const TIMEOUT: i32 = 3;
const STORAGE: i32 = 512;
const LEVEL: &str = "INFO";

impl Content {
    /// What `[functions.NAME]` asks for, with the code `code_sha256` and the inline policy `policy`.
    pub(super) fn wanted(
        (name, function): (&str, &stack::Function),
        (stack, scope): (&Stack, &Scope),
        code_sha256: &str,
        policy: &str,
    ) -> Self {
        Self {
            code_sha256: code_sha256.to_owned(),
            description: scope::marked(&function.description, &format!("policy:{policy}")),
            role: scope.role_arn(&scope.function_role(name)),
            runtime: "provided.al2023".to_owned(),
            handler: "bootstrap".to_owned(),
            architecture: match function.architecture {
                Architecture::X86_64 => "x86_64",
                Architecture::Arm64 => "arm64",
            }
            .to_owned(),
            // The stack is checked: all of these are small.
            memory: function.memory.try_into().unwrap_or(i32::MAX),
            timeout: function.timeout.try_into().unwrap_or(i32::MAX),
            ephemeral_storage: function.ephemeral_storage.try_into().unwrap_or(i32::MAX),
            tracing: if function.tracing { "Active" } else { "PassThrough" }.to_owned(),
            logging: Logging {
                format: "JSON".to_owned(),
                group: scope.log_group(name),
                application_level: LEVEL.to_owned(),
                system_level: LEVEL.to_owned(),
            },
            environment: stack.environment(function, scope),
        }
    }

    /// What a version, or `$LATEST`, of the function `name` is.
    pub(super) fn live(name: &str, live: &FunctionConfiguration) -> Self {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let logging = live.logging_config();
        let level = |level: Option<&str>| level.unwrap_or(LEVEL).to_owned();
        let environment = live.environment().and_then(|environment| environment.variables()).cloned();
        Self {
            code_sha256: text(live.code_sha256()),
            description: text(live.description()),
            role: text(live.role()),
            runtime: text(live.runtime().map(Runtime::as_str)),
            handler: text(live.handler()),
            architecture: text(live.architectures().first().map(SdkArchitecture::as_str).or(Some("x86_64"))),
            memory: live.memory_size().unwrap_or(MEMORY),
            timeout: live.timeout().unwrap_or(TIMEOUT),
            ephemeral_storage: live.ephemeral_storage().map_or(STORAGE, EphemeralStorage::size),
            tracing: text(
                live.tracing_config().and_then(|tracing| tracing.mode()).map(TracingMode::as_str).or(Some("PassThrough")),
            ),
            logging: Logging {
                format: text(logging.and_then(LoggingConfig::log_format).map(LogFormat::as_str).or(Some("Text"))),
                group: logging
                    .and_then(LoggingConfig::log_group)
                    .map_or_else(|| format!("{}{name}", Scope::LOG_GROUPS), str::to_owned),
                application_level: level(
                    logging.and_then(LoggingConfig::application_log_level).map(ApplicationLogLevel::as_str),
                ),
                system_level: level(logging.and_then(LoggingConfig::system_log_level).map(SystemLogLevel::as_str)),
            },
            environment: environment.unwrap_or_default().into_iter().collect(),
        }
    }

    /// Whether the fields that `UpdateFunctionConfiguration` sets are as in `other`: all but the code and, which rides
    /// on it, the architecture.
    pub(super) fn same_configuration(&self, other: &Self) -> bool {
        let Self { code_sha256, architecture, .. } = other.clone();
        Self { code_sha256, architecture, ..self.clone() } == *other
    }

    pub(super) fn environment(&self) -> Environment {
        Environment::builder().set_variables(Some(self.environment.clone().into_iter().collect())).build()
    }

    pub(super) fn storage(&self) -> Option<EphemeralStorage> {
        // The size is the builder's one required member, and it is given.
        EphemeralStorage::builder().size(self.ephemeral_storage).build().ok()
    }

    pub(super) fn tracing(&self) -> TracingConfig {
        TracingConfig::builder().mode(self.tracing.as_str().into()).build()
    }

    pub(super) fn logging(&self) -> LoggingConfig {
        LoggingConfig::builder()
            .log_format(self.logging.format.as_str().into())
            .log_group(&self.logging.group)
            .application_log_level(self.logging.application_level.as_str().into())
            .system_log_level(self.logging.system_level.as_str().into())
            .build()
    }
}
