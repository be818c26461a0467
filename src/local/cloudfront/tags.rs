//! The operations on tags, of distributions.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/tagging.html>

use serde::Deserialize;
use serde_json::json;

use super::answer::Answer;
use super::error::{invalid, invalid_argument};
use super::model::{State, Tags};
use super::{Call, CloudFront, routes};
use crate::call::Error;
use crate::wire::document;

/// Tags of a resource.
const LIMIT: usize = 50;

/// Tags as a request gives them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct WrittenTags {
    #[serde(default)]
    items: Vec<WrittenTag>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct WrittenTag {
    key: String,
    #[serde(default)]
    value: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct TagKeys {
    #[serde(default)]
    items: Vec<String>,
}

impl WrittenTags {
    /// The tags, when they are what tags can be.
    pub(super) fn checked(self) -> Result<Tags, Error> {
        let given = self.items.len();
        let tags: Tags = self.items.into_iter().map(|tag| (tag.key, tag.value)).collect();
        if tags.len() != given {
            return Err(invalid("InvalidTagging", "The tag keys must be unique."));
        }
        let fits = |(key, value): (&String, &String)| {
            (1..=128).contains(&key.chars().count())
                && value.chars().count() <= 256
                && !key.to_lowercase().starts_with("aws:")
                && key.chars().chain(value.chars()).all(is_allowed)
        };
        if !tags.iter().all(fits) {
            return Err(invalid("InvalidTagging", "The tagging specified is not valid."));
        }
        within_limit(&tags)?;
        Ok(tags)
    }
}

impl CloudFront {
    pub(super) fn tag(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let given = document::input::<WrittenTags>("Tags", &call.request.body)?.checked()?;
        self.store.write(|state| {
            let tags = tags_of(state, call)?;
            tags.extend(given);
            within_limit(tags)
        })?;
        Ok(Answer::empty())
    }

    pub(super) fn untag(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let keys: TagKeys = document::input("TagKeys", &call.request.body)?;
        self.store.write(|state| {
            let tags = tags_of(state, call)?;
            tags.retain(|key, _| !keys.items.contains(key));
            Ok::<_, Error>(())
        })?;
        Ok(Answer::empty())
    }

    pub(super) fn list_tags(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let tags = self.store.read(|state| tags_of(&mut state.clone(), call).cloned())?;
        let items: Vec<_> = tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
        Ok(Answer::of(200, "Tags", &json!({ "Items": items })))
    }
}

/// The tags of the resource that a call names.
fn tags_of<'a>(state: &'a mut State, call: &Call<'_>) -> Result<&'a mut Tags, Error> {
    let resource =
        call.parameters.get("Resource").ok_or_else(|| invalid_argument("The parameter Resource is required."))?;
    let none = || Error::new(404, "NoSuchResource", "The specified resource does not exist.");
    let (kind, id) = resource.rsplit_once(':').and_then(|(_, rest)| rest.split_once('/')).ok_or_else(none)?;
    if resource != routes::arn(kind, id) {
        return Err(none());
    }
    match kind {
        "distribution" => state.distributions.get_mut(id).map(|found| &mut found.tags).ok_or_else(none),
        "function" => state.functions.get_mut(id).map(|found| &mut found.tags).ok_or_else(none),
        other => Err(Error::not_implemented(&format!("tags of a {other}"))),
    }
}

fn within_limit(tags: &Tags) -> Result<(), Error> {
    if tags.len() > LIMIT {
        return Err(invalid("InvalidTagging", format!("A resource can have at most {LIMIT} tags.")));
    }
    Ok(())
}

fn is_allowed(letter: char) -> bool {
    letter.is_alphanumeric() || letter.is_whitespace() || "_.:/=+-@".contains(letter)
}
