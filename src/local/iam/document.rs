//! Policy documents: reading, checking and evaluating them.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

mod statement;

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{Asker, Principal};
use crate::call::Error;
use statement::{Kind, RawStatement, Statement};

/// A policy that was read and checked.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    statements: Vec<Statement>,
}

/// What is asked of a policy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question<'a> {
    pub(super) action: &'a str,
    pub(super) resource: &'a str,
    /// The ARN of the role whose session asks.
    pub(super) principal_arn: &'a str,
}

/// What a policy says to a question; of several policies the greatest holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    #[default]
    Silent,
    Allow,
    Deny,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Document {
    version: Option<String>,
    #[expect(dead_code, reason = "an Id has no meaning but is allowed")]
    id: Option<String>,
    statement: OneOrMany<RawStatement>,
}

/// JSON policies may give a list of one as the thing itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    pub(super) fn into_vec(self) -> Vec<T> {
        match self {
            Self::One(item) => vec![item],
            Self::Many(items) => items,
        }
    }
}

impl Policy {
    /// Reads a policy of a role: which actions on which resources.
    pub(super) fn identity(document: &str) -> Result<Self, Error> {
        Self::read(document, Kind::Identity)
    }

    /// Reads a trust policy: who may assume the role.
    pub(super) fn trust(document: &str) -> Result<Self, Error> {
        Self::read(document, Kind::Trust)
    }

    /// Whether the trust policy `document` lets `principal` assume its role.
    pub(super) fn trusts(document: &str, principal: Principal<'_>) -> bool {
        Self::trust(document).is_ok_and(|policy| {
            let verdicts = policy.statements.iter().map(|statement| statement.trusts(principal));
            verdicts.max() == Some(Verdict::Allow)
        })
    }

    /// What the policy says to `question`.
    pub(super) fn verdict(&self, question: &Question<'_>) -> Verdict {
        self.statements.iter().map(|statement| statement.verdict(question)).max().unwrap_or_default()
    }

    /// Reads a policy of a resource: who may do what to it, or to what it holds.
    pub(super) fn resource(document: &str) -> Result<Self, Error> {
        Self::read(document, Kind::Resource)
    }

    /// What a resource's policy says to `asker`'s doing `action` on `resource`.
    pub(super) fn answer(&self, asker: &Asker<'_>, action: &str, resource: &str) -> Verdict {
        let verdicts = self.statements.iter().map(|statement| statement.answers(asker, action, resource));
        verdicts.max().unwrap_or_default()
    }

    /// Whether the policy lets everybody in.
    pub(super) fn is_public(&self) -> bool {
        self.statements.iter().any(Statement::is_public)
    }

    /// The patterns of all resources that the policy speaks of.
    pub(super) fn resources(&self) -> impl Iterator<Item = &str> {
        self.statements.iter().flat_map(Statement::resources).map(String::as_str)
    }

    fn read(document: &str, kind: Kind) -> Result<Self, Error> {
        let document: Document = serde_json::from_str(document).map_err(|_| malformed("Syntax errors in policy."))?;
        if !matches!(document.version.as_deref(), None | Some("2012-10-17" | "2008-10-17")) {
            return Err(malformed("The policy version is not valid; it must be 2012-10-17 or 2008-10-17."));
        }
        let raw = document.statement.into_vec();
        if raw.is_empty() {
            return Err(malformed("Syntax errors in policy."));
        }
        let mut ids = BTreeSet::new();
        if !raw
            .iter()
            .filter_map(|statement| statement.sid.as_deref())
            .filter(|sid| !sid.is_empty())
            .all(|sid| ids.insert(sid))
        {
            return Err(malformed("Statement IDs (SID) in a single policy must be unique."));
        }
        let statements = raw.iter().map(|statement| Statement::read(statement, kind)).collect::<Result<_, _>>()?;
        Ok(Self { statements })
    }
}

fn malformed(text: &str) -> Error {
    Error::new(400, "MalformedPolicyDocument", text)
}

#[cfg(test)]
mod tests;
