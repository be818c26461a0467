//! Media types: which bodies are binary.

use http::HeaderMap;
use http::header::HeaderName;

/// Whether `media_type` (with or without parameters) is one of `types`, which may hold `*/*` and `image/*`.
pub(super) fn matches(types: &[String], media_type: Option<&str>) -> bool {
    let media_type = media_type.map(essence).unwrap_or_default();
    types.iter().any(|pattern| match pattern.split_once('/') {
        Some(("*", "*")) => true,
        Some((kind, "*")) => media_type.split_once('/').is_some_and(|(given, _)| given.eq_ignore_ascii_case(kind)),
        _ => media_type.eq_ignore_ascii_case(pattern),
    })
}

/// A media type without its parameters.
pub(super) fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

/// A header's first value, when it is text.
pub(super) fn header(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The first media type that a request accepts: the one that decides whether an answer is binary.
pub(super) fn first_accepted(headers: &HeaderMap) -> Option<&str> {
    header(headers, http::header::ACCEPT).and_then(|accept| accept.split(',').next()).map(essence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_and_parameters_are_minded() {
        let types = ["image/*".to_owned(), "application/zip".to_owned()];
        assert!(matches(&types, Some("image/png")));
        assert!(matches(&types, Some("Application/Zip; level=9")));
        assert!(!matches(&types, Some("application/json")));
        assert!(!matches(&types, None));
        assert!(matches(&["*/*".to_owned()], None));
    }
}
