//! Viewers' conditional requests.
//! <https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2>

use http::HeaderMap;
use http::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};

/// Whether the viewer has what `answer`, with status 200, would give it.
pub(super) fn has_it(request: &HeaderMap, answer: &HeaderMap) -> bool {
    let text = |headers: &HeaderMap, name| {
        headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok()).map(str::to_owned)
    };
    if request.contains_key(IF_NONE_MATCH) {
        let Some(etag) = text(answer, ETAG) else { return false };
        let values = request.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let mut tags = values.flat_map(|value| value.split(',')).map(str::trim);
        return tags.any(|tag| tag == "*" || opaque(tag) == opaque(&etag));
    }
    let time = |text: Option<String>| jiff::fmt::rfc2822::parse(&text?).ok().map(|zoned| zoned.timestamp());
    match (time(text(request, IF_MODIFIED_SINCE)), time(text(answer, LAST_MODIFIED))) {
        (Some(since), Some(modified)) => modified <= since,
        _ => false,
    }
}

/// A tag without its weakness: both forms of an object stand for each other.
pub(super) fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: http::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn a_tag_matches_whether_it_is_weak_or_not() {
        let answer = one(ETAG, "W/\"a\"");
        for (tag, has) in [("\"a\"", true), ("W/\"a\"", true), ("\"b\", \"a\"", true), ("*", true), ("\"b\"", false)] {
            assert_eq!(has_it(&one(IF_NONE_MATCH, tag), &answer), has, "{tag}");
        }
    }

    #[test]
    fn a_time_counts_where_there_is_no_tag() {
        let answer = one(LAST_MODIFIED, "Wed, 21 Oct 2015 07:28:00 GMT");
        for (since, has) in [("Wed, 21 Oct 2015 07:28:00 GMT", true), ("Wed, 21 Oct 2015 07:27:59 GMT", false)] {
            assert_eq!(has_it(&one(IF_MODIFIED_SINCE, since), &answer), has, "{since}");
        }
        assert!(!has_it(&HeaderMap::new(), &answer));
    }
}
