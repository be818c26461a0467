//! What a published version of a function pins.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::{
    ApplicationLogLevel, Architecture as SdkArchitecture, Environment, EphemeralStorage, FunctionConfiguration, LogFormat, LoggingConfig,
    Runtime, SystemLogLevel, TracingConfig, TracingMode,
};
use serde::{Serialize, Serializer};

use super::id;
use crate::aws::{Directory, Error};
use crate::digest::Digest;
use crate::scope::{self, FUNCTION_VARIABLES, Scope};
use crate::stack::{self, Architecture};

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
    pub environment: BTreeMap<String, Variable>,
}

/// What a variable of a function's environment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable {
    Text(String),
    /// The published version of another function that has this content, whose number AWS makes up: `memo-prod-memo:7`.
    ///
    /// A version, and not the function's name or an alias, so that what a release serves calls what it was released with:
    /// a new version of the other function is seen by nobody before its own release, and a rollback takes both back. It
    /// costs that the other one is published first, and that a change of it is a new version of this one too.
    Version { function: String, digest: Digest },
}

impl std::fmt::Display for Variable {
    /// A version as targets of the API show it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Version { function, digest } => write!(f, "{function}@{digest}"),
        }
    }
}

impl Serialize for Variable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
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
    /// What `[functions.NAME]` asks for, with the code `code_sha256` and the inline policy `policy`, where the functions
    /// that it may invoke are to be as `others` says by their names in `stack.toml`.
    pub(super) fn wanted(
        (name, function): (&str, &stack::Function),
        scope: &Scope,
        (code_sha256, policy): (&str, &str),
        others: &BTreeMap<&str, Self>,
    ) -> Self {
        let texts = function.environment(scope).into_iter().map(|(name, text)| (name, Variable::Text(text)));
        // The stack is checked: each of them is there, and comes before this one.
        let bound = function.functions.keys().filter_map(|other| {
            let digest = Digest::of(others.get(other.as_str())?);
            Some((scope::function_variable(other), Variable::Version { function: scope.function(other), digest }))
        });
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
            environment: texts.chain(bound).collect(),
        }
    }

    /// What a version, or `$LATEST`, of the function `name` is, with the versions that it names by their numbers.
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
            environment: environment.into_iter().flatten().map(|(name, text)| (name, Variable::Text(text))).collect(),
        }
    }

    /// The same, with the versions that bindings name by what they are, where `digest` knows it.
    pub(super) fn resolved(mut self, mut digest: impl FnMut(&str, u64) -> Option<Digest>) -> Self {
        let bindings = self.environment.iter_mut().filter(|(name, _)| name.starts_with(FUNCTION_VARIABLES));
        for (_, variable) in bindings {
            let Variable::Text(text) = &*variable else { continue };
            let Some((function, number)) = text.split_once(':') else { continue };
            if let Some(digest) = number.parse().ok().and_then(|number| digest(function, number)) {
                *variable = Variable::Version { function: function.to_owned(), digest };
            }
        }
        self
    }

    /// Holds the versions that it names for mere text.
    pub(super) fn unbind(&mut self) {
        for variable in self.environment.values_mut() {
            *variable = Variable::Text(variable.to_string());
        }
    }

    /// The physical names of the functions that it may invoke.
    pub(super) fn invoked(&self) -> impl Iterator<Item = &str> {
        self.environment.values().filter_map(|variable| match variable {
            Variable::Version { function, .. } => Some(function.as_str()),
            Variable::Text(_) => None,
        })
    }

    /// Whether the fields that `UpdateFunctionConfiguration` sets are as in `other`: all but the code and, which rides
    /// on it, the architecture.
    pub(super) fn same_configuration(&self, other: &Self) -> bool {
        let Self { code_sha256, architecture, .. } = other.clone();
        Self { code_sha256, architecture, ..self.clone() } == *other
    }

    /// The environment of the function `name`, with the versions that `directory` knows by their numbers.
    pub(super) fn environment(&self, name: &str, directory: &Directory) -> Result<Environment, Error> {
        let text = |variable: &Variable| match variable {
            Variable::Text(text) => Ok(text.clone()),
            Variable::Version { function, digest } => match directory.version(function, digest) {
                Some(number) => Ok(format!("{function}:{number}")),
                None => Err(Error::refused("bind", &id(name), format!("{} has no version {digest}", id(function)))
                    .hint("run the same command again")),
            },
        };
        let variables = self.environment.iter().map(|(name, variable)| Ok((name.clone(), text(variable)?)));
        Ok(Environment::builder().set_variables(Some(variables.collect::<Result<_, Error>>()?)).build())
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
