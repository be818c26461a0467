//! How the steps of a plan over resources are done.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{Confirmed, Resource};
use crate::apply::Work;
use crate::aws::{Aws, Error};
use crate::plan::{Action, Id, Item as _, Key, Step};

/// How old a confirmation may be on which something is deleted.
const FRESH: Duration = Duration::from_secs(5);

/// Does steps by calls of AWS.
#[derive(Debug)]
pub struct Doing<'a> {
    aws: &'a Aws,
    /// What deletes were confirmed, when, and what there is to delete.
    confirmed: RefCell<BTreeMap<Id, (Instant, Option<Confirmed>)>>,
}

impl<'a> Doing<'a> {
    pub fn new(aws: &'a Aws) -> Self {
        Self { aws, confirmed: RefCell::default() }
    }

    /// Whether it was made before the walk, while the handlers were built.
    fn is_made(&self, new: &Resource) -> bool {
        self.aws.directory.is_made(&new.id())
    }

    async fn delete(&self, old: &Resource) -> Result<(), Error> {
        let known = self.confirmed.borrow_mut().remove(&old.id()).filter(|(at, _)| at.elapsed() < FRESH);
        let confirmed = match known {
            Some((_, confirmed)) => confirmed,
            None => old.confirm(self.aws).await?,
        };
        match confirmed {
            Some(confirmed) => confirmed.delete(self.aws).await,
            None => Ok(()),
        }
    }
}

impl Work<Resource> for Doing<'_> {
    type Error = Error;

    async fn begin(&self, _: &Key, step: &Step<Resource>) -> Result<(), Error> {
        match &step.action {
            Action::Create { new } if self.is_made(new) => Ok(()),
            Action::Create { new } => new.begin(self.aws).await,
            Action::Delete { old } => {
                let confirmed = old.confirm(self.aws).await?;
                self.confirmed.borrow_mut().insert(old.id(), (Instant::now(), confirmed));
                Ok(())
            }
            Action::Keep { .. } | Action::Update { .. } | Action::Replace { .. } => Ok(()),
        }
    }

    async fn act(&self, _: &Key, step: &Step<Resource>) -> Result<(), Error> {
        match &step.action {
            Action::Keep { .. } => Ok(()),
            Action::Create { new } if self.is_made(new) => Ok(()),
            Action::Create { new } => new.create(self.aws).await,
            Action::Update { old, new, .. } => new.update(old, self.aws).await,
            Action::Replace { old, new, .. } => {
                self.delete(old).await?;
                new.begin(self.aws).await?;
                new.create(self.aws).await
            }
            Action::Delete { old } => self.delete(old).await,
        }
    }

    async fn finish(&self, _: &Key, step: &Step<Resource>) -> Result<(), Error> {
        match &step.action {
            Action::Create { new } if self.aws.directory.is_finished(&new.id()) => Ok(()),
            Action::Create { new } | Action::Replace { new, .. } => new.finish(None, self.aws).await,
            Action::Update { old, new, .. } => new.finish(Some(old), self.aws).await,
            Action::Keep { .. } | Action::Delete { .. } => Ok(()),
        }
    }
}
