//! The page's domain: its records in a hosted zone, which lead to the page's distribution.

use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType};
use memoctl::aws::Aws;
use memoctl::history::Kept;
use memoctl::plan::{Id, Phase, Rules};
use memoctl::resource::Kind as _;
use memoctl::resource::{Blueprint, desired, live, look};
use memoctl::resource::{Resources, dns_record::DnsRecord};
use memoctl::stack::Domain;

use super::place::{planned, walk};
use super::site::Page;
use crate::inventory::inventory;

const CERTIFICATE: &str = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000";

/// A page, and a hosted zone that was there before it.
async fn at_home(domain: &str, zone: &str) -> (Page, String) {
    let mut page = Page::new().await;
    let aws = page.aws().await;
    let made = aws.route53.create_hosted_zone().name(zone).caller_reference(zone).send().await.unwrap();
    let zone = made.hosted_zone.unwrap().id.rsplit('/').next().unwrap().to_owned();
    name(&mut page, domain, Some(&zone));
    (page, zone)
}

/// Gives the page a domain.
fn name(page: &mut Page, domain: &str, zone: Option<&str>) {
    let (name, certificate) = (domain.to_owned(), CERTIFICATE.to_owned());
    page.stack.site.as_mut().unwrap().domain = Some(Domain { name, certificate, zone: zone.map(str::to_owned) });
}

/// The records of the zone but its own, as `A memo.example.com. -> d1.cloudfront.localhost.`
async fn records(zone: &str, aws: &Aws) -> Vec<String> {
    let sets = aws.route53.list_resource_record_sets().hosted_zone_id(zone).send().await.unwrap().resource_record_sets;
    let told = sets.into_iter().filter(|set| !matches!(set.r#type, RrType::Ns | RrType::Soa)).map(|set| {
        let alias = set.alias_target.map(|alias| format!("-> {}", alias.dns_name));
        let values = set.resource_records.unwrap_or_default().into_iter().map(|record| record.value);
        let target = alias.into_iter().chain(values).collect::<Vec<_>>().join(" ");
        format!("{} {} {target}", set.r#type.as_str(), set.name)
    });
    told.collect()
}

async fn expect(zone: &str, domains: &[&str], aws: &Aws) {
    let host = format!("{}.", aws.directory.edge().unwrap().host);
    let both = domains.iter().flat_map(|domain| ["A", "AAAA"].map(|kind| format!("{kind} {domain}. -> {host}")));
    assert_eq!(records(zone, aws).await, both.collect::<Vec<_>>());
}

/// Puts a record of somebody else's into the zone.
async fn put(kind: RrType, name: &str, value: &str, zone: &str, aws: &Aws) {
    let value = ResourceRecord::builder().value(value).build().unwrap();
    let set = ResourceRecordSet::builder().name(name).r#type(kind).ttl(300).resource_records(value).build().unwrap();
    let change = Change::builder().action(ChangeAction::Upsert).resource_record_set(set).build().unwrap();
    let batch = ChangeBatch::builder().changes(change).build().unwrap();
    aws.route53.change_resource_record_sets().hosted_zone_id(zone).change_batch(batch).send().await.unwrap();
}

/// Deletes the alias of that type.
async fn take_out(kind: RrType, zone: &str, aws: &Aws) {
    let sets = aws.route53.list_resource_record_sets().hosted_zone_id(zone).send().await.unwrap().resource_record_sets;
    let gone = sets.into_iter().find(|set| set.r#type == kind && set.alias_target.is_some()).unwrap();
    let change = Change::builder().action(ChangeAction::Delete).resource_record_set(gone).build().unwrap();
    let batch = ChangeBatch::builder().changes(change).build().unwrap();
    aws.route53.change_resource_record_sets().hosted_zone_id(zone).change_batch(batch).send().await.unwrap();
}

/// The zones that the distribution's tags tell, with their domains.
async fn told(aws: &Aws) -> Vec<(String, String)> {
    let arn = aws.scope.distribution_arn(&aws.directory.edge().unwrap().id);
    let tags = aws.cloudfront.list_tags_for_resource().resource(arn).send().await.unwrap().tags.unwrap().items.unwrap();
    let zones = tags
        .into_iter()
        .filter_map(|tag| Some((tag.key.strip_prefix("memoctl:zone/")?.to_owned(), tag.value.unwrap_or_default())));
    zones.collect()
}

/// Why there can be no plan.
async fn refusal(page: &Page) -> String {
    planned(&page.stack, &page.aws().await, 5, &Rules::default()).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_domain_leads_to_the_distribution_for_both_internets_and_a_destroy_leaves_the_zone_as_it_was() {
    let (page, zone) = at_home("memo.example.com", "example.com").await;
    let aws = page.aws().await;
    put(RrType::A, "example.com", "192.0.2.1", &zone, &aws).await;
    put(RrType::Txt, "memo.example.com", "\"others know this name too\"", &zone, &aws).await;
    let before = inventory(&aws).await;
    let aws = page.deploy().await;
    let host = aws.directory.edge().unwrap().host;
    assert_eq!(
        records(&zone, &aws).await,
        [
            "A example.com. 192.0.2.1".to_owned(),
            format!("A memo.example.com. -> {host}."),
            format!("AAAA memo.example.com. -> {host}."),
            "TXT memo.example.com. \"others know this name too\"".to_owned(),
        ]
    );
    assert_eq!(page.changes().await, [] as [&str; 0]);
    page.place.destroy(&page.stack).await;
    assert_eq!(inventory(&aws).await, before);
}

#[tokio::test]
async fn a_record_that_is_taken_out_by_hand_comes_back() {
    let (page, zone) = at_home("example.com", "example.com").await;
    let aws = page.deploy().await;
    expect(&zone, &["example.com"], &aws).await;
    take_out(RrType::Aaaa, &zone, &aws).await;
    assert_eq!(page.changes().await, [format!("~ dns_record/{zone}/example.com types")]);
    let aws = page.deploy().await;
    expect(&zone, &["example.com"], &aws).await;
}

#[tokio::test]
async fn a_destroy_takes_out_what_leads_to_the_page_beside_a_record_that_somebody_else_has_put_there() {
    let (page, zone) = at_home("memo.example.com", "example.com").await;
    let aws = page.deploy().await;
    take_out(RrType::Aaaa, &zone, &aws).await;
    put(RrType::Aaaa, "memo.example.com", "2001:db8::1", &zone, &aws).await;
    page.place.destroy(&page.stack).await;
    assert_eq!(records(&zone, &aws).await, ["AAAA memo.example.com. 2001:db8::1"]);
}

#[tokio::test]
async fn another_domain_has_its_records_before_those_of_the_old_one_go() {
    let (mut page, zone) = at_home("memo.example.com", "example.com").await;
    page.deploy().await;
    name(&mut page, "notes.example.com", Some(&zone));
    let aws = page.aws().await;
    let mut plan = planned(&page.stack, &aws, 5, &Rules::default()).await.unwrap();
    let record = |domain: &str| Id::new(DnsRecord::KIND, format!("{zone}/{domain}"));
    let gone = &plan.steps[&(record("memo.example.com"), Phase::CleanUp)];
    assert!(gone.after.contains(&(record("notes.example.com"), Phase::Prepare)), "{gone:?}");
    // A run that is cut short before it cleans up.
    plan.steps.retain(|(_, phase), _| *phase != Phase::CleanUp);
    assert!(walk(&plan, &aws).await.succeeded());
    expect(&zone, &["memo.example.com", "notes.example.com"], &aws).await;
    assert_eq!(told(&aws).await, [(zone.clone(), "memo.example.com notes.example.com".to_owned())]);
    let aws = page.deploy().await;
    expect(&zone, &["notes.example.com"], &aws).await;
    assert_eq!(told(&aws).await, [(zone, "notes.example.com".to_owned())]);
    assert_eq!(page.changes().await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_domain_that_leaves_the_stack_leaves_its_zone() {
    let (mut page, zone) = at_home("memo.example.com", "example.com").await;
    page.deploy().await;
    page.stack.site.as_mut().unwrap().domain = None;
    let aws = page.deploy().await;
    expect(&zone, &[], &aws).await;
    assert_eq!(told(&aws).await, []);
    assert_eq!(page.changes().await, [] as [&str; 0]);
}

#[tokio::test]
async fn without_a_zone_the_records_are_somebody_elses_to_make() {
    let (mut page, zone) = at_home("memo.example.com", "example.com").await;
    name(&mut page, "memo.example.com", None);
    let aws = page.deploy().await;
    expect(&zone, &[], &aws).await;
    assert_eq!(page.changes().await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_is_somebody_elses_and_is_never_taken() {
    for (kind, value) in [(RrType::A, "192.0.2.1"), (RrType::Cname, "elsewhere.example.org")] {
        let (page, zone) = at_home("memo.example.com", "example.com").await;
        let aws = page.aws().await;
        put(kind, "memo.example.com", value, &zone, &aws).await;
        let before = inventory(&aws).await;
        let artifacts = aws.artifacts.all();
        let nothing = Resources::new();
        let blueprint = Blueprint {
            stack: &page.stack,
            scope: &aws.scope,
            artifacts: &artifacts,
            live: &nothing,
            kept: &Kept::NOTHING,
        };
        let wanted = desired(&blueprint);
        let found = live(&wanted.keys().cloned().collect(), &aws).await.unwrap();
        let id = Id::new(DnsRecord::KIND, format!("{zone}/memo.example.com"));
        assert_eq!(found.foreign, [id.clone()].into());
        let told = look(&id, &aws).await.unwrap_err();
        assert!(told.to_string().contains("leads elsewhere"), "{told}");
        assert_eq!(inventory(&aws).await, before);
    }
}

#[tokio::test]
async fn a_zone_that_cannot_hold_the_domain_is_refused_before_anything_is_made() {
    let (mut page, zone) = at_home("memo.example.org", "example.com").await;
    let before = inventory(&page.aws().await).await;
    let said = refusal(&page).await;
    assert!(said.contains(&format!("the hosted zone {zone} is that of example.com")), "{said}");
    name(&mut page, "memo.anexample.com", Some(&zone));
    assert!(refusal(&page).await.contains("is that of example.com"));
    name(&mut page, "memo.example.com", Some("Z0123456789"));
    let said = refusal(&page).await;
    assert!(said.contains("there is no hosted zone Z0123456789"), "{said}");
    assert_eq!(inventory(&page.aws().await).await, before);
}
