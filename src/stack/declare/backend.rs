//! The keys of a route: what answers it, and who may call it.

use std::collections::BTreeSet;

use super::pattern;
use super::url;
use crate::stack::form::{Either, Fields, Flag, Form, List, Map, Mapped, Record, Seconds, Set, Text};
use crate::stack::{Backend, Guard, Route, Service};

/// Milliseconds: API Gateway's own default, and the longest it waits unless AWS raises the quota.
const TIMEOUT: u32 = 29_000;
/// The shortest that it waits, in milliseconds (API reference, `Integration`).
const SHORTEST: u32 = 50;

pub(super) fn route() -> impl Form<Value = Route> {
    let bare = |function| Route {
        backend: Backend::Function(function),
        guard: None,
        scopes: BTreeSet::new(),
        timeout: TIMEOUT,
    };
    Either(Mapped(Text(&pattern::FUNCTION), bare), Record(full_route))
}

fn full_route(f: &mut Fields<'_>) -> Route {
    Route {
        backend: backend(f),
        guard: f.optional(
            ("authorizer", "the name of an authorizer, or `iam`: callers sign, and need the right to call; without one the route is open to all"),
            &Mapped(Text(&pattern::AUTHORIZER), Guard::from as fn(String) -> Guard),
        ),
        scopes: f.or(
            ("scopes", "any one of these opens the route; when absent, any valid token does"),
            &Set(List { of: Text(&pattern::SCOPE), least: 1, most: 20 }),
            BTreeSet::new(),
        ),
        timeout: f
            .optional(
                ("timeout", "seconds that API Gateway waits for the answer, 0.05 to 29 [default: 29]"),
                &Seconds(SHORTEST..=TIMEOUT),
            )
            .unwrap_or(TIMEOUT),
    }
}

fn backend(f: &mut Fields<'_>) -> Backend {
    let function = f.optional(("function", "the name of a function that answers"), &Text(&pattern::FUNCTION));
    let url = f.optional(
        ("url", "a service that answers, with the path's variables: `https://internal.example.com/{proxy}`"),
        &Text(&url::URL),
    );
    let named = f.optional(("service", "the name of a service of `[services]` that answers"), &Text(&pattern::SERVICE));
    let path = f.optional(
        ("path", "the path there, with the path's variables: `/{proxy}`; the route's own when absent"),
        &Text(&url::PATH),
    );
    let identity = f.optional(
        ("identity", "the header that tells the service who calls, and that no caller can set [default: X-Caller]"),
        &Text(&url::PARAMETER),
    );
    let mapped = || Map { names: &url::PARAMETER, of: Text(&url::EXPRESSION) };
    let headers =
        f.optional(("headers", "by name, headers that are set: `context.identity.sourceIp`, `'fixed'`"), &mapped());
    let query = f.optional(("query", "by name, parameters that are added to the query string"), &mapped());
    let vpc_link = f.optional(("vpc_link", "the id of the VPC link to the service"), &Text(&url::VPC_LINK));
    let verify_certificate = f.optional(
        ("verify_certificate", "false where the service's certificate is of a private authority [default: true]"),
        &Flag,
    );
    let given = [
        ("path", path.is_some()),
        ("identity", identity.is_some()),
        ("headers", headers.is_some()),
        ("query", query.is_some()),
        ("vpc_link", vpc_link.is_some()),
        ("verify_certificate", verify_certificate.is_some()),
    ];
    let is_named = named.is_some();
    let service = |name, url| Service {
        name,
        url,
        identity: identity.unwrap_or_else(|| Service::IDENTITY.to_owned()),
        headers: headers.unwrap_or_default(),
        query: query.unwrap_or_default(),
        vpc_link,
        verify_certificate: verify_certificate.unwrap_or(true),
    };
    let (path, url_given) = (path.unwrap_or_default(), url.is_some());
    let answering = [("function", function.is_some()), ("service", is_named), ("url", url_given)];
    let answering: Vec<&str> = answering.into_iter().filter(|(_, given)| *given).map(|(key, _)| key).collect();
    match answering.as_slice() {
        [] => f.refuse(
            "the route has none of `function`, `service` and `url`".to_owned(),
            "`function`: the name of a function that answers; `service`: that of a service of `[services]`; `url`: where \
             one answers",
        ),
        [_] => {}
        [first, rest @ ..] => f.refuse(
            format!("the route has both `{first}` and `{}`", rest.join("` and `")),
            "one of them answers: take the rest out",
        ),
    }
    if url_given && !is_named && given[0].1 {
        f.refuse(
            "`path` says something of a `service`, and the route is to a `url`".to_owned(),
            "put it into the `url`",
        );
    }
    match (function, named, url) {
        (Some(function), _, _) => {
            for (key, _) in given.iter().filter(|(_, given)| *given && answering.len() == 1) {
                f.refuse(format!("`{key}` says something of a service, and the route is of a function"), "take it out");
            }
            Backend::Function(function)
        }
        (None, Some(name), _) => Backend::Service(service(Some(name), path)),
        (None, None, url) => Backend::Service(service(None, url.unwrap_or_default())),
    }
}
