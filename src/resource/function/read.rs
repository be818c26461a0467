//! Reading functions back, and waiting for what is on its way.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::types::{FunctionConfiguration, LastUpdateStatus, PackageType, State};

use super::content::Content;
use super::generation::stem;
use super::{Function, Stems, id};
use crate::aws::{Aws, Error, Unless as _, idempotent, pages, wait_until};
use crate::digest::Digest;
use crate::resource::Found;
use crate::resource::live::Whose;
use crate::scope::Tags;

/// Longest wait for a function without a VPC to become ready, which takes seconds.
const READY: Duration = Duration::from_mins(5);

/// The names of functions that may be ours.
pub(super) async fn nominated(aws: &Aws) -> Result<BTreeSet<String>, Error> {
    let functions = pages(async |marker: Option<String>| {
        let call = || aws.lambda.list_functions().set_marker(marker.clone()).send();
        let page = idempotent("list", &"the functions", call).await?;
        Ok((page.functions.unwrap_or_default(), page.next_marker))
    });
    let names = functions.await?.into_iter().filter_map(|function| function.function_name);
    Ok(names.filter(|name| aws.scope.nominates(name)).collect())
}

/// The function `name` with its versions, which are put into the directory; `None` when it is absent.
pub(super) async fn read(name: &str, whose: Whose, aws: &Aws) -> Result<Option<Found<Function>>, Error> {
    // The versions are asked for at the same time, and looked at only when the function is ours.
    let (live, versions) = tokio::join!(get(name, None, aws), versions(name, aws));
    match live? {
        Some(live) => assemble(name, (live, async { versions }), whose, aws).await.map(Some),
        None => Ok(None),
    }
}

/// The function `name` of what was read of it: `GetFunction`, and its versions, which are put into the directory.
pub(super) async fn assemble(
    name: &str,
    (live, versions): (GetFunctionOutput, impl Future<Output = Result<Vec<FunctionConfiguration>, Error>>),
    whose: Whose,
    aws: &Aws,
) -> Result<Found<Function>, Error> {
    if !whose.takes(&tags(&live), aws) {
        return Ok(Found::Foreign(name.to_owned()));
    }
    let package = live.configuration().and_then(FunctionConfiguration::package_type);
    if whose == Whose::Anybodys && package == Some(&PackageType::Image) {
        let cause = "it is a container image, and the functions of stack.toml are zips";
        return Err(Error::refused("adopt", &id(name), cause).hint("delete it, or give the function another name"));
    }
    let versions = versions.await?;
    let configuration = match &live.configuration {
        Some(configuration) if !busy(configuration) => configuration.clone(),
        Some(_) | None => idle(name, None, aws).await?,
    };
    let published = |version: &FunctionConfiguration| Some((version.version()?.parse().ok()?, Content::live(name, version)));
    let published: Vec<(u64, Content)> = versions.iter().filter_map(published).collect();
    let known: BTreeMap<u64, Digest> =
        published.iter().map(|(number, content)| (*number, Digest::of(content))).collect();
    let function = Function {
        name: name.to_owned(),
        tags: tags(&live),
        content: Content::live(name, &configuration),
        reserved_concurrency: live.concurrency.and_then(|concurrency| concurrency.reserved_concurrent_executions),
        versions: known.values().cloned().collect(),
        stems: Stems(published.iter().map(|(_, content)| (Digest::of(content), stem(content))).collect()),
    };
    aws.directory.put_versions(name, known);
    Ok(Found::Ours(function))
}

/// `GetFunction` of `$LATEST` or of a version; `None` when it is absent.
pub(super) async fn get(name: &str, version: Option<u64>, aws: &Aws) -> Result<Option<GetFunctionOutput>, Error> {
    let qualifier = version.map(|version| version.to_string());
    let call = || aws.lambda.get_function().function_name(name).set_qualifier(qualifier.clone()).send();
    idempotent("read", &id(name), call).await.unless("ResourceNotFoundException")
}

/// Whether what was read carries the stack's owner tags.
pub(super) fn owned(live: &GetFunctionOutput, aws: &Aws) -> bool {
    aws.scope.owns(&tags(live))
}

fn tags(live: &GetFunctionOutput) -> Tags {
    live.tags.clone().unwrap_or_default().into_iter().collect()
}

/// `$LATEST` and all published versions, with their whole configurations.
pub(super) async fn versions(name: &str, aws: &Aws) -> Result<Vec<FunctionConfiguration>, Error> {
    pages(async |marker: Option<String>| {
        let call = || aws.lambda.list_versions_by_function().function_name(name).set_marker(marker.clone()).send();
        let page = idempotent("list the versions of", &id(name), call).await?;
        Ok((page.versions.unwrap_or_default(), page.next_marker))
    })
    .await
}

/// Waits until `$LATEST`, or a version, is neither being made nor being changed, and refuses one of which that failed.
pub(super) async fn settled(name: &str, version: Option<u64>, aws: &Aws) -> Result<(), Error> {
    let live = idle(name, version, aws).await?;
    let failure = if live.state() == Some(&State::Failed) {
        ("start", live.state_reason())
    } else if live.last_update_status() == Some(&LastUpdateStatus::Failed) {
        ("update", live.last_update_status_reason())
    } else {
        return Ok(());
    };
    let (act, cause) = failure;
    Err(Error::refused(act, &shown(name, version), cause.unwrap_or("Lambda gives no reason")))
}

/// Waits until `$LATEST`, or a version, is neither being made nor being changed, and gives what it is then.
async fn idle(name: &str, version: Option<u64>, aws: &Aws) -> Result<FunctionConfiguration, Error> {
    wait_until(&shown(name, version), "ready", READY, || async {
        // Lambda may need a moment to find a version that it has just published.
        let live = get(name, version, aws).await?.and_then(|live| live.configuration);
        Ok(live.filter(|live| !busy(live)))
    })
    .await
}

/// Whether it is being made or being changed, which is also what it means when Lambda does not tell: `LastUpdateStatus`
/// is first set once the creation is complete (API reference, `FunctionConfiguration`). Only what failed while it was
/// made may never get one. Inactive is ready: a version that nobody called for long wakes up when it is called.
fn busy(live: &FunctionConfiguration) -> bool {
    match live.state() {
        None | Some(State::Pending) => true,
        Some(State::Failed) => live.last_update_status() == Some(&LastUpdateStatus::InProgress),
        Some(_) => matches!(live.last_update_status(), None | Some(LastUpdateStatus::InProgress)),
    }
}

fn shown(name: &str, version: Option<u64>) -> String {
    match version {
        Some(version) => format!("{} version {version}", id(name)),
        None => id(name).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_busy(state: Option<State>, update: Option<LastUpdateStatus>) -> bool {
        busy(&FunctionConfiguration::builder().set_state(state).set_last_update_status(update).build())
    }

    #[test]
    fn what_lambda_does_not_tell_is_not_ready() {
        assert!(is_busy(None, Some(LastUpdateStatus::Successful)));
        assert!(is_busy(Some(State::Active), None));
        assert!(!is_busy(Some(State::Active), Some(LastUpdateStatus::Successful)));
    }

    #[test]
    fn what_failed_is_not_waited_for() {
        assert!(!is_busy(Some(State::Failed), None));
        assert!(!is_busy(Some(State::Active), Some(LastUpdateStatus::Failed)));
    }

    #[test]
    fn what_nobody_called_for_long_is_ready() {
        assert!(!is_busy(Some(State::Inactive), Some(LastUpdateStatus::Successful)));
    }
}
