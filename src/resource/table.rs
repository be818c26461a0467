//! `table`: a DynamoDB table with what `stack.toml` says of it. Its other settings (encryption, table class, local
//! indexes) are left as they are.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;

use super::live::{Whose, adopt, confirmed, looked, read_all};
use super::{Blueprint, Found, Kind};
use crate::aws::{Aws, Class, Error, Unless as _, idempotent, once, retry_while, wait_until};
use crate::plan::Id;
use crate::scope::Tags;
use crate::stack;

mod change;
mod read;
mod shape;

/// How long a table or an index may take to become ready: an index is filled from the table's items.
const READY: Duration = Duration::from_mins(30);

/// How long a change of TTL is tried whose outcome is unknown.
const TTL: Duration = Duration::from_secs(20);

/// How long `ContinuousBackupsUnavailableException` may last on a new table (Terraform: the same).
const BACKUPS: Duration = Duration::from_mins(20);

/// A table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Table {
    pub name: String,
    #[serde(flatten)]
    pub config: stack::Table,
    pub tags: Tags,
}

impl Kind for Table {
    const KIND: &'static str = "table";
    const FIXED: &'static [&'static str] = &["partition_key", "sort_key"];
    const HOLDS_DATA: bool = true;
    type Confirmed = Self;

    fn name(&self) -> &str {
        &self.name
    }

    fn needs(&self) -> Vec<Id> {
        Vec::new()
    }

    /// Old indexes stay until no caller queries them any more.
    fn meanwhile(&self, live: &Self) -> Self {
        let mut both = self.clone();
        for (name, index) in &live.config.indexes {
            both.config.indexes.entry(name.clone()).or_insert_with(|| index.clone());
        }
        both
    }

    fn refuses(&self, wanted: Option<&Self>) -> Option<String> {
        let Some(wanted) = wanted else {
            return self.config.deletion_protection.then(|| PROTECTED.to_owned());
        };
        let changed = self.config.indexes.iter().find_map(|(name, index)| {
            wanted.config.indexes.get(name).is_some_and(|wanted| wanted != index).then_some(name)
        });
        if let Some(index) = changed {
            return Some(format!(
                "has an index `{index}` whose keys and projection cannot be changed: give the new one another name, so \
                 that it is filled before the release and the old one goes after it"
            ));
        }
        match (&self.config.ttl, &wanted.config.ttl) {
            // DynamoDB takes one change of TTL an hour, and a change of the attribute is two.
            (Some(from), Some(to)) if from != to => Some(format!(
                "expires items by `{from}`, which cannot become `{to}` at once: deploy without `ttl`, wait an hour, and \
                 deploy with `ttl = \"{to}\"`"
            )),
            _ => None,
        }
    }

    fn desired(blueprint: &Blueprint<'_>) -> Vec<Self> {
        let scope = blueprint.scope;
        let tables = blueprint.stack.tables.iter().map(|(name, config)| Self {
            name: scope.table(name),
            config: config.clone(),
            tags: scope.tags(Self::KIND, name),
        });
        tables.collect()
    }

    async fn list(wanted: &BTreeSet<String>, aws: &Aws) -> Result<Vec<Found<Self>>, Error> {
        read_all(wanted, read::nominated(aws), |name| async move { read::read(&name, Whose::Ours, aws).await }).await
    }

    async fn look(name: &str, aws: &Aws) -> Result<Option<Self>, Error> {
        Ok(looked(read::read(name, Whose::Anybodys, aws).await?))
    }

    async fn tag(&self, aws: &Aws) -> Result<(), Error> {
        let (arn, tags) = (aws.scope.table_arn(&self.name), self.sdk_tags()?);
        let tag = || aws.dynamodb.tag_resource().resource_arn(&arn).set_tags(Some(tags.clone())).send();
        idempotent("tag", &self.id(), tag).await.map(drop)
    }

    async fn create(&self, aws: &Aws) -> Result<(), Error> {
        let (id, definitions, schema) = (self.id(), self.definitions()?, self.schema()?);
        let (indexes, tags) = (self.indexes()?, self.sdk_tags()?);
        let stream = self.config.stream.map(|view| self.sdk(shape::stream(Some(view)))).transpose()?;
        let create = || {
            let call = aws.dynamodb.create_table().table_name(&self.name).set_tags(Some(tags.clone()));
            call.set_attribute_definitions(Some(definitions.clone()))
                .set_key_schema(Some(schema.clone()))
                .set_global_secondary_indexes((!indexes.is_empty()).then(|| indexes.clone()))
                .billing_mode(self.billing_mode())
                .set_provisioned_throughput(self.throughput())
                .set_stream_specification(stream.clone())
                .deletion_protection_enabled(self.config.deletion_protection)
                .send()
        };
        match idempotent("create", &id, create).await {
            Ok(_) => {}
            Err(error) if error.is("ResourceInUseException") => return adopt(self, aws, error).await,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    async fn update(&self, live: &Self, aws: &Aws) -> Result<(), Error> {
        self.change(aws).await?;
        if self.config.ttl != live.config.ttl {
            self.put_ttl(read::ttl(&self.name, aws).await?.flatten(), aws).await?;
        }
        if self.config.point_in_time_recovery != live.config.point_in_time_recovery {
            self.put_recovery(aws).await?;
        }
        if self.tags != live.tags {
            self.tag(aws).await?;
        }
        Ok(())
    }

    async fn finish(&self, live: Option<&Self>, aws: &Aws) -> Result<(), Error> {
        if live.is_some() {
            return Ok(());
        }
        let id = self.id();
        // Right after the create, the table may be unknown to reads.
        let active = wait_until(&id, "ACTIVE", READY, || read::settled(&self.name, aws));
        let (_, ttl) = tokio::try_join!(active, read::ttl(&self.name, aws))?;
        if self.config.ttl.is_some() {
            self.put_ttl(ttl.flatten(), aws).await?;
        }
        if self.config.point_in_time_recovery {
            self.put_recovery(aws).await?;
        }
        Ok(())
    }

    async fn confirm(&self, aws: &Aws) -> Result<Option<Self>, Error> {
        confirmed(self, read::read(&self.name, Whose::Ours, aws).await?)
    }

    async fn delete(confirmed: Self, aws: &Aws) -> Result<(), Error> {
        let (id, name) = (confirmed.id(), &confirmed.name);
        if confirmed.config.deletion_protection {
            return Err(Error::refused("delete", &id, format!("it {PROTECTED}")));
        }
        let delete = || aws.dynamodb.delete_table().table_name(name).send();
        idempotent("delete", &id, delete).await.unless("ResourceNotFoundException")?;
        wait_until(&id, "gone", READY, || read::gone(name, aws)).await
    }
}

/// Whether DynamoDB refuses a change of TTL because there was one within the hour.
fn is_second(error: &Error) -> bool {
    error.cause.contains("modified multiple times")
}

/// Said of a table that cannot be deleted.
const PROTECTED: &str = "is protected against deletion: deploy with `deletion_protection = false` first";

impl Table {
    /// Sets the TTL as wanted, where it is `live`. Setting what is set is an error, so after an unknown outcome it is read; a
    /// change that did not happen is tried again. DynamoDB refuses a second one within an hour: where the first may have
    /// happened, that only says that reads do not show it yet.
    async fn put_ttl(&self, live: Option<String>, aws: &Aws) -> Result<(), Error> {
        let id = self.id();
        if live == self.config.ttl {
            return Ok(());
        }
        let Some(attribute) = self.config.ttl.as_ref().or(live.as_ref()) else { return Ok(()) };
        let specification = self.sdk(shape::ttl(attribute, self.config.ttl.is_some()))?;
        let is_open = Cell::new(false);
        let worth = |error: &Error| {
            is_open.set(is_open.get() || error.class == Class::Unknown);
            error.class == Class::Unknown || (is_open.get() && is_second(error))
        };
        let put = || async {
            let put = once("set the TTL of", &id, || {
                let call = aws.dynamodb.update_time_to_live().table_name(&self.name);
                call.time_to_live_specification(specification.clone()).send()
            });
            match put.await {
                Ok(_) => Ok(()),
                Err(_) if read::ttl(&self.name, aws).await?.flatten() == self.config.ttl => Ok(()),
                Err(error) => Err(error),
            }
        };
        retry_while(worth, TTL, put).await.map_err(|error| {
            if is_second(&error) { error.hint("DynamoDB takes one change of TTL an hour: repeat it then") } else { error }
        })
    }

    async fn put_recovery(&self, aws: &Aws) -> Result<(), Error> {
        let id = self.id();
        let specification = self.sdk(shape::recovery(self.config.point_in_time_recovery))?;
        let put = || {
            idempotent("set the point-in-time recovery of", &id, || {
                let call = aws.dynamodb.update_continuous_backups().table_name(&self.name);
                call.point_in_time_recovery_specification(specification.clone()).send()
            })
        };
        retry_while(|error| error.is("ContinuousBackupsUnavailableException"), BACKUPS, put).await.map(drop)
    }
}
