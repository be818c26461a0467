//! `role`

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Blueprint, Found, Kind};
use crate::aws::{Aws, Error};
use crate::plan::Id;

/// `role`
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Role {
    pub name: String,
}

impl Kind for Role {
    const KIND: &'static str = "role";

    fn name(&self) -> &str {
        &self.name
    }

    fn needs(&self) -> Vec<Id> {
        Vec::new()
    }

    fn desired(_blueprint: &Blueprint<'_>) -> Vec<Self> {
        Vec::new()
    }

    async fn list(_wanted: &BTreeSet<String>, _aws: &Aws) -> Result<Vec<Found<Self>>, Error> {
        Ok(Vec::new())
    }

    async fn create(&self, _aws: &Aws) -> Result<(), Error> {
        Ok(())
    }

    async fn update(&self, _live: &Self, _aws: &Aws) -> Result<(), Error> {
        Ok(())
    }

    async fn delete(&self, _aws: &Aws) -> Result<(), Error> {
        Ok(())
    }
}
