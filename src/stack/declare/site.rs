//! `[site]`

use std::collections::BTreeMap;

use super::pattern;
use crate::stack::form::{Fields, List, Map, Record, Set, Text};
use crate::stack::{Domain, Site};

pub(super) fn site(f: &mut Fields<'_>) -> Site {
    Site {
        path: f.required(("path", "the folder of the page, from the stack file's: `site`"), &Text(&pattern::FOLDER)),
        build: f.optional(
            ("build", "a shell command that makes `output`, run in `path`; nothing is run when absent"),
            &Text(&pattern::COMMAND),
        ),
        output: f.optional(
            ("output", "the folder of the files to publish, from `path`; `path` itself when absent"),
            &Text(&pattern::FOLDER),
        ),
        assets: f.or(
            (
                "assets",
                "path patterns of files with a hash of their content in their names, which browsers may keep for a year \
                 [default: [\"assets/*\"]]",
            ),
            &Set(List { of: Text(&pattern::PATHS), least: 0, most: 10 }),
            Site::default_assets(),
        ),
        fallback: f.optional(
            ("fallback", "the file that answers paths which name no file, for pages that route by themselves: `index.html`"),
            &Text(&pattern::FOLDER),
        ),
        headers: f.or(
            ("headers", "headers of all files, laid over the secure defaults; an empty value takes one out"),
            &Map { names: &pattern::HEADER, of: Text(&pattern::HEADER_VALUE) },
            BTreeMap::new(),
        ),
        domain: f.optional(("domain", "its own name; CloudFront's when absent"), &Record(domain)),
    }
}

fn domain(f: &mut Fields<'_>) -> Domain {
    Domain {
        name: f.required(("name", "the host name: `memo.example.com`"), &Text(&pattern::DOMAIN)),
        certificate: f.required(
            ("certificate", "the ARN of its certificate in ACM, which CloudFront wants in us-east-1"),
            &Text(&pattern::CERTIFICATE),
        ),
        zone: f.optional(
            ("zone", "the id of its hosted zone in Route 53, for its records; they are yours to make when absent"),
            &Text(&pattern::ZONE),
        ),
    }
}
