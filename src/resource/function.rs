//! `function`

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Blueprint, Found, Kind};
use crate::aws::{Aws, Error};
use crate::plan::Id;

/// `function`
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Function {
    pub name: String,
}

impl Kind for Function {
    const KIND: &'static str = "function";

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
