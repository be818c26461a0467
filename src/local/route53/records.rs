//! The operations on resource record sets.

use serde::Deserialize;
use serde_json::json;

use super::batch::{self, Change};
use super::name::{normalised, order};
use super::record::RecordSet;
use super::{Answer, Route53, invalid, size};
use crate::call::{Error, Request};
use crate::wire::document;
use crate::wire::query::Parameters;

/// Sets of a page, and changes of a batch.
const PAGE: usize = 300;
const CHANGES: usize = 1000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct ChangeResourceRecordSetsRequest {
    change_batch: ChangeBatch,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct ChangeBatch {
    comment: Option<String>,
    changes: Vec<Change>,
}

impl Route53 {
    pub(super) fn change_records(&self, id: &str, request: &Request) -> Result<Answer, Error> {
        let input: ChangeResourceRecordSetsRequest = document::input("ChangeResourceRecordSetsRequest", &request.body)?;
        let ChangeBatch { comment, changes } = input.change_batch;
        if changes.is_empty() {
            return Err(invalid("Invalid request: a change batch must have a change at least"));
        }
        if changes.len() > CHANGES {
            let text = format!("Number of records limit of {CHANGES} exceeded.");
            return Err(Error::new(400, "InvalidChangeBatch", format!("[{text}]")));
        }
        let change = self.store.write(|state| {
            let records = batch::apply(state.zone(id)?, id, changes)?;
            state.zone_mut(id)?.records = records;
            Ok::<_, Error>(state.changed(comment))
        })?;
        let body = json!({ "ChangeInfo": self.begin(&change) });
        Ok(Answer(200, "ChangeResourceRecordSetsResponse", body, None))
    }

    pub(super) fn list_records(&self, id: &str, parameters: &Parameters) -> Result<Answer, Error> {
        let most = size(parameters, PAGE)?;
        let (name, kind) = (parameters.get("name"), parameters.get("type"));
        if parameters.get("identifier").is_some() || (kind.is_some() && name.is_none()) {
            return Err(invalid(
                "The input is not valid: a type needs a name, and an identifier is of no record here.",
            ));
        }
        let start = match name {
            None => String::new(),
            Some(name) => {
                order(&normalised(name).ok_or_else(|| invalid(format!("{name} is not a valid domain name")))?)
            }
        };
        let from = (start, kind.unwrap_or_default().to_owned());
        let mut records: Vec<RecordSet> = self.store.read(|state| Ok::<_, Error>(state.zone(id)?.records.clone()))?;
        records.sort_by_key(RecordSet::place);
        let mut rest = records.iter().filter(|set| set.place() >= from);
        let page: Vec<&RecordSet> = rest.by_ref().take(most).collect();
        let next = rest.next();
        let mut body =
            json!({ "ResourceRecordSets": page, "IsTruncated": next.is_some(), "MaxItems": most.to_string() });
        if let Some(next) = next {
            body["NextRecordName"] = next.name.clone().into();
            body["NextRecordType"] = next.r#type.clone().into();
        }
        Ok(Answer(200, "ListResourceRecordSetsResponse", body, None))
    }
}
