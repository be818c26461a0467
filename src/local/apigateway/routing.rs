//! Which resource a path leads to.
//!
//! A literal segment comes before a variable, a variable before a greedy one; only resources with methods count. The
//! segments of a request are compared, and handed on, as they were sent: percent-encoded. A slash at the end is ignored.

use std::collections::HashMap;

/// The resources of a deployment by the segments of their paths.
#[derive(Debug, Default)]
pub(super) struct Tree {
    literals: HashMap<String, Tree>,
    variable: Option<(String, Box<Tree>)>,
    /// The name of the variable, and the resource.
    greedy: Option<(String, usize)>,
    resource: Option<usize>,
}

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Match<'a> {
    /// As given to [`Tree::add`].
    pub(super) resource: usize,
    /// The path's variables, as sent.
    pub(super) parameters: Vec<(&'a str, &'a str)>,
}

impl Tree {
    /// Adds `resource` at `path`, such as `/v1/memos/{id}`.
    pub(super) fn add(&mut self, path: &str, resource: usize) {
        let mut node = self;
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let variable = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            node = match variable {
                None => node.literals.entry(part.to_owned()).or_default(),
                Some(name) => match name.strip_suffix('+') {
                    Some(name) => {
                        node.greedy = Some((name.to_owned(), resource));
                        return;
                    }
                    None => &mut node.variable.get_or_insert_with(|| (name.to_owned(), Box::default())).1,
                },
            };
        }
        node.resource = Some(resource);
    }

    /// The resource that `path` leads to.
    pub(super) fn find<'a>(&'a self, path: &'a str) -> Option<Match<'a>> {
        let path = path.strip_prefix('/').unwrap_or(path).trim_end_matches('/');
        let mut parameters = Vec::new();
        let resource = self.walk((!path.is_empty()).then_some(path), &mut parameters)?;
        Some(Match { resource, parameters })
    }

    fn walk<'a>(&'a self, path: Option<&'a str>, parameters: &mut Vec<(&'a str, &'a str)>) -> Option<usize> {
        let Some(path) = path else { return self.resource };
        let (segment, rest) = match path.split_once('/') {
            Some((segment, rest)) => (segment, Some(rest)),
            None => (path, None),
        };
        if let Some(found) = self.literals.get(segment).and_then(|node| node.walk(rest, parameters)) {
            return Some(found);
        }
        if let Some((name, node)) = self.variable.as_ref().filter(|_| !segment.is_empty()) {
            parameters.push((name, segment));
            if let Some(found) = node.walk(rest, parameters) {
                return Some(found);
            }
            parameters.pop();
        }
        let (name, resource) = self.greedy.as_ref()?;
        parameters.push((name, path));
        Some(*resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATHS: &[&str] =
        &["/", "/memos", "/memos/{id}", "/memos/new", "/memos/{id}/tags", "/{proxy+}", "/files/{path+}"];

    fn find(path: &str) -> Option<(&'static str, Vec<(String, String)>)> {
        let mut tree = Tree::default();
        PATHS.iter().enumerate().for_each(|(number, path)| tree.add(path, number));
        tree.find(path).map(|found| {
            let parameters = found.parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            (PATHS[found.resource], parameters.collect())
        })
    }

    fn path_of(path: &str) -> Option<&'static str> {
        find(path).map(|(path, _)| path)
    }

    #[test]
    fn a_literal_comes_before_a_variable() {
        assert_eq!(path_of("/memos/new"), Some("/memos/new"));
        assert_eq!(path_of("/memos/other"), Some("/memos/{id}"));
    }

    #[test]
    fn a_greedy_variable_comes_last_and_takes_the_rest() {
        let (path, parameters) = find("/a/b%2Fc/d").unwrap();
        assert_eq!((path, parameters), ("/{proxy+}", vec![("proxy".to_owned(), "a/b%2Fc/d".to_owned())]));
    }

    #[test]
    fn a_literal_that_leads_nowhere_gives_way_to_the_variable_beside_it() {
        assert_eq!(path_of("/memos/new/tags"), Some("/memos/{id}/tags"));
    }

    #[test]
    fn variables_of_a_way_not_taken_are_forgotten() {
        let (_, parameters) = find("/memos/1/other").unwrap();
        assert_eq!(parameters, vec![("proxy".to_owned(), "memos/1/other".to_owned())]);
    }

    #[test]
    fn a_slash_at_the_end_is_ignored() {
        assert_eq!(path_of("/memos/"), Some("/memos"));
        assert_eq!(find("/x/").unwrap().1, vec![("proxy".to_owned(), "x".to_owned())]);
    }

    #[test]
    fn a_greedy_variable_needs_something_to_take() {
        assert_eq!(path_of("/"), Some("/"));
        let mut tree = Tree::default();
        tree.add("/{proxy+}", 0);
        assert_eq!(tree.find("/"), None);
    }
}
