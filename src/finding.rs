//! What is live otherwise than a deploy of ours left it, where that is more than a field: somebody else's deployment on
//! the stage, and edits of the API that nobody deployed. Pure.

use std::fmt;

use serde::Serialize;
use serde::ser::SerializeStruct as _;

use crate::history::Record;
use crate::openapi::{self, Functions, Table};
use crate::plan::{Id, changes};
use crate::resource::api::Api;
use crate::resource::release::{self, Deployment, Release};
use crate::resource::{Kind as _, Resource, Resources};
use crate::scope::Scope;
use crate::stack::Stack;

/// Something that a person should know before a deploy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The stage serves a deployment that memoctl did not make.
    ForeignDeployment {
        /// The release.
        id: Id,
        /// The deployment's id.
        deployment: String,
    },
    /// The API holds what was never released: neither what the stage serves nor, after a rollback, what it served before.
    Undeployed {
        /// The API.
        id: Id,
        /// The fields; empty where only the digests tell, since the stack file has changed its routes as well.
        fields: Vec<String>,
    },
}

impl Finding {
    /// Its name in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::ForeignDeployment { .. } => "foreign-deployment",
            Self::Undeployed { .. } => "undeployed-edits",
        }
    }

    /// The resource that it is about.
    pub fn id(&self) -> &Id {
        match self {
            Self::ForeignDeployment { id, .. } | Self::Undeployed { id, .. } => id,
        }
    }

    /// What a deploy will do about it.
    pub fn consequence(&self) -> &'static str {
        match self {
            Self::ForeignDeployment { .. } => {
                "a deploy moves the stage to what stack.toml says; the deployment stays beside it, and can be put back"
            }
            Self::Undeployed { .. } => {
                "callers see nothing of them unless somebody else deployed them; a deploy puts back what stack.toml says, \
                 and then releases it"
            }
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ForeignDeployment { deployment, .. } => {
                write!(f, "somebody else's deployment serves: {deployment}, which memoctl did not make")
            }
            Self::Undeployed { fields, .. } => {
                f.write_str("edits that are not deployed, made by hand or by a deploy that was cut short")?;
                match fields.as_slice() {
                    [] => Ok(()),
                    fields => write!(f, ": {}", fields.join(", ")),
                }
            }
        }
    }
}

impl Serialize for Finding {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut finding = serializer.serialize_struct("Finding", 5)?;
        finding.serialize_field("finding", self.word())?;
        finding.serialize_field("id", self.id())?;
        match self {
            Self::ForeignDeployment { deployment, .. } => finding.serialize_field("deployment", deployment)?,
            Self::Undeployed { fields, .. } => finding.serialize_field("fields", fields)?,
        }
        finding.serialize_field("what", &self.to_string())?;
        finding.serialize_field("then", self.consequence())?;
        finding.end()
    }
}

/// What is to be found in what is live. `records`, newest first, tell what was released.
pub fn findings(stack: &Stack, scope: &Scope, live: &Resources, records: &[Record]) -> Vec<Finding> {
    let Some(Resource::Release(release)) = live.get(&Id::new(Release::KIND, scope.api_stage())) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    let released = match &release.serves {
        Deployment::Ours { api, .. } => Some(api),
        Deployment::Foreign { foreign } => {
            findings.push(Finding::ForeignDeployment { id: release.id(), deployment: foreign.clone() });
            records.first().map(|record| &record.api)
        }
    };
    if let Some(Resource::Api(api)) = live.get(&Id::new(Api::KIND, &release.api))
        && let Some(released) = released
        && release::identity(&api.table, &release.variables) != *released
        // After a rollback, and beside a canary, the API holds what another release serves.
        && !records.iter().any(|record| is_of(record, &api.table))
    {
        let fields = records.iter().find_map(|record| edits(&api.table, record, stack, scope)).unwrap_or_default();
        findings.push(Finding::Undeployed { id: api.id(), fields });
    }
    findings
}

/// Whether `record` released `table`.
fn is_of(record: &Record, table: &Table) -> bool {
    let variables = record.variables.clone().unwrap_or_default();
    record.api == release::identity(table, &variables)
}

/// The fields in which `live` differs from what `record` released; `None` where the stack file does not tell them, since
/// it asks for another API than that by now.
fn edits(live: &Table, record: &Record, stack: &Stack, scope: &Scope) -> Option<Vec<String>> {
    let served = |name: &String| {
        let physical = scope.function(name);
        let version = record.functions.get(&physical)?.clone();
        Some((name.clone(), (physical, version)))
    };
    let functions: Functions = stack.functions.keys().filter_map(served).collect();
    let released = openapi::wanted(stack.api.as_ref()?, &functions, scope);
    // Plain data with string keys: it always serialises.
    let value = |table: &Table| serde_json::to_value(table).unwrap_or_default();
    is_of(record, &released)
        .then(|| changes(&value(&released), &value(live)).into_iter().map(|change| change.field).collect())
}
