//! The operations on invalidations.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Invalidation.html>

use std::sync::Weak;

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Answer;
use super::error::{invalid_argument, no_distribution, too_many};
use super::many::Many;
use super::model::Invalidation;
use super::{Call, CloudFront, id, now, pages, routes};
use crate::call::Error;
use crate::wire::{date_time, document};

/// Files of the invalidations that are in progress, and paths with a wildcard.
const FILES: usize = 3000;
const WILDCARDS: usize = 15;
/// Characters of a path.
const PATH: usize = 4000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct InvalidationBatch {
    paths: Many<String>,
    caller_reference: String,
}

impl CloudFront {
    pub(super) fn create_invalidation(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let batch: InvalidationBatch = document::input("InvalidationBatch", &call.request.body)?;
        let paths: Vec<String> = batch.paths.iter().cloned().collect();
        check(&paths)?;
        let (invalidation, is_new) = self.store.write(|state| {
            let distribution = state.distributions.get_mut(&call.id).ok_or_else(no_distribution)?;
            let all = &mut distribution.invalidations;
            if let Some(earlier) = all.iter().find(|one| one.caller_reference == batch.caller_reference) {
                if earlier.paths != paths {
                    let text = "The invalidation batch with the specified CallerReference already exists, with other paths.";
                    return Err(Error::new(400, "InvalidationBatchAlreadyExists", text));
                }
                return Ok((earlier.clone(), false));
            }
            let ongoing = all.iter().filter(|one| self.underway.has(&one.id)).flat_map(|one| &one.paths).chain(&paths);
            let (wildcards, files): (Vec<_>, Vec<_>) = ongoing.partition(|path| path.ends_with('*'));
            if wildcards.len() > WILDCARDS || files.len() > FILES {
                let text = "You have exceeded the maximum number of allowable InProgress invalidation batch requests, or \
                            invalidation objects.";
                return Err(too_many("TooManyInvalidationsInProgress", text));
            }
            let caller_reference = batch.caller_reference;
            let made = Invalidation { id: id::id('I'), created: now(), caller_reference, paths };
            all.push(made.clone());
            Ok((made, true))
        })?;
        if is_new {
            self.carry_through(&call.id, &invalidation);
        }
        let path = format!("distribution/{}/invalidation/{}", call.id, invalidation.id);
        Ok(Answer::of(201, "Invalidation", &self.invalidation(&invalidation)).location(&path))
    }

    /// Has the edge forget what the invalidation names, as late as that takes.
    fn carry_through(&self, distribution: &str, invalidation: &Invalidation) {
        let delay = self.delays.invalidation;
        if delay.is_zero() {
            return self.edge.invalidate(distribution, &invalidation.paths);
        }
        self.underway.begin(&invalidation.id, delay);
        let (this, distribution, paths) =
            (Weak::clone(&self.this), distribution.to_owned(), invalidation.paths.clone());
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            if let Some(this) = this.upgrade() {
                this.edge.invalidate(&distribution, &paths);
            }
        });
    }

    pub(super) fn get_invalidation(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let wanted = routes::segments(call.request).into_iter().nth(3).unwrap_or_default();
        let found = self.store.read(|state| {
            let distribution = state.distributions.get(&call.id).ok_or_else(no_distribution)?;
            let found = distribution.invalidations.iter().find(|one| one.id == wanted).cloned();
            found.ok_or_else(|| Error::new(404, "NoSuchInvalidation", "The specified invalidation does not exist."))
        })?;
        Ok(Answer::of(200, "Invalidation", &self.invalidation(&found)))
    }

    pub(super) fn list_invalidations(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let items = self.store.read(|state| {
            let distribution = state.distributions.get(&call.id).ok_or_else(no_distribution)?;
            let summary = |one: &Invalidation| {
                json!({ "Id": one.id, "CreateTime": date_time(one.created), "Status": self.progress(one) })
            };
            let newest_first = distribution.invalidations.iter().rev();
            Ok::<_, Error>(newest_first.map(|one| (one.id.clone(), summary(one))).collect())
        })?;
        Ok(Answer::of(200, "InvalidationList", &pages::page(items, &call.parameters)?))
    }

    fn progress(&self, invalidation: &Invalidation) -> &'static str {
        if self.underway.has(&invalidation.id) { "InProgress" } else { "Completed" }
    }

    fn invalidation(&self, invalidation: &Invalidation) -> Value {
        json!({
            "Id": invalidation.id,
            "Status": self.progress(invalidation),
            "CreateTime": date_time(invalidation.created),
            "InvalidationBatch": {
                "Paths": Many::from(invalidation.paths.clone()),
                "CallerReference": invalidation.caller_reference,
            },
        })
    }
}

fn check(paths: &[String]) -> Result<(), Error> {
    if paths.is_empty() {
        return Err(invalid_argument("Your request contains no invalidation paths."));
    }
    if paths.len() > FILES {
        return Err(Error::new(413, "BatchTooLarge", "Your request contains too many invalidation paths."));
    }
    let is_path = |path: &&String| {
        path.starts_with('/')
            && path.len() <= PATH
            && path.bytes().all(|byte| byte.is_ascii_graphic())
            && path.find('*').is_none_or(|at| at == path.len() - 1)
    };
    match paths.iter().find(|path| !is_path(path)) {
        Some(_) => Err(invalid_argument("Your request contains one or more invalid invalidation paths.")),
        None => Ok(()),
    }
}
