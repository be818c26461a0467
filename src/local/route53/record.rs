//! A resource record set: records of one name and type.
//! <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html>

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::name::normalised;
use crate::call::Error;

/// The zone of all distributions of CloudFront, and what their names end with here.
const CLOUDFRONT: &str = "Z2FDTNDATAQYW2";
const DISTRIBUTIONS: &str = ".cloudfront.localhost.";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct RecordSet {
    pub(super) name: String,
    pub(super) r#type: String,
    #[serde(rename = "TTL", skip_serializing_if = "Option::is_none")]
    pub(super) ttl: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) resource_records: Vec<Record>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) alias_target: Option<AliasTarget>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Record {
    pub(super) value: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct AliasTarget {
    pub(super) hosted_zone_id: String,
    #[serde(rename = "DNSName")]
    pub(super) dns_name: String,
    pub(super) evaluate_target_health: bool,
}

/// A set's place in its zone: names from the last label on, then types.
pub(super) type Place = (String, String);

impl RecordSet {
    /// A set of a zone's own.
    pub(super) fn own(name: &str, kind: &str, ttl: u32, values: Vec<String>) -> Self {
        let resource_records = values.into_iter().map(|value| Record { value }).collect();
        Self { name: name.to_owned(), r#type: kind.to_owned(), ttl: Some(ttl), resource_records, alias_target: None }
    }

    pub(super) fn place(&self) -> Place {
        (super::name::order(&self.name), self.r#type.clone())
    }

    /// The set as it is kept; refused by name is what the local cloud does not do.
    pub(super) fn checked(mut self, action: &str) -> Result<Self, Error> {
        if !matches!(self.r#type.as_str(), "A" | "AAAA" | "CNAME" | "TXT" | "NS" | "SOA") {
            return Err(Error::not_implemented(&format!("records of the type {}", self.r#type)));
        }
        let name = normalised(&self.name).ok_or_else(|| {
            let text =
                format!("FATAL problem: DomainLabelEmpty (Domain name is not valid) encountered with '{}'", self.name);
            Error::new(400, "InvalidChangeBatch", format!("[{text}]"))
        })?;
        self.name = name;
        let within = format!("[Action={action}, Name={}, Type={}, SetIdentifier=null]", self.name, self.r#type);
        let text = match (&self.alias_target, self.ttl, self.resource_records.is_empty()) {
            (Some(_), None, true) | (None, Some(_), false) => return self.with_target(),
            (Some(_), ..) => format!(
                "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found more than one in Change with {within}"
            ),
            (None, None, true) => format!(
                "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with {within}"
            ),
            (None, None, false) => format!("Invalid request: Missing field 'TTL' in Change with {within}"),
            (None, Some(_), true) => {
                format!("Invalid request: Missing field 'ResourceRecords' in Change with {within}")
            }
        };
        Err(super::invalid(text))
    }

    fn with_target(mut self) -> Result<Self, Error> {
        if let Some(target) = &mut self.alias_target {
            target.dns_name =
                normalised(&target.dns_name).ok_or_else(|| super::invalid("The alias target is not valid."))?;
        }
        Ok(self)
    }

    /// What is wrong with the values, in AWS's words.
    pub(super) fn problem(&self) -> Option<String> {
        let values = self.resource_records.iter().map(|record| record.value.as_str());
        let problem = |value: &str| {
            let (what, why) = match self.r#type.as_str() {
                "A" if value.parse::<Ipv4Addr>().is_err() => {
                    ("ARRDATAIllegalIPv4Address", "Value is not a valid IPv4 address")
                }
                "AAAA" if value.parse::<Ipv6Addr>().is_err() => {
                    ("AAAARRDATAIllegalIPv6Address", "Value is not a valid IPv6 address")
                }
                "TXT" if value.len() < 2 || !value.starts_with('"') || !value.ends_with('"') => {
                    ("InvalidCharacterString", "Value should be enclosed in quotation marks")
                }
                "CNAME" | "NS" if normalised(value).is_none() => {
                    ("DomainNameNotValid", "Value is not a valid domain name")
                }
                _ => return None,
            };
            Some(format!("Invalid Resource Record: 'FATAL problem: {what} ({why}) encountered with '{value}''"))
        };
        let mut values = values.peekable();
        let several = self.r#type == "CNAME" && self.resource_records.len() > 1;
        if several {
            return Some(format!(
                "InvalidChangeBatch: RRSet of type CNAME with DNS name {} has more than one value",
                self.name
            ));
        }
        values.find_map(problem)
    }

    /// What is wrong with the alias target, in AWS's words; `own` is the zone's id, and `has` whether that zone has such a
    /// set.
    pub(super) fn target_problem(&self, own: &str, has: impl Fn(&Place) -> bool) -> Result<Option<String>, Error> {
        let Some(target) = &self.alias_target else { return Ok(None) };
        let (name, zone) = (&target.dns_name, &target.hosted_zone_id);
        let tried = format!("Tried to create an alias that targets {name}, type {} in zone {zone}, but", self.r#type);
        if zone == own {
            let place = (super::name::order(name), self.r#type.clone());
            return Ok((!has(&place)).then(|| format!("{tried} that target was not found")));
        }
        if zone != CLOUDFRONT {
            let what = format!(
                "alias targets in the zone {zone}: only distributions of CloudFront and the zone's own records"
            );
            return Err(Error::not_implemented(&what));
        }
        if !matches!(self.r#type.as_str(), "A" | "AAAA") || !name.ends_with(DISTRIBUTIONS) {
            return Ok(Some(format!("{tried} the alias target name does not lie within the target zone")));
        }
        Ok(None)
    }
}
