//! A request as the handlers see it: its parts read strictly, each refusal a [`Problem`].

use std::collections::BTreeMap;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::Value;
use subtle::ConstantTimeEq as _;
use ulid::Ulid;

use crate::deadline::Deadline;
use crate::event::Event;
use crate::json;
use crate::problem::Problem;
use crate::query::Query;
use crate::response::Sharing;

/// One request, with the time at which it is answered.
#[derive(Clone, Debug)]
pub struct Request {
    event: Event,
    /// The one clock reading of this request.
    pub now: Timestamp,
    /// Until when it is to be answered.
    pub deadline: Deadline,
}

impl Request {
    /// The request of `event`, to be answered at `now`, however long that takes.
    pub fn new(event: Event, now: Timestamp) -> Self {
        Self { event, now, deadline: Deadline::default() }
    }

    /// The same, to be answered until `deadline`.
    #[must_use]
    pub fn until(self, deadline: Deadline) -> Self {
        Self { deadline, ..self }
    }

    /// `now` in seconds since the Unix epoch, as tokens and TTL attributes count.
    pub fn seconds(&self) -> u64 {
        u64::try_from(self.now.as_second()).unwrap_or_default()
    }

    /// Method and path template, to match on: `("GET", "/v1/memos/{id}")`.
    pub fn route(&self) -> (&str, &str) {
        (&self.event.http_method, &self.event.resource)
    }

    /// API Gateway's id of the request.
    pub fn id(&self) -> &str {
        &self.event.request_context.request_id
    }

    /// The address of the client's end of the connection: to API Gateway, or to the page's distribution before it.
    pub fn source_ip(&self) -> &str {
        self.viewer().unwrap_or(&self.event.request_context.identity.source_ip)
    }

    /// The address of the distribution's client, where the request comes from the distribution, which alone knows the key
    /// that memoctl gave it. CloudFront puts its client at the end of `X-Forwarded-For`, whatever that has sent, and API
    /// Gateway puts CloudFront's own address behind it.
    /// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html#RequestCustomIPAddresses>
    fn viewer(&self) -> Option<&str> {
        let key = self.event.stage_variables.get("edge_key").filter(|key| !key.is_empty())?;
        let [told] = self.lines("X-Origin-Key")[..] else { return None };
        if !bool::from(key.as_bytes().ct_eq(told.as_bytes())) {
            return None;
        }
        let last = self.lines("X-Forwarded-For").pop()?;
        last.rsplit(',').nth(1).map(str::trim).filter(|address| address.parse::<IpAddr>().is_ok())
    }

    /// The value of the path parameter `name`; empty when the route has none of that name.
    pub fn path_parameter(&self, name: &str) -> &str {
        self.event.path_parameters.get(name).map_or("", String::as_str)
    }

    /// The path parameter `name` as an id: what is no canonical, upper-case ULID is as unknown as any other id, 404.
    pub fn path_id(&self, name: &str) -> Result<Ulid, Problem> {
        let text = self.path_parameter(name);
        Ulid::from_string(text).ok().filter(|id| id.to_string() == text).ok_or_else(Problem::not_found)
    }

    /// The member `name` of the authorizer's context.
    pub fn authorizer(&self, name: &str) -> Option<&str> {
        self.event.request_context.authorizer.get(name).map(String::as_str)
    }

    /// The API's public base URL, without a trailing slash: absolute links start with it, never with `Host`.
    pub fn base_url(&self) -> Result<&str, Problem> {
        self.stage_variable("base_url")
    }

    /// The `iss` of the tokens of this API.
    pub fn issuer(&self) -> Result<&str, Problem> {
        self.stage_variable("issuer")
    }

    /// Which pages may read the answer: what `[api.cors]` says, or the default where the stage does not tell.
    pub fn sharing(&self) -> Sharing {
        let default = Sharing::default();
        let told = |name: &str, default| self.event.stage_variables.get(name).cloned().unwrap_or(default);
        Sharing { origin: told("cors_origin", default.origin), expose: told("cors_expose", default.expose) }
    }

    /// The version of the function that is bound as `name`, which the release of this request invokes; `None` where the
    /// stage tells none. See [`Event::function`].
    pub fn function(&self, name: &str) -> Option<&str> {
        self.event.function(name)
    }

    fn stage_variable(&self, name: &'static str) -> Result<&str, Problem> {
        self.event.stage_variables.get(name).map(String::as_str).ok_or_else(|| {
            tracing::error!(name, "the stage lacks a variable that memoctl sets");
            Problem::internal()
        })
    }

    /// All lines of the header `name`, joined as a list (RFC 9110 section 5.3); none when it is absent.
    pub fn header(&self, name: &str) -> Option<String> {
        let lines = self.lines(name);
        (!lines.is_empty()).then(|| lines.join(", "))
    }

    /// The header `name`, which may stand once at most: a repeated one is 400.
    pub fn single_header(&self, name: &str) -> Result<Option<&str>, Problem> {
        match self.lines(name)[..] {
            [] => Ok(None),
            [line] => Ok(Some(line)),
            _ => Err(Problem::new(400, "repeated-header", format!("The header {name} may stand only once."))),
        }
    }

    fn lines(&self, name: &str) -> Vec<&str> {
        let headers = self.event.multi_value_headers.iter();
        headers
            .filter(|(sent, _)| sent.eq_ignore_ascii_case(name))
            .flat_map(|(_, lines)| lines.iter().map(String::as_str))
            .collect()
    }

    /// The query's parameters, of which only `known` may stand, once each: others are 400.
    pub fn query(&self, known: &[&str]) -> Result<Query, Problem> {
        Query::new(&self.event.multi_value_query_string_parameters, known)
    }

    /// The body, decoded; over `limit` bytes is 413.
    pub fn body(&self, limit: usize) -> Result<Vec<u8>, Problem> {
        let text = self.event.body.as_deref().unwrap_or_default();
        let bytes = if self.event.is_base64_encoded {
            STANDARD.decode(text).map_err(|_| Problem::new(400, "unreadable-body", "The body is not valid base64."))?
        } else {
            text.as_bytes().to_vec()
        };
        if bytes.len() > limit {
            return Err(Problem::new(413, "body-too-large", format!("The body may have at most {limit} bytes.")));
        }
        Ok(bytes)
    }

    /// The body as a JSON object: 415 unless its media type is one of `media_types`, 413 over `limit` bytes, 400 when
    /// it is not strict JSON, 422 when it is no object.
    pub fn json(&self, limit: usize, media_types: &[&str]) -> Result<BTreeMap<String, Value>, Problem> {
        let media_type = self.single_header("Content-Type")?.unwrap_or_default();
        if !media_types.iter().any(|accepted| is_media_type(media_type, accepted)) {
            let accepted = media_types.join(" or ");
            return Err(Problem::new(415, "unsupported-media-type", format!("The body has to be {accepted}.")));
        }
        json::object(&self.body(limit)?)
    }
}

/// Tells whether the value of a Content-Type header is `accepted`, in UTF-8 if it names a charset.
pub fn is_media_type(value: &str, accepted: &str) -> bool {
    let mut parts = value.split(';').map(str::trim);
    parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case(accepted))
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(event: Value) -> Request {
        Request::new(serde_json::from_value(event).unwrap(), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_nulls_of_a_bare_event_are_empty() {
        let request = request(json!({
            "resource": "/healthz", "httpMethod": "GET", "headers": null, "multiValueHeaders": null,
            "multiValueQueryStringParameters": null, "pathParameters": null, "stageVariables": null, "body": null,
            "requestContext": { "requestId": "r", "identity": { "sourceIp": null }, "authorizer": null },
        }));
        assert_eq!((request.route(), request.header("If-Match"), request.source_ip()), (("GET", "/healthz"), None, ""));
        assert!(request.query(&[]).is_ok() && request.body(0).is_ok());
    }

    #[test]
    fn the_lines_of_a_header_join_whatever_their_case() {
        let request = request(json!({ "multiValueHeaders": { "if-match": ["\"a\"", "\"b\""] } }));
        assert_eq!(request.header("If-Match").as_deref(), Some("\"a\", \"b\""));
        assert_eq!(request.single_header("If-Match").map_err(|problem| problem.status), Err(400));
    }

    #[test]
    fn the_limit_is_of_the_decoded_body() {
        let request = request(json!({ "body": "YWJj", "isBase64Encoded": true }));
        assert_eq!(request.body(3), Ok(b"abc".to_vec()));
        assert_eq!(request.body(2).map_err(|problem| problem.status), Err(413));
    }

    #[test]
    fn an_unknown_or_repeated_query_parameter_is_refused() {
        let request = request(json!({ "multiValueQueryStringParameters": { "a": ["1"], "b": ["1", "2"] } }));
        assert_eq!(request.query(&["a"]).map_err(|problem| problem.status), Err(400));
        assert_eq!(request.query(&["a", "b"]).map_err(|problem| problem.status), Err(400));
    }

    #[test]
    fn the_authorizers_context_is_its_strings() {
        let context = json!({ "principalId": "u", "exp": "1800000000", "integrationLatency": 3 });
        let request = request(json!({ "requestContext": { "authorizer": context } }));
        assert_eq!((request.authorizer("exp"), request.authorizer("integrationLatency")), (Some("1800000000"), None));
    }

    #[test]
    fn a_missing_stage_variable_is_the_services_fault() {
        assert_eq!(request(json!({})).issuer().map_err(|problem| problem.status), Err(500));
    }

    /// The place of a request with these headers, to a stage whose key is `secret`.
    fn place(headers: &Value) -> String {
        let event = json!({
            "httpMethod": "GET",
            "resource": "/healthz",
            "multiValueHeaders": headers,
            "stageVariables": { "edge_key": "secret" },
            "requestContext": { "requestId": "r", "identity": { "sourceIp": "203.0.113.9" } },
        });
        Request::new(serde_json::from_value(event).unwrap(), Timestamp::UNIX_EPOCH).source_ip().to_owned()
    }

    #[test]
    fn who_comes_by_the_distribution_is_known_by_the_address_that_it_tells() {
        let forwarded = json!(["198.51.100.1, 192.0.2.7, 203.0.113.9"]);
        assert_eq!(place(&json!({ "x-origin-key": ["secret"], "X-Forwarded-For": forwarded })), "192.0.2.7");
        let of_six = json!(["2001:db8::7, 203.0.113.9"]);
        assert_eq!(place(&json!({ "X-Origin-Key": ["secret"], "X-Forwarded-For": of_six })), "2001:db8::7");
    }

    #[test]
    fn who_does_not_know_the_key_is_known_by_the_address_that_it_has() {
        let forwarded = json!(["192.0.2.7, 203.0.113.9"]);
        for key in [json!(["guess"]), json!([""]), json!([]), json!(["secret", "secret"]), json!(["secre"])] {
            assert_eq!(place(&json!({ "X-Origin-Key": key, "X-Forwarded-For": forwarded })), "203.0.113.9", "{key}");
        }
        for odd in [json!(["203.0.113.9"]), json!(["nonsense, 203.0.113.9"]), json!([])] {
            assert_eq!(place(&json!({ "X-Origin-Key": ["secret"], "X-Forwarded-For": odd })), "203.0.113.9", "{odd}");
        }
    }
}
