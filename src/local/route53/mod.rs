//! Route 53: hosted zones and their records. It answers no DNS.
//!
//! The API is <https://docs.aws.amazon.com/Route53/latest/APIReference/>, its limits are those of
//! <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html>.

mod batch;
mod changes;
mod name;
mod record;
mod records;
mod zones;

use std::collections::BTreeMap;
use std::path::Path;

use http::StatusCode;
use http::header::{HeaderValue, LOCATION};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::zones::Zone;
use crate::call::{Error, Operation, Request, Response, Service};
use crate::realism::{Delays, Underway};
use crate::store::Store;
use crate::wire::document::element;
use crate::wire::query::{self, Parameters};
use crate::wire::xml::DECLARATION;
use crate::wire::{self, response};

pub(crate) const NAMESPACE: &str = "https://route53.amazonaws.com/doc/2013-04-01/";

/// The version of the API, which every path begins with.
const VERSION: &str = "/2013-04-01/";

/// What is kept: zones and changes by their ids.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct State {
    zones: BTreeMap<String, Zone>,
    changes: BTreeMap<String, changes::Change>,
}

/// Route 53: hosted zones and their records.
pub(crate) struct Route53 {
    store: Store<State>,
    delays: Delays,
    /// Changes that not all name servers know.
    underway: Underway,
}

/// What a call carries out is answered with: a status, an element, and where the thing is that was made.
struct Answer(u16, &'static str, Value, Option<String>);

impl Service for Route53 {
    fn identify(&self, request: &Request) -> Result<Operation, Error> {
        let segments = segments(request);
        let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
        let zone = |id: &str| format!("arn:aws:route53:::hostedzone/{id}");
        let (name, mutates, resource) = match (request.method.as_str(), parts.as_slice()) {
            ("POST", ["hostedzone"]) => ("CreateHostedZone", true, "*".to_owned()),
            ("GET", ["hostedzone"]) => ("ListHostedZones", false, "*".to_owned()),
            ("GET", ["hostedzonesbyname"]) => ("ListHostedZonesByName", false, "*".to_owned()),
            ("GET", ["hostedzone", id]) => ("GetHostedZone", false, zone(id)),
            ("DELETE", ["hostedzone", id]) => ("DeleteHostedZone", true, zone(id)),
            ("POST", ["hostedzone", id, "rrset"]) => ("ChangeResourceRecordSets", true, zone(id)),
            ("GET", ["hostedzone", id, "rrset"]) => ("ListResourceRecordSets", false, zone(id)),
            ("GET", ["change", id]) => ("GetChange", false, format!("arn:aws:route53:::change/{id}")),
            _ => return Err(Error::not_implemented(&format!("route53: {} {}", request.method, request.path))),
        };
        Ok(Operation { name: name.to_owned(), mutates, needs: vec![(format!("route53:{name}"), resource)] })
    }

    async fn call(&self, operation: &Operation, request: Request) -> Result<Response, Error> {
        let id = segments(&request).into_iter().nth(1).unwrap_or_default();
        let parameters = Parameters::of_query(&request.query);
        let answer = match operation.name.as_str() {
            "CreateHostedZone" => self.create_zone(&request)?,
            "GetHostedZone" => self.get_zone(&id)?,
            "DeleteHostedZone" => self.delete_zone(&id)?,
            "ListHostedZones" => self.list_zones(&parameters)?,
            "ListHostedZonesByName" => self.list_zones_by_name(&parameters)?,
            "ChangeResourceRecordSets" => self.change_records(&id, &request)?,
            "ListResourceRecordSets" => self.list_records(&id, &parameters)?,
            "GetChange" => self.get_change(&id)?,
            other => return Err(Error::not_implemented(&format!("route53:{other}"))),
        };
        Ok(render(answer))
    }

    fn refuse(&self, error: &Error, request_id: &str) -> Response {
        query::refuse(NAMESPACE, error, request_id)
    }
}

impl Route53 {
    /// Opens the state in `dir`.
    pub(crate) fn open(dir: &Path, delays: &Delays) -> std::io::Result<Self> {
        let store = Store::open(&dir.join("route53.json"))?;
        Ok(Self { store, delays: *delays, underway: Underway::default() })
    }
}

fn render(Answer(code, root, value, location): Answer) -> Response {
    let root = element(root, &value, item).attribute("xmlns", NAMESPACE);
    let status = StatusCode::from_u16(code).unwrap_or_default();
    let mut response = response(status, "text/xml", format!("{DECLARATION}{root}"));
    let location = location.map(|path| format!("https://route53.amazonaws.com{VERSION}{path}"));
    if let Some(value) = location.and_then(|location| HeaderValue::from_str(&location).ok()) {
        response.headers.insert(LOCATION, value);
    }
    response
}

/// What the items of a list are called.
fn item(list: &str) -> &'static str {
    match list {
        "HostedZones" => "HostedZone",
        "NameServers" => "NameServer",
        "ResourceRecordSets" => "ResourceRecordSet",
        "ResourceRecords" => "ResourceRecord",
        _ => "Item",
    }
}

/// The path's parts after the version.
fn segments(request: &Request) -> Vec<String> {
    let path = request.path.strip_prefix(VERSION).unwrap_or_default();
    let decode = |part: &str| percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned();
    path.trim_end_matches('/').split('/').map(decode).collect()
}

/// A page's size: 1 to `most`, which is the default.
fn size(parameters: &Parameters, most: usize) -> Result<usize, Error> {
    let Some(given) = parameters.get("maxitems") else { return Ok(most) };
    let size = given.parse::<usize>().ok().filter(|size| *size > 0);
    size.map(|size| size.min(most)).ok_or_else(|| invalid("The parameter maxitems is not valid."))
}

fn invalid(text: impl Into<String>) -> Error {
    Error::new(400, "InvalidInput", text)
}

/// Now, in the form that changes carry.
fn now() -> String {
    wire::date_time(jiff::Timestamp::now().as_second())
}

/// An id: `first`, and random letters and digits.
fn id(first: char) -> String {
    let mut bytes = [0; 20];
    // Without randomness a second id would equal the first, which the state shows.
    let _ = getrandom::fill(&mut bytes);
    let letters = bytes.iter().map(|byte| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[usize::from(byte % 36)]));
    std::iter::once(first).chain(letters).collect()
}
