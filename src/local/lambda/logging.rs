//! `LoggingConfig` as requests give it.

use super::configuration::{LogFormat, Logging};
use super::members::{Members, Violations, invalid};
use crate::call::Error;

/// What a request says of the log; what it leaves out stays as it is.
#[derive(Debug)]
pub(super) struct LoggingSettings {
    format: Option<LogFormat>,
    group: Option<String>,
    application_level: Option<String>,
    system_level: Option<String>,
}

impl LoggingSettings {
    /// Takes `LoggingConfig` out of a request and checks it.
    pub(super) fn take(members: &mut Members) -> Result<Option<Self>, Error> {
        let Some(mut logging) = members.nested("LoggingConfig")? else {
            return Ok(None);
        };
        let settings = Self {
            format: logging.take("LogFormat")?,
            group: logging.take("LogGroup")?,
            application_level: logging.take("ApplicationLogLevel")?,
            system_level: logging.take("SystemLogLevel")?,
        };
        logging.finish()?;
        let mut violations = Violations::default();
        let application = settings.application_level.as_deref().unwrap_or("INFO");
        let levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
        let set = "Member must satisfy enum value set: [TRACE, DEBUG, INFO, WARN, ERROR, FATAL]";
        violations.check(levels.contains(&application), "loggingConfig.applicationLogLevel", application, set);
        let system = settings.system_level.as_deref().unwrap_or("INFO");
        let set = "Member must satisfy enum value set: [DEBUG, INFO, WARN]";
        violations.check(["DEBUG", "INFO", "WARN"].contains(&system), "loggingConfig.systemLogLevel", system, set);
        violations.finish().map(|()| Some(settings))
    }

    /// Levels go with the format JSON alone, and default to INFO there.
    pub(super) fn apply(self, logging: &mut Logging) -> Result<(), Error> {
        if let Some(format) = self.format {
            logging.format = format;
        }
        if let Some(group) = self.group {
            logging.group = group;
        }
        match logging.format {
            LogFormat::Json => {
                let keep = |given: Option<String>, old: &mut Option<String>| {
                    given.or_else(|| old.take()).or_else(|| Some("INFO".to_owned()))
                };
                logging.application_level = keep(self.application_level, &mut logging.application_level);
                logging.system_level = keep(self.system_level, &mut logging.system_level);
            }
            LogFormat::Text if self.application_level.is_some() || self.system_level.is_some() => {
                return Err(invalid(
                    "LogLevel is not supported if LogFormat is set to Text. \
                     Remove LogLevel from your request or change the LogFormat to JSON and try again.",
                ));
            }
            LogFormat::Text => {
                logging.application_level = None;
                logging.system_level = None;
            }
        }
        Ok(())
    }
}
