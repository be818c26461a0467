//! The operations on hosted zones.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::name::{normalised, order};
use super::record::RecordSet;
use super::{Answer, Route53, State, id, invalid, size};
use crate::call::{Error, Request};
use crate::wire::document;
use crate::wire::query::Parameters;

/// Hosted zones of an account, and those of a page.
const LIMIT: usize = 500;
const PAGE: usize = 100;

/// A public hosted zone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Zone {
    pub(super) name: String,
    caller_reference: String,
    comment: Option<String>,
    name_servers: Vec<String>,
    pub(super) records: Vec<RecordSet>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct CreateHostedZoneRequest {
    name: String,
    caller_reference: String,
    hosted_zone_config: Option<HostedZoneConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct HostedZoneConfig {
    comment: Option<String>,
    #[serde(default)]
    private_zone: bool,
}

impl Route53 {
    pub(super) fn create_zone(&self, request: &Request) -> Result<Answer, Error> {
        let input: CreateHostedZoneRequest = document::input("CreateHostedZoneRequest", &request.body)?;
        let config = input.hosted_zone_config.as_ref();
        if config.is_some_and(|config| config.private_zone) {
            return Err(Error::not_implemented("private hosted zones (PrivateZone)"));
        }
        let name = normalised(&input.name).filter(|name| name.matches('.').count() > 1);
        let name = name.ok_or_else(|| {
            Error::new(400, "InvalidDomainName", format!("{} is not a valid domain name", input.name))
        })?;
        let id = id('Z');
        let (zone, change) = self.store.write(|state| {
            if state.zones.values().any(|zone| zone.caller_reference == input.caller_reference) {
                let text = format!(
                    "A hosted zone has already been created with the specified caller reference: {}",
                    input.caller_reference
                );
                return Err(Error::new(409, "HostedZoneAlreadyExists", text));
            }
            if state.zones.len() >= LIMIT {
                return Err(Error::new(
                    400,
                    "TooManyHostedZones",
                    format!(
                        "Limits Exceeded: MAX_HOSTED_ZONES_BY_OWNER - Cannot create more than {LIMIT} hosted zones"
                    ),
                ));
            }
            let zone = Zone::new(name, input.caller_reference, config.and_then(|config| config.comment.clone()));
            state.zones.insert(id.clone(), zone.clone());
            Ok((zone, state.changed(None)))
        })?;
        let body = json!({
            "HostedZone": zone.described(&id),
            "ChangeInfo": self.begin(&change),
            "DelegationSet": { "NameServers": zone.name_servers },
        });
        Ok(Answer(201, "CreateHostedZoneResponse", body, Some(format!("hostedzone/{id}"))))
    }

    pub(super) fn get_zone(&self, id: &str) -> Result<Answer, Error> {
        let zone = self.store.read(|state| state.zone(id).cloned())?;
        let body = json!({ "HostedZone": zone.described(id), "DelegationSet": { "NameServers": zone.name_servers } });
        Ok(Answer(200, "GetHostedZoneResponse", body, None))
    }

    pub(super) fn delete_zone(&self, id: &str) -> Result<Answer, Error> {
        let change = self.store.write(|state| {
            let zone = state.zone(id)?;
            let is_own = |set: &&RecordSet| set.name == zone.name && matches!(set.r#type.as_str(), "NS" | "SOA");
            if !zone.records.iter().all(|set| is_own(&set)) {
                let text =
                    "The specified hosted zone contains non-required resource record sets and so cannot be deleted.";
                return Err(Error::new(400, "HostedZoneNotEmpty", text));
            }
            state.zones.remove(id);
            Ok(state.changed(None))
        })?;
        let body = json!({ "ChangeInfo": self.begin(&change) });
        Ok(Answer(200, "DeleteHostedZoneResponse", body, None))
    }

    pub(super) fn list_zones(&self, parameters: &Parameters) -> Result<Answer, Error> {
        for unknown in ["delegationsetid", "hostedzonetype"] {
            if parameters.get(unknown).is_some() {
                return Err(Error::not_implemented(&format!("the parameter {unknown}")));
            }
        }
        let most = size(parameters, PAGE)?;
        let marker = parameters.get("marker").unwrap_or_default();
        let zones: BTreeMap<String, Zone> = self.store.read(|state| state.zones.clone());
        let mut rest = zones.iter().filter(|(id, _)| id.as_str() >= marker);
        let page: Vec<Value> = rest.by_ref().take(most).map(|(id, zone)| zone.described(id)).collect();
        let next = rest.next().map(|(id, _)| id);
        let mut body = json!({ "HostedZones": page, "Marker": marker, "IsTruncated": next.is_some(), "MaxItems": most.to_string() });
        if let Some(next) = next {
            body["NextMarker"] = next.clone().into();
        }
        Ok(Answer(200, "ListHostedZonesResponse", body, None))
    }

    pub(super) fn list_zones_by_name(&self, parameters: &Parameters) -> Result<Answer, Error> {
        let most = size(parameters, PAGE)?;
        let (given, id) = (parameters.get("dnsname"), parameters.get("hostedzoneid"));
        if given.is_none() && id.is_some() {
            return Err(invalid("The parameter hostedzoneid needs a dnsname."));
        }
        let start =
            match given {
                None => None,
                Some(given) => Some(normalised(given).ok_or_else(|| {
                    Error::new(400, "InvalidDomainName", format!("{given} is not a valid domain name"))
                })?),
            };
        let from = (start.as_deref().map(order).unwrap_or_default(), id.unwrap_or_default().to_owned());
        let mut zones: Vec<(String, Zone)> = self.store.read(|state| state.zones.clone()).into_iter().collect();
        zones.sort_by_key(|(id, zone)| (order(&zone.name), id.clone()));
        let mut rest = zones.iter().filter(|(id, zone)| (order(&zone.name), id.clone()) >= from);
        let page: Vec<Value> = rest.by_ref().take(most).map(|(id, zone)| zone.described(id)).collect();
        let next = rest.next();
        let mut body = json!({ "HostedZones": page, "IsTruncated": next.is_some(), "MaxItems": most.to_string() });
        if let Some(given) = given {
            body["DNSName"] = given.into();
        }
        if let Some(id) = id {
            body["HostedZoneId"] = id.into();
        }
        if let Some((id, zone)) = next {
            body["NextDNSName"] = zone.name.clone().into();
            body["NextHostedZoneId"] = id.clone().into();
        }
        Ok(Answer(200, "ListHostedZonesByNameResponse", body, None))
    }
}

impl State {
    pub(super) fn zone(&self, id: &str) -> Result<&Zone, Error> {
        self.zones.get(id).ok_or_else(|| no_zone(id))
    }

    pub(super) fn zone_mut(&mut self, id: &str) -> Result<&mut Zone, Error> {
        self.zones.get_mut(id).ok_or_else(|| no_zone(id))
    }
}

impl Zone {
    /// A zone with the records that every zone has.
    fn new(name: String, caller_reference: String, comment: Option<String>) -> Self {
        let name_servers: Vec<String> = ["com", "net", "org", "co.uk"]
            .iter()
            .enumerate()
            .map(|(at, end)| format!("ns-{}.awsdns-{at:02}.{end}", at * 512))
            .collect();
        let soa = format!("{}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400", name_servers[0]);
        let servers = name_servers.iter().map(|server| format!("{server}.")).collect();
        let records = vec![RecordSet::own(&name, "NS", 172_800, servers), RecordSet::own(&name, "SOA", 900, vec![soa])];
        Self { name, caller_reference, comment, name_servers, records }
    }

    fn described(&self, id: &str) -> Value {
        let mut config = json!({ "PrivateZone": false });
        if let Some(comment) = &self.comment {
            config["Comment"] = comment.clone().into();
        }
        json!({
            "Id": format!("/hostedzone/{id}"),
            "Name": self.name,
            "CallerReference": self.caller_reference,
            "Config": config,
            "ResourceRecordSetCount": self.records.len(),
        })
    }
}

fn no_zone(id: &str) -> Error {
    Error::new(404, "NoSuchHostedZone", format!("No hosted zone found with ID: {id}"))
}
