//! The only place where physical names, ARNs, paths and owner tags are made, and read back.
//!
//! What makes a name takes the name in `stack.toml` and gives the physical one; what makes an ARN takes physical names
//! and ids. A name or a prefix nominates a thing as ours; only its tags ([`Scope::owns`]) decide.

mod arn;
mod name;
mod tag;
#[cfg(test)]
mod tests;

pub use arn::{FunctionRef, SYMBOLIC_API, SYMBOLIC_EDGE_KEY, SYMBOLIC_SITE};
pub use name::{
    FUNCTION_VARIABLES, GATEWAY, KEYS_GENERATION, LogicalName, SERVICE_VARIABLES, SITE, function_variable,
    private_part, public_part, service_variable, signing_key_variable, table_variable,
};
pub use tag::{Tags, marked, unmarked};

/// Whose resources these are, and where: one stack's one stage in one account and region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    pub stack: String,
    pub stage: String,
    /// `aws`, `aws-cn`, `aws-us-gov`
    pub partition: String,
    pub account: String,
    pub region: String,
    /// Where deployed APIs answer: `None` on AWS, the base of the local cloud (`http://127.0.0.1:4567`) else.
    pub local: Option<String>,
    /// The bucket for release records, the lease and large zips, where `stack.toml` overrides its name.
    pub bucket: Option<String>,
}

#[cfg(test)]
impl Scope {
    /// The stack `memo` in its stage `prod`, for tests.
    pub(crate) fn example() -> Self {
        Self {
            stack: "memo".to_owned(),
            stage: "prod".to_owned(),
            partition: "aws".to_owned(),
            account: "123456789012".to_owned(),
            region: "ap-northeast-2".to_owned(),
            local: None,
            bucket: None,
        }
    }
}
