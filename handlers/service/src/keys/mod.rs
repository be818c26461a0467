//! Key sets, as the deployer keeps them in SSM: `<prefix>/private` (a secure string) and `<prefix>/public` (a string).

#[cfg(feature = "aws")]
mod cached;
mod mac;
#[cfg(feature = "aws")]
mod parameter;

#[cfg(feature = "aws")]
pub use cached::Cached;
pub use mac::{MacKey, MacKeys};
#[cfg(feature = "aws")]
pub use parameter::{KeyError, KeySet};
