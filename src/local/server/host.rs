//! Which `Host` a request may name: only this machine's own, so that a web page cannot reach the local cloud by letting
//! its own name point to 127.0.0.1 (DNS rebinding).

use http::HeaderMap;
use http::header::{HOST, ORIGIN};

/// Whether `host` (a `Host` header, with or without a port) names this machine.
pub(super) fn is_local(host: &str) -> bool {
    let name = without_port(host);
    matches!(name, "127.0.0.1" | "[::1]") || is_localhost(name)
}

/// The API that a `Host` of the form `<api>.execute-api.localhost` names.
pub(super) fn execute_api(host: &str) -> Option<&str> {
    let api = without_port(host).strip_suffix(".execute-api.localhost")?;
    (!api.is_empty() && !api.contains('.')).then_some(api)
}

/// The request's `Host`; `None` when it is absent, repeated or no text.
pub(super) fn of(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(HOST).iter();
    let host = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(host)
}

/// Whether a browser sent the request from a page of another machine: browsers put `Origin` on every request that can
/// change something.
pub(super) fn is_foreign_page(headers: &HeaderMap) -> bool {
    headers.get(ORIGIN).is_some_and(|origin| {
        let origin = origin.to_str().unwrap_or_default();
        let host = origin.split_once("://").map_or("", |(_, host)| host);
        !is_local(host)
    })
}

fn is_localhost(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "localhost" || name.strip_suffix(".localhost").is_some_and(|label| !label.is_empty())
}

/// A `Host` without its port.
pub(super) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_this_machine_are_taken_with_and_without_a_port() {
        for host in
            ["127.0.0.1", "127.0.0.1:4567", "localhost:1", "LocalHost", "[::1]", "[::1]:80", "a.b.localhost:4567"]
        {
            assert!(is_local(host), "{host}");
        }
    }

    #[test]
    fn any_other_name_is_refused_even_when_it_contains_a_name_of_this_machine() {
        for host in [
            "example.com",
            "127.0.0.1.example.com",
            "localhost.example.com",
            "evillocalhost",
            ".localhost",
            "",
            "10.0.0.1",
        ] {
            assert!(!is_local(host), "{host}");
        }
    }

    #[test]
    fn the_api_is_the_first_label_of_an_execute_api_host() {
        assert_eq!(execute_api("abc123.execute-api.localhost:4567"), Some("abc123"));
        assert_eq!(execute_api("localhost:4567"), None);
        assert_eq!(execute_api("a.b.execute-api.localhost"), None);
    }
}
