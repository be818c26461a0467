//! `dns_record`: the records of the page's domain in a hosted zone of Route 53, aliases of its distribution.
//!
//! A record has no tags. It is the stack's when it leads to the stack's distribution, whose tags name the zones and the
//! domains, so that a record is found that `stack.toml` no longer names.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_route53::types::{
    AliasTarget, Change, ChangeAction, ChangeBatch, ChangeStatus, ResourceRecordSet, RrType,
};
use serde::Serialize;

use super::distribution::{self, Distribution};
use super::{Blueprint, Found, Kind};
use crate::aws::{Aws, Error, Unless as _, each, idempotent, incomplete, wait_until};
use crate::plan::Id;
use crate::scope::Tags;
use crate::stack::{Domain, Site};

/// The hosted zone of all distributions.
/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html>
const CLOUDFRONT: &str = "Z2FDTNDATAQYW2";

/// What the keys of the tags begin with by which a distribution tells its records: each ends with the id of a zone, and
/// its value is the domains.
const ZONES: &str = "memoctl:zone/";

/// How long the name servers may take: "generally within 60 seconds", with much to spare.
/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html>
const EVERYWHERE: Duration = Duration::from_mins(10);

/// The records of one domain, for IPv4 and IPv6.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DnsRecord {
    /// The id of the hosted zone, and the domain: `Z0123456789ABCDEFGHIJ/memo.example.com`.
    pub name: String,
    /// Those that are there: `A` and `AAAA`.
    pub types: BTreeSet<String>,
    /// None: a record belongs to its distribution.
    #[serde(skip)]
    pub tags: Tags,
    /// The distribution that it leads to.
    #[serde(skip)]
    distribution: String,
}

/// Records to delete, as Route 53 tells them.
#[derive(Debug)]
pub struct Doomed {
    name: String,
    sets: Vec<ResourceRecordSet>,
}

/// What has a name in a zone.
struct Sets {
    /// The aliases of the distribution.
    ours: Vec<ResourceRecordSet>,
    /// Whether something else answers for the name.
    foreign: bool,
}

impl Kind for DnsRecord {
    const KIND: &'static str = "dns_record";
    const WAY_OUT: Option<&'static str> = Some(
        "the domain leads elsewhere: delete its record, name another domain in [site.domain], or take `zone` out of it and \
         make the record yourself",
    );
    type Confirmed = Doomed;

    fn name(&self) -> &str {
        &self.name
    }

    fn needs(&self) -> Vec<Id> {
        vec![Id::new(Distribution::KIND, &self.distribution)]
    }

    fn desired(blueprint: &Blueprint<'_>) -> Vec<Self> {
        let domain = blueprint.stack.site.as_ref().and_then(|site| site.domain.as_ref());
        let record = domain.and_then(|domain| {
            Some(Self {
                name: name(domain.zone.as_deref()?, &domain.name),
                types: [RrType::A, RrType::Aaaa].map(|kind| kind.as_str().to_owned()).into(),
                tags: Tags::new(),
                distribution: blueprint.scope.site(),
            })
        });
        record.into_iter().collect()
    }

    async fn list(wanted: &BTreeSet<String>, aws: &Aws) -> Result<Vec<Found<Self>>, Error> {
        let distribution = Box::pin(distribution::found(!wanted.is_empty(), aws)).await?;
        let tagged = distribution.as_ref().map(|known| tagged(&known.tags)).unwrap_or_default();
        let target = distribution.as_ref().map(|known| known.host.as_str());
        let read = each(wanted | &tagged, |name| async move {
            let is_wanted = wanted.contains(&name);
            Box::pin(read(name, is_wanted, target, aws)).await
        });
        Ok(read.await?.into_iter().flatten().collect())
    }

    async fn look(name: &str, _aws: &Aws) -> Result<Option<Self>, Error> {
        let cause = "Route 53 keeps no tags of a record, and this one leads elsewhere than to the stack's distribution";
        Err(Error::refused("adopt", &Id::new(Self::KIND, name), cause)
            .hint("delete it, and `memoctl deploy` makes it; or take `zone` out of [site.domain], and keep it yourself"))
    }

    async fn tag(&self, _aws: &Aws) -> Result<(), Error> {
        Ok(())
    }

    async fn create(&self, aws: &Aws) -> Result<(), Error> {
        self.put(&BTreeSet::new(), aws).await
    }

    async fn update(&self, live: &Self, aws: &Aws) -> Result<(), Error> {
        self.put(&live.types, aws).await
    }

    async fn confirm(&self, aws: &Aws) -> Result<Option<Doomed>, Error> {
        let target = distribution::found(true, aws).await?.map(|known| known.host);
        let found = sets(&self.name, target.as_deref(), aws).await?;
        let ours = found.map(|found| found.ours).filter(|ours| !ours.is_empty());
        Ok(ours.map(|sets| Doomed { name: self.name.clone(), sets }))
    }

    async fn delete(confirmed: Doomed, aws: &Aws) -> Result<(), Error> {
        let Doomed { name, sets } = confirmed;
        match change("delete", &name, ChangeAction::Delete, sets, aws).await {
            Ok(_) => Ok(()),
            // Deleted by a try whose answer got lost.
            Err(error) if error.is("InvalidChangeBatch") => {
                let target = distribution::found(true, aws).await?.map(|known| known.host);
                let left = self::sets(&name, target.as_deref(), aws).await?;
                if left.is_none_or(|left| left.ours.is_empty()) { Ok(()) } else { Err(error) }
            }
            Err(error) => Err(error),
        }
    }
}

impl DnsRecord {
    /// Makes those that are not `there`, all at once, as soon as the distribution answers for the name everywhere, and waits
    /// until the name servers know them. What answers for the name already is never overwritten.
    async fn put(&self, there: &BTreeSet<String>, aws: &Aws) -> Result<(), Error> {
        let id = self.id();
        let edge = aws.directory.edge().ok_or_else(|| Error::refused("create", &id, "its distribution is gone"))?;
        let (_, domain) = parts(&self.name);
        distribution::everywhere(&edge.id, &Id::new(Distribution::KIND, &self.distribution), aws).await?;
        let target = AliasTarget::builder().hosted_zone_id(CLOUDFRONT).dns_name(&edge.host).evaluate_target_health(false);
        let target = target.build().map_err(incomplete(&id))?;
        let set = |kind: &String| {
            let set = ResourceRecordSet::builder().name(domain).r#type(RrType::from(kind.as_str()));
            set.alias_target(target.clone()).build().map_err(incomplete(&id))
        };
        let missing = self.types.difference(there).map(set).collect::<Result<Vec<_>, _>>()?;
        let made = match change("create", &self.name, ChangeAction::Create, missing, aws).await {
            Ok(made) => made,
            Err(error) if error.is("InvalidChangeBatch") => {
                return match sets(&self.name, Some(&edge.host), aws).await? {
                    Some(found) if found.types() == self.types => Ok(()),
                    Some(found) if found.foreign => Err(Error::foreign("create", &id)),
                    Some(_) | None => Err(error),
                };
            }
            Err(error) => return Err(error),
        };
        wait_until(&id, ChangeStatus::Insync.as_str(), EVERYWHERE, || async {
            let call = || aws.route53.get_change().id(&made).send();
            let answer = idempotent("follow", &id, call).await.unless("NoSuchChange")?;
            let status = answer.and_then(|answer| answer.change_info).map(|info| info.status);
            Ok(status.is_none_or(|status| status == ChangeStatus::Insync).then_some(()))
        })
        .await
    }
}

impl Sets {
    fn types(&self) -> BTreeSet<String> {
        self.ours.iter().map(|set| set.r#type.as_str().to_owned()).collect()
    }
}

/// The name of the records of `domain` in `zone`.
fn name(zone: &str, domain: &str) -> String {
    format!("{zone}/{domain}")
}

/// The tags by which a distribution tells its records, of which a release before it may have others.
pub(super) fn tags(site: &Site) -> BTreeMap<String, String> {
    let zone = |domain: &Domain| Some((format!("{ZONES}{}", domain.zone.as_ref()?), domain.name.clone()));
    site.domain.as_ref().and_then(zone).into_iter().collect()
}

/// `tags` with the records of `others` beside its own.
pub(super) fn with(mut tags: Tags, others: &Tags) -> Tags {
    for (zone, others) in others.iter().filter(|(key, _)| key.starts_with(ZONES)) {
        let own = tags.entry(zone.clone()).or_default();
        let domains: BTreeSet<&str> = own.split_whitespace().chain(others.split_whitespace()).collect();
        *own = domains.into_iter().collect::<Vec<_>>().join(" ");
    }
    tags
}

/// The names of the records that [`tags`] tells.
fn tagged(tags: &Tags) -> BTreeSet<String> {
    let zones = tags.iter().filter_map(|(key, domains)| Some((key.strip_prefix(ZONES)?, domains)));
    zones.flat_map(|(zone, domains)| domains.split_whitespace().map(move |domain| name(zone, domain))).collect()
}

/// The zone and the domain of a name.
fn parts(name: &str) -> (&str, &str) {
    name.split_once('/').unwrap_or((name, ""))
}

/// The records `name`. What else answers for it is nobody's business but where it is `wanted`.
async fn read(name: String, wanted: bool, target: Option<&str>, aws: &Aws) -> Result<Option<Found<DnsRecord>>, Error> {
    let (sets, ()) = tokio::try_join!(sets(&name, target, aws), async {
        if wanted { holds(&name, aws).await } else { Ok(()) }
    })?;
    Ok(match sets {
        Some(found) if found.foreign && wanted => Some(Found::Foreign(name)),
        Some(found) if !found.ours.is_empty() => {
            let (types, distribution) = (found.types(), aws.scope.site());
            Some(Found::Ours(DnsRecord { name, types, tags: Tags::new(), distribution }))
        }
        Some(_) | None => None,
    })
}

/// That the zone is there, tells the world, and holds the domain.
async fn holds(name: &str, aws: &Aws) -> Result<(), Error> {
    let (zone, domain) = parts(name);
    let id = Id::new(DnsRecord::KIND, name);
    let refused = |cause: String| {
        let hint = "`zone` of [site.domain] is one that `aws route53 list-hosted-zones` tells; without it, the records are \
                    yours to make";
        Err(Error::refused("plan", &id, cause).hint(hint))
    };
    let call = || aws.route53.get_hosted_zone().id(zone).send();
    let answer = idempotent("read the hosted zone of", &id, call).await.unless("NoSuchHostedZone")?;
    let Some(known) = answer.and_then(|answer| answer.hosted_zone) else {
        return refused(format!("there is no hosted zone {zone}"));
    };
    let origin = known.name.trim_end_matches('.');
    let is_within = domain == origin || domain.strip_suffix(origin).is_some_and(|rest| rest.ends_with('.'));
    if known.config.is_some_and(|config| config.private_zone) {
        return refused(format!("the hosted zone {zone} is private, and no browser outside asks it"));
    }
    if is_within { Ok(()) } else { refused(format!("the hosted zone {zone} is that of {origin}")) }
}

/// What answers for the name; `None` where there is no such zone. `target` is the host of the stack's distribution.
async fn sets(name: &str, target: Option<&str>, aws: &Aws) -> Result<Option<Sets>, Error> {
    let (zone, domain) = parts(name);
    let id = Id::new(DnsRecord::KIND, name);
    // They are told by their names, from this one on, and no name has as many as a page holds.
    let call = || aws.route53.list_resource_record_sets().hosted_zone_id(zone).start_record_name(domain).send();
    let Some(answer) = idempotent("read", &id, call).await.unless("NoSuchHostedZone")? else { return Ok(None) };
    let answers = answer.resource_record_sets.into_iter().filter(|set| {
        set.name.trim_end_matches('.') == domain && matches!(set.r#type, RrType::A | RrType::Aaaa | RrType::Cname)
    });
    let leads_here = |set: &ResourceRecordSet| {
        let alias = set.alias_target.as_ref();
        let host = alias.map(|alias| alias.dns_name.trim_end_matches('.'));
        host.is_some() && host == target && set.set_identifier.is_none()
    };
    let (ours, others): (Vec<_>, Vec<_>) = answers.partition(leads_here);
    Ok(Some(Sets { ours, foreign: !others.is_empty() }))
}

/// Does the same to several record sets, all or none; the id of the change.
async fn change(act: &str, name: &str, action: ChangeAction, sets: Vec<ResourceRecordSet>, aws: &Aws) -> Result<String, Error> {
    let (zone, _) = parts(name);
    let id = Id::new(DnsRecord::KIND, name);
    let changes = sets.into_iter().map(|set| Change::builder().action(action.clone()).resource_record_set(set).build());
    let changes = changes.collect::<Result<Vec<_>, _>>().map_err(incomplete(&id))?;
    let batch = ChangeBatch::builder().set_changes(Some(changes)).build().map_err(incomplete(&id))?;
    let call = || aws.route53.change_resource_record_sets().hosted_zone_id(zone).change_batch(batch.clone()).send();
    Ok(idempotent(act, &id, call).await?.change_info.map(|info| info.id).unwrap_or_default())
}
