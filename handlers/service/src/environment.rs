//! The bindings of `stack.toml`, as the deployer puts them into the environment.

use std::env::{self, VarError};

/// A binding that `stack.toml` does not give to this function, or one that is not Unicode.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the environment variable {name}: {cause}; bind it in stack.toml and deploy again")]
pub struct Unbound {
    name: String,
    cause: VarError,
}

/// The physical name of the table that is bound as `name`: `TABLE_MEMOS` for `memos`.
pub fn table(name: &str) -> Result<String, Unbound> {
    variable(&binding("TABLE", name))
}

/// The SSM path prefix of the signing key that is bound as `name`: `SIGNING_KEY_JWT` for `jwt`.
pub fn signing_key(name: &str) -> Result<String, Unbound> {
    variable(&binding("SIGNING_KEY", name))
}

/// The environment variable `name`.
pub fn variable(name: &str) -> Result<String, Unbound> {
    env::var(name).map_err(|cause| Unbound { name: name.to_owned(), cause })
}

fn binding(kind: &str, name: &str) -> String {
    format!("{kind}_{}", name.to_uppercase().replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use super::binding;

    #[test]
    fn a_binding_is_upper_case_with_underscores() {
        assert_eq!(binding("TABLE", "user-memos"), "TABLE_USER_MEMOS");
    }
}
