//! Reading many functions: the versions of all come by one list of the account's functions, 50 a page, since
//! `ListVersionsByFunction` draws on the 15 calls a second that all of Lambda's control plane shares. `GetFunction` has
//! 100 of its own, and decides what is there and whose it is.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_lambda::types::{FunctionConfiguration, FunctionVersion};

use super::Function;
use super::content::Content;
use super::read::{assemble, get, nominated, read, versions};
use crate::aws::{Aws, Error, each, idempotent};
use crate::digest::Digest;
use crate::resource::Found;
use crate::resource::live::Whose;

/// Functions and their versions, by the functions' names.
type Versions = BTreeMap<String, Vec<FunctionConfiguration>>;

/// The functions `wanted`, and what else the stack has.
pub(super) async fn list(wanted: &BTreeSet<String>, aws: &Aws) -> Result<Vec<Found<Function>>, Error> {
    let direct = each(wanted.iter().cloned(), |name| async move {
        let live = get(&name, None, aws).await?;
        Ok((name, live))
    });
    let (direct, listed) = tokio::try_join!(direct, listed(wanted.len() / 5, aws))?;
    let (names, listed) = match listed {
        Some(listed) => (listed.keys().filter(|name| aws.scope.nominates(name)).cloned().collect(), listed),
        None => (nominated(aws).await?, Versions::new()),
    };
    let listed = &listed;
    let known = each(direct, |(name, live)| async move {
        let Some(live) = live else { return Ok(None) };
        let known = listed.get(&name).filter(|versions| is_current(&name, versions, live.configuration()));
        let versions = async {
            match known {
                Some(known) => Ok(known.clone()),
                None => versions(&name, aws).await,
            }
        };
        assemble(&name, (live, versions), Whose::Ours, aws).await.map(Some)
    });
    let others = names.into_iter().filter(|name: &String| !wanted.contains(name));
    let others = each(others, |name| async move { read(&name, Whose::Ours, aws).await });
    let (known, others) = tokio::try_join!(known, others)?;
    let ours = others.into_iter().flatten().filter(|found| matches!(found, Found::Ours(_)));
    Ok(known.into_iter().flatten().chain(ours).collect())
}

/// Whether a list shows what `$LATEST` is now, and a version of it: lists come after what they list.
fn is_current(name: &str, versions: &[FunctionConfiguration], latest: Option<&FunctionConfiguration>) -> bool {
    let Some(latest) = latest.map(|latest| Digest::of(&Content::live(name, latest))) else { return false };
    let is_it = |version: &FunctionConfiguration| Digest::of(&Content::live(name, version)) == latest;
    versions.iter().filter(|version| is_it(version)).any(|version| version.version() != Some("$LATEST"))
}

/// All functions of the account with all their versions; `None` when those are more than `most` pages, by which time
/// each by itself is quicker.
async fn listed(most: usize, aws: &Aws) -> Result<Option<Versions>, Error> {
    let mut all = Versions::new();
    let mut marker = None;
    for _ in 0..most {
        let call = || {
            let call = aws.lambda.list_functions().function_version(FunctionVersion::All);
            call.set_marker(marker.clone()).send()
        };
        let page = idempotent("list", &"the functions", call).await?;
        for version in page.functions.unwrap_or_default() {
            let name = version.function_name().unwrap_or_default().to_owned();
            // Of other stacks' functions nothing is needed.
            if aws.scope.nominates(&name) {
                all.entry(name).or_default().push(version);
            }
        }
        marker = page.next_marker.filter(|marker| !marker.is_empty());
        if marker.is_none() {
            return Ok(Some(all));
        }
    }
    Ok(None)
}
