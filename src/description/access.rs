//! Who may call an operation, as a description and `stack.toml` both tell it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use crate::stack::Route;

/// Scopes by the name of a security scheme, all of them needed.
type Requirement = BTreeMap<String, BTreeSet<String>>;

/// The requirements of which one has to be met. None, or one that asks for nothing, is open to everybody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Access(BTreeSet<Requirement>);

impl Access {
    /// What the member `security` says (OpenAPI 3.1, section 4.8.30).
    pub(super) fn described(security: Option<&Value>) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let scopes = |value: &Value| value.as_array().into_iter().flatten().filter_map(text).collect();
        let requirement = |value: &Value| {
            let schemes = value.as_object().into_iter().flatten();
            schemes.map(|(scheme, value)| (scheme.clone(), scopes(value))).collect()
        };
        let all: BTreeSet<Requirement> =
            security.and_then(Value::as_array).into_iter().flatten().map(requirement).collect();
        if all.iter().any(BTreeMap::is_empty) { Self::open() } else { Self(all) }
    }

    /// What `route` asks for: any one of its scopes, or none in particular, to its authorizer's satisfaction;
    /// `iam` where it asks for a signature.
    pub(super) fn of(route: &Route) -> Self {
        let Some(guard) = &route.guard else { return Self::open() };
        let requirement = |scopes: BTreeSet<String>| Requirement::from([(guard.clone().into(), scopes)]);
        if route.scopes.is_empty() {
            return Self(BTreeSet::from([requirement(BTreeSet::new())]));
        }
        Self(route.scopes.iter().map(|scope| requirement(BTreeSet::from([scope.clone()]))).collect())
    }

    fn open() -> Self {
        Self(BTreeSet::new())
    }
}

impl fmt::Display for Access {
    /// As a description writes it: `[{jwt: [account]}]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scopes = |scopes: &BTreeSet<String>| scopes.iter().cloned().collect::<Vec<_>>().join(", ");
        let scheme = |(name, needed): (&String, &BTreeSet<String>)| format!("{name}: [{}]", scopes(needed));
        let requirement =
            |schemes: &Requirement| format!("{{{}}}", schemes.iter().map(scheme).collect::<Vec<_>>().join(", "));
        write!(f, "[{}]", self.0.iter().map(requirement).collect::<Vec<_>>().join(", "))
    }
}
