//! Compression at the edge, to gzip: brotli, which AWS prefers where a viewer takes it, is not done here.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ServingCompressedFiles.html>

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderValue, VARY};
use http::{HeaderMap, StatusCode};

/// Bytes of what is compressed.
const SIZES: std::ops::RangeInclusive<usize> = 1_000..=10_000_000;

const TYPES: [&str; 48] = [
    "application/dash+xml",
    "application/eot",
    "application/font",
    "application/font-sfnt",
    "application/javascript",
    "application/json",
    "application/opentype",
    "application/otf",
    "application/pdf",
    "application/pkcs7-mime",
    "application/protobuf",
    "application/rss+xml",
    "application/truetype",
    "application/ttf",
    "application/vnd.apple.mpegurl",
    "application/vnd.mapbox-vector-tile",
    "application/vnd.ms-fontobject",
    "application/wasm",
    "application/xhtml+xml",
    "application/xml",
    "application/x-font-opentype",
    "application/x-font-truetype",
    "application/x-font-ttf",
    "application/x-httpd-cgi",
    "application/x-javascript",
    "application/x-mpegurl",
    "application/x-opentype",
    "application/x-otf",
    "application/x-perl",
    "application/x-ttf",
    "font/eot",
    "font/opentype",
    "font/otf",
    "font/ttf",
    "image/svg+xml",
    "text/css",
    "text/csv",
    "text/html",
    "text/javascript",
    "text/js",
    "text/plain",
    "text/richtext",
    "text/tab-separated-values",
    "text/xml",
    "text/x-component",
    "text/x-java-source",
    "text/x-script",
    "vnd.apple.mpegurl",
];

/// Whether a viewer takes gzip.
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok()) == Some(0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

/// Compresses an answer, if it is one that is compressed.
pub(super) fn compressed(status: StatusCode, headers: &mut HeaderMap, body: Bytes) -> Bytes {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_compressible = matches!(status.as_u16(), 200 | 403 | 404)
        && SIZES.contains(&body.len())
        && TYPES.contains(&content_type.as_str())
        && !headers.contains_key(CONTENT_ENCODING);
    if !is_compressible {
        return body;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Nothing can fail in memory.
    let Some(small) = encoder.write_all(&body).and_then(|()| encoder.finish()).ok() else { return body };
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    headers.insert(CONTENT_LENGTH, small.len().into());
    headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
    weaken(headers);
    small.into()
}

/// Makes a strong `ETag` a weak one, and removes one that is neither.
fn weaken(headers: &mut HeaderMap) {
    let Some(etag) = headers.get(ETAG).and_then(|etag| etag.to_str().ok()).map(str::to_owned) else { return };
    match HeaderValue::from_str(&format!("W/{etag}")) {
        Ok(weak) if etag.starts_with('"') => drop(headers.insert(ETAG, weak)),
        _ if etag.starts_with("W/") => {}
        _ => drop(headers.remove(ETAG)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn headers(content_type: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
        headers.insert(ETAG, HeaderValue::from_static("\"a\""));
        headers
    }

    #[test]
    fn text_of_some_size_is_compressed_and_its_tag_becomes_weak() {
        let (mut headers, body) = (headers("text/html; charset=utf-8"), Bytes::from("x".repeat(5000)));
        let small = compressed(StatusCode::OK, &mut headers, body.clone());
        let mut back = Vec::new();
        flate2::read::GzDecoder::new(&*small).read_to_end(&mut back).unwrap();
        assert_eq!(back, body);
        assert_eq!(
            (&headers[CONTENT_ENCODING], &headers[ETAG]),
            (&"gzip".parse().unwrap(), &"W/\"a\"".parse().unwrap())
        );
    }

    #[test]
    fn what_is_small_or_of_another_type_or_compressed_already_stays() {
        let text = Bytes::from("x".repeat(5000));
        let mut already = headers("text/html");
        already.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
        for (mut headers, body, status) in [
            (headers("text/html"), Bytes::from("x".repeat(999)), StatusCode::OK),
            (headers("image/png"), text.clone(), StatusCode::OK),
            (headers("text/html"), text.clone(), StatusCode::BAD_REQUEST),
            (already, text.clone(), StatusCode::OK),
        ] {
            assert_eq!(compressed(status, &mut headers, body.clone()), body);
        }
    }

    #[test]
    fn a_coding_with_no_weight_at_all_is_not_taken() {
        let takes = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, value.parse().unwrap());
            takes_gzip(&headers)
        };
        assert!(takes("br, GZIP;q=0.5") && !takes("gzip;q=0, br") && !takes("identity"));
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
