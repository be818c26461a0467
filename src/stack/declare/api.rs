//! `[api]`

use std::collections::BTreeMap;

use super::{backend, pattern, route};
use crate::stack::form::{Fields, Flag, Integer, List, Map, Mapped, Positive, Record, Text};
use crate::stack::{Api, Authorizer, Cors, Route, RouteKey, Throttle};

pub(super) fn api(f: &mut Fields<'_>) -> Api {
    Api {
        description: f.or(("description", "what it is for; shown by AWS"), &Text(&pattern::DESCRIPTION), String::new()),
        issuer: f.optional(
            ("issuer", "the `iss` of its tokens, an https URL; the API's base URL when absent"),
            &Text(&pattern::ISSUER),
        ),
        openapi: f.optional(
            ("openapi", "the file with its OpenAPI 3.1 description, YAML or JSON, that `memoctl openapi` exports"),
            &Text(&pattern::FILE),
        ),
        binary: f.or(
            ("binary", "true where functions are to get bodies byte for byte, in base64; text, where what is no UTF-8 is lost, when absent"),
            &Flag,
            false,
        ),
        authorizers: f.or(
            ("authorizers", "Lambda authorizers, by name; at most 10"),
            &Map { names: &pattern::AUTHORIZER, of: Record(authorizer) },
            BTreeMap::new(),
        ),
        cors: f.optional(("cors", "what browsers of other origins may do; nothing when absent"), &Record(cors)),
        routes: f.required(
            ("routes", "by method and path: a function's name, or a table with more: another service's URL"),
            &Mapped(Map { names: &route::ROUTE, of: backend::route() }, by_path),
        ),
        throttle: f
            .optional(("throttle", "a limit for each of the methods together with all its callers"), &Record(throttle)),
    }
}

/// What is no route at all is refused already, and left out.
fn by_path(routes: BTreeMap<String, Route>) -> BTreeMap<RouteKey, Route> {
    routes
        .into_iter()
        .filter_map(|(key, route)| {
            let (method, path) = key.split_once(' ')?;
            Some((RouteKey { path: path.to_owned(), method: method.to_owned() }, route))
        })
        .collect()
}

fn authorizer(f: &mut Fields<'_>) -> Authorizer {
    Authorizer {
        function: f.required(("function", "the name of the function that it asks"), &Text(&pattern::FUNCTION)),
        ttl: f.or(("ttl", "seconds that an answer is cached, 0 to 3600"), &Integer::of(0..=3_600), 300),
        audiences: f.or(
            ("audiences", "by name of a function: the audience of tokens for its routes, by what follows the issuer; the issuer itself when absent"),
            &Map { names: &pattern::FUNCTION, of: Text(&pattern::AUDIENCE) },
            BTreeMap::new(),
        ),
    }
}

fn cors(f: &mut Fields<'_>) -> Cors {
    let headers = || List { of: Text(&pattern::HEADER), least: 0, most: 50 };
    Cors {
        origins: f.required(
            ("origins", "`[\"*\"]`, or one origin such as `https://example.com`"),
            &List { of: Text(&pattern::ORIGIN), least: 1, most: 20 },
        ),
        headers: f.or(
            ("headers", "the request headers that may be sent"),
            &headers(),
            strings(&["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"]),
        ),
        expose: f.or(
            ("expose", "the response headers that scripts may read"),
            &headers(),
            strings(&["ETag", "Link", "Location", "Retry-After"]),
        ),
        max_age: f.or(
            ("max_age", "seconds that a browser may keep the answer, 0 to 86400"),
            &Integer::of(0..=86_400),
            600,
        ),
    }
}

fn strings(items: &[&str]) -> Vec<String> {
    items.iter().map(|&item| item.to_owned()).collect()
}

fn throttle(f: &mut Fields<'_>) -> Throttle {
    Throttle {
        rate: f.required(("rate", "requests a second"), &Positive),
        burst: f.required(("burst", "requests at once"), &Integer::of(1..=100_000)),
    }
}
