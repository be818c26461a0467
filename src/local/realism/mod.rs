//! How far the cloud behaves as badly as AWS does, and how fast its time passes.

mod clock;
mod delays;
mod quotas;
mod recent;
mod underway;

pub(crate) use clock::Clock;
pub(crate) use delays::Delays;
pub(crate) use quotas::Quotas;
pub(crate) use recent::Recent;
pub(crate) use underway::Underway;

use std::fmt;
use std::str::FromStr;

/// How far the cloud behaves as badly as AWS does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Realism {
    /// Everything takes effect at once.
    #[default]
    Off,
    /// AWS's latencies, quotas and delays.
    Aws,
}

/// A word that names no [`Realism`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither off nor aws")]
pub struct UnknownRealism(String);

impl Realism {
    /// `off` or `aws`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Aws => "aws",
        }
    }
}

impl fmt::Display for Realism {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for Realism {
    type Err = UnknownRealism;

    fn from_str(word: &str) -> Result<Self, UnknownRealism> {
        match word {
            "off" => Ok(Self::Off),
            "aws" => Ok(Self::Aws),
            other => Err(UnknownRealism(other.to_owned())),
        }
    }
}
