//! The tree of resources that a document's paths make.

use std::collections::BTreeMap;

use super::Import;
use crate::apigateway::definition::Resource;
use crate::apigateway::model::new_id;
use crate::call::Error;

impl Import<'_> {
    /// The id of the resource at `path`, which is made with all that is above it; `None` when it cannot be.
    pub(super) fn resource(&mut self, path: &str) -> Result<Option<String>, Error> {
        let Some(mut parent) = self.made.resources.values().find(|r| r.parent_id.is_none()).map(|r| r.id.clone())
        else {
            return Ok(None);
        };
        let mut reached = String::new();
        // A slash at the end makes no resource.
        for part in path.split('/').skip(1).filter(|part| !part.is_empty()) {
            reached = format!("{reached}/{part}");
            if let Some(existing) = self.made.resources.values().find(|resource| resource.path == reached) {
                parent.clone_from(&existing.id);
                continue;
            }
            if let Err(problem) = self.allowed(&parent, part) {
                self.errors.push(format!("Unable to create resource at path '{reached}': {problem}"));
                return Ok(None);
            }
            let before = self.before.resources.values().find(|resource| resource.path == reached);
            let id = before.map_or_else(|| new_id(6), |resource| Ok(resource.id.clone()))?;
            self.made.resources.insert(
                id.clone(),
                Resource {
                    id: id.clone(),
                    parent_id: Some(parent),
                    path_part: Some(part.to_owned()),
                    path: reached.clone(),
                    resource_methods: BTreeMap::new(),
                },
            );
            parent = id;
        }
        Ok(Some(parent))
    }

    fn allowed(&self, parent: &str, part: &str) -> Result<(), String> {
        let variable = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let name = variable.map_or(part, |name| name.strip_suffix('+').unwrap_or(name));
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "._-:".contains(c)) {
            return Err("Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly \
                        braces at the beginning and the end."
                .to_owned());
        }
        let above = self.made.resources.get(parent).and_then(|resource| resource.path_part.as_deref());
        if let Some(greedy) = above.filter(|part| part.ends_with("+}")) {
            return Err(format!("Cannot create a child of a resource with a greedy path variable: {greedy}"));
        }
        let siblings = self.made.resources.values().filter(|resource| resource.parent_id.as_deref() == Some(parent));
        let greedy = part.ends_with("+}");
        match siblings
            .filter_map(|resource| resource.path_part.as_deref())
            .find(|sibling| sibling.starts_with('{') && variable.is_some() && sibling.ends_with("+}") == greedy)
        {
            Some(sibling) => Err(format!(
                "A sibling ({sibling}) of this resource already has a variable path part -- only one unique variable \
                 path part is allowed"
            )),
            None => Ok(()),
        }
    }
}
