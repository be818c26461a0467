//! Bindings to least-privilege policies, and policies as values that compare. Pure.
//!
//! [`grant`](self) computes what functions and the gateway need; [`Policy`] is IAM's document as sets, so that what
//! was put and what is read back are equal whatever the order, and whether a list of one was written as a string.

mod grant;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize};

use crate::digest::Digest;

pub use grant::{API_GATEWAY, LAMBDA, function_policy, gateway_policy, trust_policy};

/// What all inline policies of a role may have together, in characters without white space (IAM quotas).
pub const INLINE_LIMIT: usize = 10_240;

/// An IAM policy document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Policy {
    /// `2008-10-17` where the document says none, as IAM has it.
    #[serde(default = "oldest_version")]
    pub version: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(deserialize_with = "one_or_many")]
    pub statement: BTreeSet<Statement>,
}

/// One statement; absent elements are empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Statement {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    pub effect: Effect,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "principals")]
    pub principal: BTreeMap<String, Strings>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "principals")]
    pub not_principal: BTreeMap<String, Strings>,
    #[serde(default, skip_serializing_if = "Strings::is_empty")]
    pub action: Strings,
    #[serde(default, skip_serializing_if = "Strings::is_empty")]
    pub not_action: Strings,
    #[serde(default, skip_serializing_if = "Strings::is_empty")]
    pub resource: Strings,
    #[serde(default, skip_serializing_if = "Strings::is_empty")]
    pub not_resource: Strings,
    /// By operator, then by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub condition: BTreeMap<String, BTreeMap<String, Strings>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Effect {
    Allow,
    Deny,
}

/// A set that IAM also writes as a single string; numbers and truth values of conditions are the strings they match.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Strings(pub BTreeSet<String>);

/// A document that is no IAM policy.
#[derive(Debug, thiserror::Error)]
#[error("not an IAM policy document: {0}")]
pub struct Malformed(#[from] serde_json::Error);

impl Policy {
    /// A policy of the current version.
    pub fn new(statement: impl IntoIterator<Item = Statement>) -> Self {
        Self { version: "2012-10-17".to_owned(), id: None, statement: statement.into_iter().collect() }
    }

    /// Reads a document as IAM returns it, URL-decoded.
    pub fn parse(json: &str) -> Result<Self, Malformed> {
        Ok(serde_json::from_str(json)?)
    }

    /// The canonical document: everything sorted, every list a list, no white space.
    pub fn render(&self) -> String {
        // Plain data with string keys: it always serialises.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The name of the inline policy with this content.
    pub fn name(&self) -> String {
        Digest::of(self).to_string()
    }

    /// Its length as IAM counts it: characters that are not white space.
    pub fn size(&self) -> usize {
        self.render().chars().filter(|character| !character.is_whitespace()).count()
    }
}

impl Statement {
    /// Allows `actions` on `resources`.
    pub fn allow<A: Into<String>, R: Into<String>>(
        actions: impl IntoIterator<Item = A>,
        resources: impl IntoIterator<Item = R>,
    ) -> Self {
        Self {
            sid: None,
            effect: Effect::Allow,
            principal: BTreeMap::new(),
            not_principal: BTreeMap::new(),
            action: actions.into_iter().collect(),
            not_action: Strings::default(),
            resource: resources.into_iter().collect(),
            not_resource: Strings::default(),
            condition: BTreeMap::new(),
        }
    }
}

impl Strings {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<S: Into<String>> FromIterator<S> for Strings {
    fn from_iter<I: IntoIterator<Item = S>>(items: I) -> Self {
        Self(items.into_iter().map(Into::into).collect())
    }
}

fn oldest_version() -> String {
    "2008-10-17".to_owned()
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

impl<T> OneOrMany<T> {
    fn into_vec(self) -> Vec<T> {
        match self {
            Self::Many(items) => items,
            Self::One(item) => vec![item],
        }
    }
}

fn one_or_many<'de, D: Deserializer<'de>, T: Deserialize<'de> + Ord>(from: D) -> Result<BTreeSet<T>, D::Error> {
    Ok(OneOrMany::<T>::deserialize(from)?.into_vec().into_iter().collect())
}

impl<'de> Deserialize<'de> for Strings {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Scalar {
            Text(String),
            Truth(bool),
            Number(serde_json::Number),
        }
        let scalars = OneOrMany::<Scalar>::deserialize(from)?.into_vec().into_iter();
        Ok(scalars
            .map(|scalar| match scalar {
                Scalar::Text(text) => text,
                Scalar::Truth(truth) => truth.to_string(),
                Scalar::Number(number) => number.to_string(),
            })
            .collect())
    }
}

/// `"*"` is everyone, which IAM also writes `{"AWS": "*"}`.
fn principals<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Strings>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Principals {
        Everyone(String),
        By(BTreeMap<String, Strings>),
    }
    match Principals::deserialize(from)? {
        Principals::Everyone(text) if text == "*" => Ok([("AWS".to_owned(), Strings::from_iter(["*"]))].into()),
        Principals::Everyone(text) => Err(serde::de::Error::custom(format!("unknown principal `{text}`"))),
        Principals::By(principals) => Ok(principals),
    }
}
