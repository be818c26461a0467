//! What is wrong with a stack whose every value is well formed: names that lead nowhere, combinations that cannot be,
//! and the limits of AWS. Pure, and before any call.

mod authorizer;
mod discovery;
mod function;
mod glob;
mod grant;
mod name;
mod route;
mod service;
mod site;
mod table;

use super::Stack;
use super::diagnostics::Diagnostic;
use super::tree::Node;
use crate::scope::Scope;

/// A fault of a stack, placed by its keys.
#[derive(Debug)]
pub(super) struct Finding {
    /// The keys from the top; what the file leaves out is placed at the key above it.
    pub(super) path: Vec<String>,
    /// Other paths that it says something of: it is void where one of them could not be read.
    pub(super) needs: Vec<Vec<String>>,
    /// Whether it is about the last key of `path` alone, whatever the value there is.
    pub(super) of_name: bool,
    at_key: bool,
    message: String,
    help: String,
    related: Option<(Vec<String>, String)>,
}

/// All findings, in any order.
pub(super) fn check(stack: &Stack) -> Vec<Finding> {
    let scope = nominal(stack);
    let mut findings = Vec::new();
    findings.extend(name::check(stack));
    findings.extend(function::check(stack, &scope));
    findings.extend(grant::check(stack));
    findings.extend(table::check(stack));
    findings.extend(route::check(stack));
    findings.extend(service::check(stack));
    findings.extend(site::check(stack));
    findings.extend(discovery::check(stack));
    findings.extend(authorizer::check(stack, &scope));
    findings
}

/// A scope to measure by: account numbers have one length, and regions differ by a few characters.
fn nominal(stack: &Stack) -> Scope {
    Scope {
        stack: stack.name.clone(),
        stage: stack.stage.clone(),
        partition: "aws".to_owned(),
        account: "000000000000".to_owned(),
        region: stack.region.clone().unwrap_or_else(|| "ap-northeast-1".to_owned()),
        local: None,
        bucket: None,
    }
}

fn keys(path: &[&str]) -> Vec<String> {
    path.iter().map(|&key| key.to_owned()).collect()
}

impl Finding {
    /// A fault of the value at `path`.
    fn of_value(path: &[&str], message: String, help: impl Into<String>) -> Self {
        Self {
            path: keys(path),
            needs: Vec::new(),
            of_name: false,
            at_key: false,
            message,
            help: help.into(),
            related: None,
        }
    }

    /// A fault of the last key of `path` that no value there could mend.
    fn of_name(path: &[&str], message: String, help: impl Into<String>) -> Self {
        Self { of_name: true, ..Self::of_key(path, message, help) }
    }

    /// A fault of the last key of `path`.
    fn of_key(path: &[&str], message: String, help: impl Into<String>) -> Self {
        Self { at_key: true, ..Self::of_value(path, message, help) }
    }

    fn needs(mut self, path: &[&str]) -> Self {
        self.needs.push(keys(path));
        self
    }

    /// Shows the key at `path` as well, with `label`.
    fn beside(mut self, path: &[&str], label: &str) -> Self {
        self.related = Some((keys(path), label.to_owned()));
        self.needs(path)
    }

    /// The fault with its places in the file.
    pub(super) fn locate(&self, root: &Node) -> Diagnostic {
        let node = root.at(&self.path);
        let span = if self.at_key { node.key.clone() } else { node.place() };
        Diagnostic {
            help: Some(self.help.clone()),
            related: self.related.as_ref().map(|(path, label)| (root.at(path).key.clone(), label.clone())),
            ..Diagnostic::new(span, self.message.clone())
        }
    }
}
