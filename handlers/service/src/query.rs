//! The query string, read strictly.

use std::collections::BTreeMap;

use crate::problem::Problem;

/// The parameters of a query: only known ones, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(BTreeMap<String, String>);

impl Query {
    pub(crate) fn new(sent: &BTreeMap<String, Vec<String>>, known: &[&str]) -> Result<Self, Problem> {
        let mut parameters = BTreeMap::new();
        for (name, values) in sent {
            if !known.contains(&name.as_str()) {
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                return Err(Self::problem(format!("The query parameter {name} is not known; known are: {known}.")));
            }
            let [value] = &values[..] else {
                return Err(Self::problem(format!("The query parameter {name} may stand only once.")));
            };
            parameters.insert(name.clone(), value.clone());
        }
        Ok(Self(parameters))
    }

    /// The value of `name`, if it stands.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// 400: a query that cannot be answered; `detail` says why.
    pub fn problem(detail: impl Into<String>) -> Problem {
        Problem::new(400, "invalid-query", detail)
    }
}
