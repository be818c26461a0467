//! `log_group`: the log group of a function. Lambda would make one on the first log, without retention and tags and
//! outliving the function; so it is made before the function, deleted after it, and roles lack `logs:CreateLogGroup`.

use std::collections::BTreeSet;

use aws_sdk_cloudwatchlogs::types::{LogGroup as Description, LogGroupClass};
use serde::Serialize;

use super::live::{MANY, Whose, adopt, looked, read_all};
use super::{Blueprint, Found, Kind};
use crate::aws::{Aws, Error, Unless as _, each, idempotent, pages};
use crate::plan::Id;
use crate::scope::{Scope, Tags};

/// A function's log group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LogGroup {
    /// `/aws/lambda/<function's physical name>`
    pub name: String,
    /// Days; `None` keeps events for ever.
    pub retention: Option<u32>,
    /// `STANDARD`
    pub class: String,
    pub tags: Tags,
}

impl Kind for LogGroup {
    const KIND: &'static str = "log_group";
    const FIXED: &'static [&'static str] = &["class"];
    type Confirmed = Self;

    fn name(&self) -> &str {
        &self.name
    }

    fn needs(&self) -> Vec<Id> {
        Vec::new()
    }

    fn desired(blueprint: &Blueprint<'_>) -> Vec<Self> {
        let scope = blueprint.scope;
        let groups = blueprint.stack.functions.iter().map(|(name, function)| Self {
            name: scope.log_group(name),
            retention: Some(function.log_retention),
            class: LogGroupClass::Standard.as_str().to_owned(),
            tags: scope.tags(Self::KIND, name),
        });
        groups.collect()
    }

    async fn list(wanted: &BTreeSet<String>, aws: &Aws) -> Result<Vec<Found<Self>>, Error> {
        // One list by prefix shows all of ours; there is no call that reads one group by its name.
        let prefix = format!("{}{}", Scope::LOG_GROUPS, aws.scope.list_prefix());
        let groups = describe(&prefix, aws).await?;
        let groups = &groups;
        let names = groups.iter().filter_map(|group| group.log_group_name.clone());
        let nominated = names.filter(|name| aws.scope.nominates_log_group(name).is_some()).collect();
        let read = |name: String| async move {
            match groups.iter().find(|group| group.log_group_name.as_ref() == Some(&name)) {
                Some(group) if wanted.len() > MANY && wanted.contains(&name) => match presumed(&name, group, aws) {
                    Some(presumed) => Ok(Some(Found::Ours(presumed))),
                    None => read(name, groups, Whose::Ours, aws).await,
                },
                Some(_) | None => read(name, groups, Whose::Ours, aws).await,
            }
        };
        read_all(wanted, async { Ok(nominated) }, read).await
    }

    async fn look(name: &str, aws: &Aws) -> Result<Option<Self>, Error> {
        let groups = describe(name, aws).await?;
        Ok(looked(read(name.to_owned(), &groups, Whose::Anybodys, aws).await?))
    }

    async fn tag(&self, aws: &Aws) -> Result<(), Error> {
        let arn = aws.scope.log_group_arn(&self.name);
        let tag = || {
            let call = aws.logs.tag_resource().resource_arn(&arn);
            call.set_tags(Some(self.tags.clone().into_iter().collect())).send()
        };
        idempotent("tag", &self.id(), tag).await.map(drop)
    }

    async fn create(&self, aws: &Aws) -> Result<(), Error> {
        let create = || {
            let call = aws.logs.create_log_group().log_group_name(&self.name);
            let call = call.log_group_class(LogGroupClass::from(self.class.as_str()));
            call.set_tags(Some(self.tags.clone().into_iter().collect())).send()
        };
        match idempotent("create", &self.id(), create).await {
            Ok(_) => Ok(()),
            Err(error) if error.is("ResourceAlreadyExistsException") => adopt(self, aws, error).await,
            Err(error) => Err(error),
        }
    }

    async fn update(&self, live: &Self, aws: &Aws) -> Result<(), Error> {
        if self.retention != live.retention {
            self.put_retention(aws).await?;
        }
        if self.tags != live.tags {
            self.tag(aws).await?;
        }
        Ok(())
    }

    async fn finish(&self, live: Option<&Self>, aws: &Aws) -> Result<(), Error> {
        match (live, self.retention) {
            // A new group keeps its events, and retention is a call of its own.
            (None, Some(_)) => self.put_retention(aws).await,
            (None, None) | (Some(_), _) => Ok(()),
        }
    }

    async fn confirm(&self, aws: &Aws) -> Result<Option<Self>, Error> {
        match tags(&self.name, aws).await? {
            None => Ok(None),
            Some(tags) if aws.scope.owns(&tags) => Ok(Some(self.clone())),
            Some(_) => Err(Error::foreign("delete", &self.id())),
        }
    }

    async fn delete(confirmed: Self, aws: &Aws) -> Result<(), Error> {
        let delete = || aws.logs.delete_log_group().log_group_name(&confirmed.name).send();
        idempotent("delete", &confirmed.id(), delete).await.unless("ResourceNotFoundException")?;
        Ok(())
    }
}

impl LogGroup {
    fn of(name: String, group: &Description, tags: Tags) -> Self {
        Self {
            name,
            retention: group.retention_in_days.and_then(|days| days.try_into().ok()),
            class: group.log_group_class.as_ref().unwrap_or(&LogGroupClass::Standard).as_str().to_owned(),
            tags,
        }
    }

    async fn put_retention(&self, aws: &Aws) -> Result<(), Error> {
        let Some(days) = self.retention else {
            let keep = || aws.logs.delete_retention_policy().log_group_name(&self.name).send();
            return idempotent("keep the events of", &self.id(), keep).await.map(drop);
        };
        let days = i32::try_from(days).unwrap_or(i32::MAX);
        let put = || aws.logs.put_retention_policy().log_group_name(&self.name).retention_in_days(days).send();
        idempotent("set the retention of", &self.id(), put).await.map(drop)
    }
}

/// The names of the log groups that API Gateway has made for the stages of the API `api`.
pub async fn execution_logs(api: &str, aws: &Aws) -> Result<Vec<String>, Error> {
    let groups = describe(&Scope::execution_logs(api), aws).await?;
    Ok(groups.into_iter().filter_map(|group| group.log_group_name).collect())
}

/// Deletes the log groups `names`, which [`execution_logs`] gave.
pub(super) async fn delete_execution_logs(names: Vec<String>, aws: &Aws) -> Result<(), Error> {
    let deleted = each(names, |name| async move {
        let delete = || aws.logs.delete_log_group().log_group_name(&name).send();
        let id = Id::new(LogGroup::KIND, &name);
        idempotent("delete", &id, delete).await.unless("ResourceNotFoundException")?;
        aws.directory.put_removed(&name);
        Ok(())
    });
    deleted.await.map(drop)
}

/// The group `name`, which is one of `groups` if it is there.
async fn read(name: String, groups: &[Description], whose: Whose, aws: &Aws) -> Result<Option<Found<LogGroup>>, Error> {
    let Some(group) = groups.iter().find(|group| group.log_group_name.as_ref() == Some(&name)) else {
        return Ok(None);
    };
    let Some(tags) = tags(&name, aws).await? else { return Ok(None) };
    if !whose.takes(&tags, aws) {
        return Ok(Some(Found::Foreign(name)));
    }
    Ok(Some(Found::Ours(LogGroup::of(name, group, tags))))
}

/// One of many groups, without a look at its tags: CloudWatch Logs tells those of five a second. That it is the stack's
/// is told by its name, which is that of a function of the stack, and by its retention, which a group that Lambda makes
/// has none of. Whatever deletes it reads its tags.
fn presumed(name: &str, group: &Description, aws: &Aws) -> Option<LogGroup> {
    group.retention_in_days?;
    let function = name.strip_prefix(&aws.scope.log_group(""))?;
    // A long name is cut, and does not tell the function's.
    let is_whole = aws.scope.log_group(function) == name;
    is_whole.then(|| LogGroup::of(name.to_owned(), group, aws.scope.tags(LogGroup::KIND, function)))
}

async fn describe(prefix: &str, aws: &Aws) -> Result<Vec<Description>, Error> {
    let thing = format!("the log groups {prefix}*");
    pages(async |token: Option<String>| {
        let page = idempotent("list", &thing, || {
            aws.logs.describe_log_groups().log_group_name_prefix(prefix).set_next_token(token.clone()).send()
        });
        let page = page.await?;
        Ok((page.log_groups.unwrap_or_default(), page.next_token))
    })
    .await
}

/// The group's tags; `None` when there is no such group.
async fn tags(name: &str, aws: &Aws) -> Result<Option<Tags>, Error> {
    let arn = aws.scope.log_group_arn(name);
    let read = || aws.logs.list_tags_for_resource().resource_arn(&arn).send();
    let answer = idempotent("read the tags of", &Id::new(LogGroup::KIND, name), read).await;
    let answer = answer.unless("ResourceNotFoundException")?;
    Ok(answer.map(|answer| answer.tags.unwrap_or_default().into_iter().collect()))
}
