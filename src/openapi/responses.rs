//! What API Gateway answers by itself, as problem details (RFC 9457): fixed text, the request's id, nothing echoed.

use std::collections::BTreeMap;

use serde_json::json;

use super::Response;

/// A gateway response by type: its status, its title, and `WWW-Authenticate` where it has one (RFC 6750 section 3).
struct Answer {
    kind: &'static str,
    status: Option<u16>,
    title: &'static str,
    challenge: Option<&'static str>,
}

const ANSWERS: [Answer; 8] = [
    Answer { kind: "UNAUTHORIZED", status: Some(401), title: "Unauthorized", challenge: Some("Bearer") },
    Answer {
        kind: "ACCESS_DENIED",
        status: Some(403),
        title: "Forbidden",
        challenge: Some(r#"Bearer error="insufficient_scope""#),
    },
    Answer { kind: "MISSING_AUTHENTICATION_TOKEN", status: Some(404), title: "Not Found", challenge: None },
    Answer { kind: "INVALID_SIGNATURE", status: Some(404), title: "Not Found", challenge: None },
    Answer { kind: "AUTHORIZER_FAILURE", status: Some(503), title: "Service Unavailable", challenge: None },
    Answer { kind: "THROTTLED", status: Some(429), title: "Too Many Requests", challenge: None },
    // A status here would overwrite that of every type that has none of its own.
    Answer { kind: "DEFAULT_4XX", status: None, title: "Client Error", challenge: None },
    Answer { kind: "DEFAULT_5XX", status: None, title: "Server Error", challenge: None },
];

/// The gateway responses by type, each with `headers` as well.
pub(super) fn responses(headers: &BTreeMap<&'static str, String>) -> BTreeMap<String, Response> {
    ANSWERS.iter().map(|answer| (answer.kind.to_owned(), response(answer, headers))).collect()
}

fn response(answer: &Answer, headers: &BTreeMap<&'static str, String>) -> Response {
    let fixed = [
        ("Cache-Control", Some("no-store")),
        ("Content-Type", Some("application/problem+json")),
        ("Strict-Transport-Security", Some("max-age=63072000")),
        ("WWW-Authenticate", answer.challenge),
        ("X-Content-Type-Options", Some("nosniff")),
    ];
    let fixed = fixed.into_iter().filter_map(|(name, value)| Some((name, value?.to_owned())));
    let mut parameters: BTreeMap<String, String> = headers
        .iter()
        .map(|(name, value)| (*name, value.clone()))
        .chain(fixed)
        .map(|(name, value)| (format!("gatewayresponse.header.{name}"), format!("'{value}'")))
        .collect();
    parameters.insert("gatewayresponse.header.X-Request-Id".to_owned(), "context.requestId".to_owned());
    let mut problem =
        json!({ "type": "about:blank", "title": answer.title, "instance": "urn:request:$context.requestId" });
    if let Some(status) = answer.status {
        problem["status"] = status.into();
    }
    Response {
        status: answer.status.map(|status| status.to_string()),
        parameters,
        // The template is found by the request's media type, for which API Gateway takes JSON when none matches.
        templates: BTreeMap::from([("application/json".to_owned(), problem.to_string())]),
    }
}
