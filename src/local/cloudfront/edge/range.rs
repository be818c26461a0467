//! Parts of what is at hand: one range of bytes. Anything else asked for is answered whole.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RangeGETs.html>

use std::ops::Range;

use bytes::Bytes;
use http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderValue, IF_RANGE, LAST_MODIFIED, RANGE};
use http::{HeaderMap, StatusCode};

/// Cuts the part out of a whole answer that the viewer asks for.
pub(super) fn cut(request: &HeaderMap, headers: &mut HeaderMap, body: &Bytes) -> (StatusCode, Bytes) {
    let accepts = headers.get(ACCEPT_RANGES).is_some_and(|value| value == "bytes");
    let wanted =
        request.get(RANGE).and_then(|value| value.to_str().ok()).filter(|_| accepts && is_same(request, headers));
    let Some(range) = wanted.and_then(|wanted| asked(wanted, body.len())) else {
        return (StatusCode::OK, body.clone());
    };
    if range.is_empty() {
        insert(headers, &format!("bytes */{}", body.len()));
        headers.insert(CONTENT_LENGTH, 0.into());
        return (StatusCode::RANGE_NOT_SATISFIABLE, Bytes::new());
    }
    insert(headers, &format!("bytes {}-{}/{}", range.start, range.end - 1, body.len()));
    headers.insert(CONTENT_LENGTH, range.len().into());
    (StatusCode::PARTIAL_CONTENT, body.slice(range))
}

/// The range that `header` asks for of `length` bytes: `None` when it is none, empty when it is beyond them.
fn asked(header: &str, length: usize) -> Option<Range<usize>> {
    let (first, last) = header.strip_prefix("bytes=").filter(|ranges| !ranges.contains(','))?.trim().split_once('-')?;
    let asked: Range<usize> = match (first, last) {
        ("", last) => length.saturating_sub(last.parse().ok()?)..length,
        (first, "") => first.parse().ok()?..length,
        (first, last) => {
            let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
            if last < first {
                return None;
            }
            first..last.saturating_add(1).min(length)
        }
    };
    Some(if asked.start < asked.end { asked } else { 0..0 })
}

/// Whether `If-Range`, if there is one, names what is at hand.
fn is_same(request: &HeaderMap, headers: &HeaderMap) -> bool {
    request.get(IF_RANGE).is_none_or(|wanted| {
        headers.get(ETAG) == Some(wanted) && wanted.as_bytes().starts_with(b"\"")
            || headers.get(LAST_MODIFIED) == Some(wanted)
    })
}

fn insert(headers: &mut HeaderMap, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(CONTENT_RANGE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_from_the_front_or_the_back_and_never_beyond_the_end() {
        for (header, range) in [
            ("bytes=2-4", Some(2..5)),
            ("bytes=5-", Some(5..10)),
            ("bytes=-3", Some(7..10)),
            ("bytes=8-99", Some(8..10)),
            ("bytes=10-", Some(0..0)),
            ("bytes=4-2", None),
            ("bytes=0-1,3-4", None),
            ("items=0-1", None),
        ] {
            assert_eq!(asked(header, 10), range, "{header}");
        }
    }
}
