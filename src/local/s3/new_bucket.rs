//! The tags in a `CreateBucket` request, which the wire layer does not read.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>

use bytes::Bytes;
use http::Method;
use http::request::Parts;
use http_body_util::{BodyExt as _, Limited};
use quick_xml::Reader;
use quick_xml::events::Event;
use s3s::Body;
use s3s::dto::{Tag, Tagging};

use crate::call::Error;
use crate::wire::document::character;

/// The largest configuration that is read, in bytes.
const LIMIT: usize = 64 << 10;

/// Puts the tags of a `CreateBucket` request into the request's extensions; other requests pass as they are.
pub(super) async fn with_tags(parts: &mut Parts, body: Body) -> Result<Body, Error> {
    let bucket = parts.uri.path().trim_matches('/');
    let is_create = parts.method == Method::PUT && !bucket.is_empty() && !bucket.contains('/');
    // Every other operation on a bucket is named in the query.
    let is_plain = parts.uri.query().is_none_or(|query| query.is_empty() || query == "x-id=CreateBucket");
    if !is_create || !is_plain {
        return Ok(body);
    }
    let body: Bytes = Limited::new(body, LIMIT).collect().await.map_err(|_| malformed())?.to_bytes();
    let tags = tags(&body).ok_or_else(malformed)?;
    if !tags.is_empty() {
        parts.extensions.insert(Tagging { tag_set: tags });
    }
    Ok(Body::from(body))
}

/// The tags in a `CreateBucketConfiguration`; `None` when it is no XML.
fn tags(xml: &[u8]) -> Option<Vec<Tag>> {
    let mut reader = Reader::from_reader(xml);
    let (mut path, mut tags) = (Vec::new(), Vec::<Tag>::new());
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                path.push(start.local_name().as_ref().to_vec());
                if path.last()? == b"Tag" {
                    tags.push(Tag { key: None, value: Some(String::new()) });
                }
            }
            Event::End(_) => drop(path.pop()),
            Event::Text(text) => {
                let text = text.decode().ok()?.into_owned();
                match (path.last().map(Vec::as_slice), tags.last_mut()) {
                    (Some(b"Key"), Some(tag)) => tag.key.get_or_insert_default().push_str(&text),
                    (Some(b"Value"), Some(tag)) => tag.value.get_or_insert_default().push_str(&text),
                    _ => {}
                }
            }
            Event::GeneralRef(entity) => {
                let letter = character(&entity)?;
                match (path.last().map(Vec::as_slice), tags.last_mut()) {
                    (Some(b"Key"), Some(tag)) => tag.key.get_or_insert_default().push(letter),
                    (Some(b"Value"), Some(tag)) => tag.value.get_or_insert_default().push(letter),
                    _ => {}
                }
            }
            Event::Eof => return Some(tags),
            _ => {}
        }
    }
}

fn malformed() -> Error {
    Error::new(
        400,
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_with_their_entities_and_other_elements_are_passed_over() {
        let xml = br#"<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>eu-west-1</LocationConstraint>
            <Tags><Tag><Key>memoctl:stack</Key><Value>a&amp;b</Value></Tag><Tag><Key>k</Key><Value/></Tag></Tags></CreateBucketConfiguration>"#;
        let tags = tags(xml).unwrap();
        let pairs: Vec<_> =
            tags.iter().map(|tag| (tag.key.as_deref().unwrap(), tag.value.as_deref().unwrap())).collect();
        assert_eq!(pairs, [("memoctl:stack", "a&b"), ("k", "")]);
    }

    #[test]
    fn no_body_has_no_tags_and_broken_xml_is_refused() {
        assert_eq!(tags(b""), Some(Vec::new()));
        assert_eq!(tags(b"<a></b>"), None);
    }
}
