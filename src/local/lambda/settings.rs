//! The settings that `CreateFunction` and `UpdateFunctionConfiguration` share: what they mean and what is wrong with them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::configuration::Content;
use super::logging::LoggingSettings;
use super::members::{Members, Violations, invalid};
use super::variables;
use crate::call::Error;

/// What an operating-system-only runtime is called; the host's operating system stands in for both.
const RUNTIMES: &[&str] = &["provided.al2023", "provided.al2"];
const MANAGED: &[&str] = &["nodejs", "python", "java", "dotnet", "ruby", "go1.x"];

/// Settings that a request gives; what it leaves out stays as it is.
#[derive(Debug, Default)]
pub(super) struct Settings {
    runtime: Option<String>,
    handler: Option<String>,
    pub(super) role: Option<String>,
    description: Option<String>,
    timeout: Option<i64>,
    memory: Option<i64>,
    environment: Option<BTreeMap<String, String>>,
    tracing: Option<String>,
    ephemeral_storage: Option<i64>,
    logging: Option<LoggingSettings>,
}

impl Settings {
    /// Takes the settings out of a request and checks them against Lambda's limits.
    pub(super) fn take(members: &mut Members) -> Result<Self, Error> {
        for name in ["VpcConfig", "DeadLetterConfig", "KMSKeyArn", "Layers", "FileSystemConfigs", "ImageConfig"] {
            members.refuse(name)?;
        }
        refuse_snap_start(members)?;
        let settings = Self {
            runtime: members.take("Runtime")?,
            handler: members.take("Handler")?,
            role: members.take("Role")?,
            description: members.take("Description")?,
            timeout: members.take("Timeout")?,
            memory: members.take("MemorySize")?,
            environment: match members.nested("Environment")? {
                Some(mut environment) => Some(environment.take("Variables")?.unwrap_or_default()),
                None => None,
            },
            tracing: nested(members, "TracingConfig", "Mode")?,
            ephemeral_storage: nested(members, "EphemeralStorage", "Size")?,
            logging: LoggingSettings::take(members)?,
        };
        settings.check()?;
        Ok(settings)
    }

    /// The runtime and handler are there: what a new function of package type Zip must have.
    pub(super) fn check_complete(&self) -> Result<(), Error> {
        match (&self.runtime, &self.handler) {
            (Some(_), Some(_)) => Ok(()),
            (None, _) | (_, None) => Err(invalid(
                "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
            )),
        }
    }

    /// Lays the settings over `content`.
    pub(super) fn apply(self, content: &mut Content) -> Result<(), Error> {
        fn set<T>(target: &mut T, given: Option<T>) {
            if let Some(given) = given {
                *target = given;
            }
        }
        fn number(given: Option<i64>) -> Option<u32> {
            given.and_then(|number| u32::try_from(number).ok())
        }
        set(&mut content.runtime, self.runtime);
        set(&mut content.handler, self.handler);
        set(&mut content.role, self.role);
        set(&mut content.description, self.description);
        set(&mut content.timeout, number(self.timeout));
        set(&mut content.memory, number(self.memory));
        set(&mut content.tracing, self.tracing);
        set(&mut content.ephemeral_storage, number(self.ephemeral_storage));
        if self.environment.is_some() {
            content.environment = self.environment;
        }
        self.logging.map_or(Ok(()), |logging| logging.apply(&mut content.logging))
    }

    fn check(&self) -> Result<(), Error> {
        let mut violations = Violations::default();
        let mut range = |value: Option<i64>, member: &str, least: i64, most: i64| {
            if let Some(value) = value {
                let under = format!("Member must have value greater than or equal to {least}");
                violations.check(value >= least, member, value, &under);
                let over = format!("Member must have value less than or equal to {most}");
                violations.check(value <= most, member, value, &over);
            }
        };
        range(self.timeout, "timeout", 1, 900);
        range(self.memory, "memorySize", 128, 10_240);
        range(self.ephemeral_storage, "ephemeralStorage.size", 512, 10_240);
        if let Some(handler) = &self.handler {
            let long = "Member must have length less than or equal to 128";
            violations.check(handler.len() <= 128, "handler", handler, long);
            let pattern = r"Member must satisfy regular expression pattern: [^\s]+";
            let blank = handler.is_empty() || handler.contains(char::is_whitespace);
            violations.check(!blank, "handler", handler, pattern);
        }
        if let Some(description) = &self.description {
            let long = "Member must have length less than or equal to 256";
            violations.check(description.chars().count() <= 256, "description", description, long);
        }
        if let Some(role) = &self.role {
            let pattern = r"Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+";
            violations.check(is_role(role), "role", role, pattern);
        }
        if let Some(mode) = &self.tracing {
            let modes = "Member must satisfy enum value set: [Active, PassThrough]";
            violations.check(matches!(mode.as_str(), "Active" | "PassThrough"), "tracingConfig.mode", mode, modes);
        }
        if let Some(variables) = &self.environment {
            variables::check_names(variables, &mut violations);
        }
        violations.finish()?;
        self.runtime.as_deref().map_or(Ok(()), check_runtime)?;
        self.environment.as_ref().map_or(Ok(()), variables::check)
    }
}

/// `Architectures`: one of two.
pub(super) fn architecture(members: &mut Members) -> Result<Option<String>, Error> {
    let Some(architectures) = members.take::<Vec<String>>("Architectures")? else {
        return Ok(None);
    };
    let shown = format!("[{}]", architectures.join(", "));
    let mut violations = Violations::default();
    let long = "Member must have length less than or equal to 1";
    violations.check(architectures.len() < 2, "architectures", &shown, long);
    let short = "Member must have length greater than or equal to 1";
    violations.check(!architectures.is_empty(), "architectures", &shown, short);
    let known = architectures.iter().all(|architecture| matches!(architecture.as_str(), "x86_64" | "arm64"));
    let set = "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]";
    violations.check(known, "architectures", &shown, set);
    violations.finish()?;
    Ok(architectures.into_iter().next())
}

fn nested<T: serde::de::DeserializeOwned>(members: &mut Members, outer: &str, inner: &str) -> Result<Option<T>, Error> {
    let Some(mut structure) = members.nested(outer)? else {
        return Ok(None);
    };
    let value = structure.take(inner)?;
    structure.finish()?;
    Ok(value)
}

fn refuse_snap_start(members: &mut Members) -> Result<(), Error> {
    match members.take::<Value>("SnapStart")? {
        Some(Value::Object(wish)) if wish.get("ApplyOn").is_some_and(|on| on != "None") => {
            Err(Error::not_implemented("SnapStart"))
        }
        Some(_) | None => Ok(()),
    }
}

fn check_runtime(runtime: &str) -> Result<(), Error> {
    if RUNTIMES.contains(&runtime) {
        return Ok(());
    }
    if MANAGED.iter().any(|managed| runtime.starts_with(managed)) {
        let what = format!("the runtime {runtime}: it runs {} only", RUNTIMES.join(" and "));
        return Err(Error::not_implemented(&what));
    }
    Err(invalid(format!(
        "Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{}] or be a valid ARN",
        RUNTIMES.join(", ")
    )))
}

fn is_role(arn: &str) -> bool {
    let Some((account, path)) = arn.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(":role/")) else {
        return false;
    };
    account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && !path.is_empty()
        && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@-_/".contains(&byte))
}
