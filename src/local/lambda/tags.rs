//! Tags of functions.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Shared;
use super::members::{Members, invalid};
use super::name::FunctionName;
use super::route::Route;
use crate::call::{Error, Request};

/// Tags of one function.
const MOST: usize = 50;

type Tags = BTreeMap<String, String>;

impl Shared {
    pub(super) fn tag_resource(&self, route: &Route, request: &Request) -> Result<(), Error> {
        let asked = self.tagged(route)?;
        let mut members = Members::parse("TagResource", &request.body)?;
        let tags: Tags = members.require("Tags")?;
        members.finish()?;
        self.state.write(|state| {
            let function = state.function_mut(&asked, &self.region)?;
            function.tags = checked(tags, &function.tags)?;
            Ok(())
        })
    }

    pub(super) fn untag_resource(&self, route: &Route) -> Result<(), Error> {
        let asked = self.tagged(route)?;
        self.state.write(|state| {
            let function = state.function_mut(&asked, &self.region)?;
            for key in route.parameters("tagKeys") {
                function.tags.remove(&key);
            }
            Ok(())
        })
    }

    pub(super) fn list_tags(&self, route: &Route) -> Result<Value, Error> {
        let asked = self.tagged(route)?;
        self.state.read(|state| Ok(json!({ "Tags": state.function(&asked, &self.region)?.tags })))
    }

    /// The function whose ARN the path has: versions and aliases have no tags.
    fn tagged(&self, route: &Route) -> Result<FunctionName, Error> {
        let arn = route.label(0);
        if !arn.starts_with("arn:aws:lambda:") || !arn.contains(":function:") {
            return Err(Error::not_implemented(&format!("tags of {arn}: only functions have them")));
        }
        let asked = FunctionName::parse(arn, None, &self.region)?;
        match asked.qualifier {
            None => Ok(asked),
            Some(_) => {
                Err(invalid("Tags on function aliases and versions are not supported. Please specify a function ARN."))
            }
        }
    }
}

/// `existing` with `added` laid over it, when it keeps the limits of tags.
pub(super) fn checked(added: Tags, existing: &Tags) -> Result<Tags, Error> {
    for (key, value) in &added {
        if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
            return Err(invalid(format!(
                "The tag {key} is not within 1 to 128 characters for its key and 256 for its value."
            )));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid(format!("The tag key {key} is reserved: keys must not start with aws:.")));
        }
    }
    let mut tags = existing.clone();
    tags.extend(added);
    if tags.len() > MOST {
        return Err(invalid("Number of tags exceeds resource tag limit."));
    }
    Ok(tags)
}
