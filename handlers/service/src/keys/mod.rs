//! Key sets, as the deployer keeps them in SSM: `<prefix>/private` (a secure string) and `<prefix>/public` (a string).

mod cached;
mod mac;
mod parameter;

pub use cached::Cached;
pub use mac::{MacKey, MacKeys};
pub use parameter::{KeyError, KeySet, redacted};
