//! What API Gateway answers by itself, as problem details (RFC 9457): fixed text, the request's id, nothing echoed.

use std::collections::BTreeMap;

use serde_json::json;

use super::Response;

/// A gateway response by type: its status, its members, and `WWW-Authenticate` where it has one (RFC 6750 section 3).
struct Answer {
    kind: &'static str,
    status: Option<u16>,
    title: &'static str,
    /// The machine-readable name of the case.
    code: &'static str,
    detail: &'static str,
    challenge: Option<&'static str>,
}

const ANSWERS: [Answer; 8] = [
    Answer {
        kind: "UNAUTHORIZED",
        status: Some(401),
        title: "Unauthorized",
        code: "invalid-token",
        detail: "The access token is missing, invalid or expired.",
        challenge: Some("Bearer"),
    },
    Answer {
        kind: "ACCESS_DENIED",
        status: Some(403),
        title: "Forbidden",
        code: "insufficient-scope",
        detail: "The access token's scope does not open this.",
        challenge: Some(r#"Bearer error="insufficient_scope""#),
    },
    Answer { kind: "MISSING_AUTHENTICATION_TOKEN", ..NOT_FOUND },
    Answer { kind: "INVALID_SIGNATURE", ..NOT_FOUND },
    Answer {
        kind: "AUTHORIZER_FAILURE",
        status: Some(503),
        title: "Service Unavailable",
        code: "unavailable",
        detail: "Whether the access token is good cannot be told now; try again.",
        challenge: None,
    },
    Answer {
        kind: "THROTTLED",
        status: Some(429),
        title: "Too Many Requests",
        code: "too-many-requests",
        detail: "There are more requests than the API takes; try again.",
        challenge: None,
    },
    // A status here would overwrite that of every type that has none of its own.
    Answer {
        kind: "DEFAULT_4XX",
        status: None,
        title: "Client Error",
        code: "refused",
        detail: "The request is refused before a service has seen it.",
        challenge: None,
    },
    Answer {
        kind: "DEFAULT_5XX",
        status: None,
        title: "Server Error",
        code: "internal",
        detail: "The service failed, or took too long.",
        challenge: None,
    },
];

/// What API Gateway has no route for: for a path without a method it asks for credentials, in whatever form they come.
const NOT_FOUND: Answer = Answer {
    kind: "RESOURCE_NOT_FOUND",
    status: Some(404),
    title: "Not Found",
    code: "not-found",
    detail: "There is no such resource.",
    challenge: None,
};

/// The headers that every answer has, those of the handlers too.
pub(super) const FIXED: [(&str, &str); 3] = [
    ("Cache-Control", "no-store"),
    ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
    ("X-Content-Type-Options", "nosniff"),
];

/// What API Gateway answers in place of others where an API has routes that a signature opens: it has one answer for a
/// route that is not there and for a signature that is not, and one for whoever is not let in.
const BESIDE_SIGNATURES: [Answer; 3] = [
    Answer {
        kind: "ACCESS_DENIED",
        status: Some(403),
        title: "Forbidden",
        code: "insufficient-scope",
        detail: "The access token's scope does not open this, or no policy of who signed the request does.",
        challenge: Some(r#"Bearer error="insufficient_scope""#),
    },
    Answer { kind: "MISSING_AUTHENTICATION_TOKEN", ..NOT_FOUND_UNSIGNED },
    Answer { kind: "INVALID_SIGNATURE", ..NOT_FOUND_UNSIGNED },
];

const NOT_FOUND_UNSIGNED: Answer = Answer {
    detail: "There is no such resource, or it takes signed requests alone, and this one is not signed as it should be.",
    ..NOT_FOUND
};

/// The gateway responses by type, each with `headers` as well; `signed` where the API has routes that a signature opens.
pub(super) fn responses(headers: &BTreeMap<&'static str, String>, signed: bool) -> BTreeMap<String, Response> {
    let beside = BESIDE_SIGNATURES.iter().filter(|_| signed);
    ANSWERS.iter().chain(beside).map(|answer| (answer.kind.to_owned(), response(answer, headers))).collect()
}

fn response(answer: &Answer, headers: &BTreeMap<&'static str, String>) -> Response {
    let own = [("Content-Type", Some("application/problem+json")), ("WWW-Authenticate", answer.challenge)];
    let own = own.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let fixed = FIXED.into_iter().chain(own).map(|(name, value)| (name, value.to_owned()));
    let mut parameters: BTreeMap<String, String> = headers
        .iter()
        .map(|(name, value)| (*name, value.clone()))
        .chain(fixed)
        .map(|(name, value)| (format!("gatewayresponse.header.{name}"), format!("'{value}'")))
        .collect();
    parameters.insert("gatewayresponse.header.X-Request-Id".to_owned(), "context.requestId".to_owned());
    let mut problem = json!({
        "type": "about:blank",
        "title": answer.title,
        "detail": answer.detail,
        "instance": "urn:uuid:$context.requestId",
        "code": answer.code,
    });
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
