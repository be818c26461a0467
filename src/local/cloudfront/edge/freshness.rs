//! How long an origin's answer is kept.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html>
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html>

use std::time::{Duration, SystemTime};

use http::header::{CACHE_CONTROL, EXPIRES};
use http::{HeaderMap, StatusCode};

use super::super::managed::CachePolicy;

/// Errors that are always kept for the error caching minimum TTL at least.
const KEPT: [u16; 8] = [404, 405, 414, 500, 501, 502, 503, 504];
/// Errors that are kept where the origin says for how long.
const KEPT_IF_TOLD: [u16; 4] = [400, 403, 412, 415];

/// What an answer's headers say.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    /// Seconds, of `s-maxage`, else of `max-age`, else until `Expires`.
    seconds: Option<u64>,
    /// `no-cache`, `no-store` or `private`.
    is_withheld: bool,
}

/// How long an answer is kept; `None`: not at all. `error_min_ttl` is of errors, in seconds.
pub(super) fn of(status: StatusCode, headers: &HeaderMap, policy: CachePolicy, error_min_ttl: u64) -> Option<Duration> {
    let told = Told::of(headers);
    let seconds = if status.is_client_error() || status.is_server_error() {
        let known = told.seconds.map(|seconds| seconds.min(policy.max_ttl));
        match status.as_u16() {
            code if KEPT.contains(&code) => known.unwrap_or_default().max(error_min_ttl),
            // A time that is no longer than that at which errors are asked for again is not told apart from it.
            code if KEPT_IF_TOLD.contains(&code) && told.seconds.is_some() => {
                known.unwrap_or_default().max(error_min_ttl)
            }
            _ => 0,
        }
    } else if told.is_withheld {
        policy.min_ttl
    } else {
        told.seconds.unwrap_or(policy.default_ttl).clamp(policy.min_ttl, policy.max_ttl)
    };
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

impl Told {
    fn of(headers: &HeaderMap) -> Self {
        let mut told = Self::default();
        let (mut shared, mut own) = (None, None);
        let values = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
        for directive in values.flat_map(|value| value.split(',')) {
            let (name, argument) = directive.split_once('=').unwrap_or((directive, ""));
            let argument = argument.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "no-cache" | "no-store" | "private" => told.is_withheld = true,
                "s-maxage" => shared = argument.parse().ok(),
                "max-age" => own = argument.parse().ok(),
                _ => {}
            }
        }
        let expires = || {
            let value = headers.get(EXPIRES)?.to_str().ok()?;
            let time = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
            Some(u64::try_from(time.as_second()).ok()?.saturating_sub(now))
        };
        told.seconds = shared.or(own).or_else(expires);
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIMIZED: CachePolicy =
        CachePolicy { min_ttl: 1, default_ttl: 86_400, max_ttl: 31_536_000, compressed: true };
    const DISABLED: CachePolicy = CachePolicy { min_ttl: 0, default_ttl: 0, max_ttl: 0, compressed: false };

    fn seconds(status: u16, cache_control: &str, policy: CachePolicy) -> u64 {
        let mut headers = HeaderMap::new();
        if !cache_control.is_empty() {
            headers.insert(CACHE_CONTROL, cache_control.parse().unwrap());
        }
        of(StatusCode::from_u16(status).unwrap(), &headers, policy, 10).map_or(0, |ttl| ttl.as_secs())
    }

    #[test]
    fn the_origins_word_holds_within_the_policys_bounds_and_what_is_for_caches_comes_first() {
        for (cache_control, kept) in [
            ("", 86_400),
            ("max-age=60", 60),
            ("public, max-age=60, s-maxage=120", 120),
            ("max-age=0", 1),
            ("no-cache", 1),
            ("no-store, max-age=60", 1),
            ("private", 1),
            ("max-age=99999999", 31_536_000),
        ] {
            assert_eq!(seconds(200, cache_control, OPTIMIZED), kept, "{cache_control}");
            assert_eq!(seconds(200, cache_control, DISABLED), 0, "{cache_control}");
        }
    }

    #[test]
    fn errors_are_kept_for_ten_seconds_whatever_the_policy_and_some_only_where_the_origin_says_how_long() {
        for policy in [OPTIMIZED, DISABLED] {
            for (status, cache_control, kept) in [
                (404, "", 10),
                (404, "no-store", 10),
                (503, "", 10),
                (403, "", 0),
                (403, "max-age=5", 10),
                (401, "", 0),
            ] {
                assert_eq!(seconds(status, cache_control, policy), kept, "{status} {cache_control}");
            }
        }
        assert_eq!(seconds(404, "max-age=60", OPTIMIZED), 60);
    }
}
