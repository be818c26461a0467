//! A parameter with its versions, and all parameters.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Digest as _;

use super::{Ssm, names};
use crate::call::Error;

/// Versions that are kept of a parameter.
pub(super) const VERSIONS: usize = 100;

/// A parameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Parameter {
    /// `String`, `StringList` or `SecureString`.
    pub(super) kind: String,
    pub(super) tags: BTreeMap<String, String>,
    /// The oldest first; there is one at least.
    pub(super) versions: Vec<Version>,
}

/// One version of a parameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Version {
    pub(super) number: u64,
    pub(super) value: String,
    pub(super) description: Option<String>,
    pub(super) key_id: Option<String>,
    /// `Standard` or `Advanced`.
    pub(super) tier: String,
    /// Milliseconds since the epoch.
    pub(super) modified: i64,
    /// The ARN of who put it.
    pub(super) user: String,
}

/// All parameters by name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Parameters(pub(super) BTreeMap<String, Parameter>);

impl Parameter {
    pub(super) fn latest(&self) -> Option<&Version> {
        self.versions.last()
    }
}

impl Version {
    /// Seconds since the epoch, as the JSON protocols give times.
    pub(super) fn modified(&self) -> f64 {
        std::time::Duration::from_millis(self.modified.unsigned_abs()).as_secs_f64()
    }
}

impl Parameters {
    /// The parameter and the version that a request's `Name` points to.
    pub(super) fn find<'a>(&'a self, name: &'a str) -> Result<(&'a str, &'a Parameter, &'a Version), Error> {
        let (plain, selector) = names::split(name);
        let parameter = self.0.get(plain).ok_or_else(|| missing(plain))?;
        let version = match selector {
            None => parameter.latest(),
            Some(selector) => {
                let number: Option<u64> = selector.parse().ok();
                parameter.versions.iter().find(|version| Some(version.number) == number)
            }
        };
        let version = version.ok_or_else(|| {
            let selector = selector.unwrap_or_default();
            let text = format!(
                "Systems Manager could not find version {selector} of {plain}. Verify the version and try again."
            );
            Error::new(400, "ParameterVersionNotFound", text)
        })?;
        Ok((plain, parameter, version))
    }
}

impl Ssm {
    /// A version as the Get calls answer it. Without decryption a `SecureString` shows as ciphertext.
    pub(super) fn answer(&self, name: &str, parameter: &Parameter, version: &Version, decrypt: bool) -> Value {
        let value = match parameter.kind.as_str() {
            "SecureString" if !decrypt => ciphertext(name, version),
            _ => version.value.clone(),
        };
        json!({
            "Name": name,
            "Type": parameter.kind,
            "Value": value,
            "Version": version.number,
            "LastModifiedDate": version.modified(),
            "ARN": self.arn(name),
            "DataType": "text",
        })
    }
}

pub(super) fn missing(name: &str) -> Error {
    Error::new(400, "ParameterNotFound", format!("Parameter {name} not found."))
}

/// What stands for the ciphertext of a version: the same at each read, and nothing that its value could be told from.
fn ciphertext(name: &str, version: &Version) -> String {
    let digest = sha2::Sha512::digest(format!("{name}:{}:{}", version.number, version.modified));
    format!("AQICAHh{}", STANDARD.encode(digest))
}
