//! Scopes: what a token may be used for (RFC 6749 section 3.3).

/// The scopes that there are.
const KNOWN: [&str; 3] = ["memos:read", "memos:write", "account"];

/// A set of known scopes, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope(Vec<&'static str>);

impl Default for Scope {
    /// All of them.
    fn default() -> Self {
        Self(KNOWN.to_vec())
    }
}

impl Scope {
    /// Reads a list separated by single spaces. The order and repetitions in `text` do not matter.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let asked: Vec<_> = text.split(' ').collect();
        if asked.iter().all(|scope| KNOWN.contains(scope)) {
            Ok(Self(KNOWN.into_iter().filter(|known| asked.contains(known)).collect()))
        } else {
            Err(format!("must be a list, separated by single spaces, of: {}", KNOWN.join(" ")))
        }
    }

    /// Whether all of `self` is in `other`.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.0.iter().all(|scope| other.0.contains(scope))
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_a_set_in_its_own_order() {
        assert_eq!(
            Scope::parse("account memos:read account").map(|scope| scope.to_string()).as_deref(),
            Ok("memos:read account")
        );
    }

    #[test]
    fn an_unknown_or_empty_scope_is_refused() {
        for text in ["", " ", "memos", "account  memos:read", "account "] {
            assert!(Scope::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_default_is_everything() {
        assert_eq!(Scope::default().to_string(), "memos:read memos:write account");
    }
}
