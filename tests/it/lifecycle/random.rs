//! Stacks made up at random, told by a seed.

use std::collections::{BTreeMap, BTreeSet};

use memoctl::stack::{
    Algorithm, Api, Authorizer, Backend, Cors, Function, FunctionAccess, Guard, KeyAccess, Route, RouteKey, Service,
    SigningKey, Stack, StreamView, Table, TableAccess, Throttle,
};

use super::place::{self, function, table};
use crate::dice::Dice;

/// Functions, tables, keys, routes, authorizers, CORS and limits: of each there is some, or none, and the next stack has
/// others.
pub(super) fn stack(dice: &mut Dice) -> Stack {
    let tables: BTreeMap<String, Table> = some_of(&["memos", "notes"], dice, random_table);
    let signing_keys: BTreeMap<String, SigningKey> = some_of(&["jwt", "mac"], dice, |name, _| {
        // The algorithm of a key never changes: another one is another key.
        SigningKey { overlap: 1800, algorithm: if name == "jwt" { Algorithm::EdDSA } else { Algorithm::HS256 } }
    });
    let mut functions = some_of(&["b", "c", "d"], dice, |_, _| ()).into_keys().collect::<Vec<_>>();
    functions.push("a".to_owned());
    let mut functions: BTreeMap<String, Function> =
        functions.into_iter().map(|name| (name, random_function(dice, &tables, &signing_keys))).collect();
    let api = (!dice.once_in(8)).then(|| random_api(dice, &functions));
    if api.is_some() {
        bind(dice, &mut functions);
    }
    for authorizer in api.iter().flat_map(|api| api.authorizers.values()) {
        functions.entry(authorizer.function.clone()).or_insert_with(|| function("door"));
    }
    Stack { functions, tables, signing_keys, api, ..place::stack() }
}

/// Of `names`, some, each with what `make` makes of it.
fn some_of<T>(names: &[&str], dice: &mut Dice, make: impl Fn(&str, &mut Dice) -> T) -> BTreeMap<String, T> {
    let mut some = BTreeMap::new();
    for name in names {
        if dice.once_in(2) {
            some.insert((*name).to_owned(), make(name, dice));
        }
    }
    some
}

fn random_table(_: &str, dice: &mut Dice) -> Table {
    Table {
        ttl: dice.once_in(2).then(|| "expires_at".to_owned()),
        stream: dice.one_of(&[None, Some(StreamView::KeysOnly), Some(StreamView::NewImage)]),
        point_in_time_recovery: dice.once_in(2),
        ..table()
    }
}

fn random_function(
    dice: &mut Dice,
    tables: &BTreeMap<String, Table>,
    signing_keys: &BTreeMap<String, SigningKey>,
) -> Function {
    let mut tables: BTreeMap<String, TableAccess> = tables
        .keys()
        .map(|name| (name.clone(), dice.one_of(&[TableAccess::Read, TableAccess::Write, TableAccess::ReadWrite])))
        .collect();
    tables.retain(|_, _| dice.once_in(2));
    let mut signing_keys: BTreeMap<String, KeyAccess> =
        signing_keys.keys().map(|name| (name.clone(), KeyAccess::Sign)).collect();
    signing_keys.retain(|_, _| dice.once_in(2));
    Function {
        memory: dice.one_of(&[128, 256, 512]),
        timeout: dice.one_of(&[5, 10]),
        reserved_concurrency: dice.one_of(&[None, None, Some(2)]),
        tracing: dice.once_in(3),
        log_retention: dice.one_of(&[7, 14]),
        environment: some_of(&["WORD", "OTHER"], dice, |_, dice| dice.one_of(&["word", "another"]).to_owned()),
        tables,
        signing_keys,
        ..function(dice.one_of(&["one", "two", "three"]))
    }
}

/// Has some functions invoke some, in circles too, and call some at the API.
fn bind(dice: &mut Dice, functions: &mut BTreeMap<String, Function>) {
    let names: Vec<String> = functions.keys().cloned().collect();
    for function in functions.values_mut() {
        let bound = names.iter().filter(|_| dice.once_in(3));
        function.functions = bound.map(|other| (other.clone(), FunctionAccess::Invoke)).collect();
        function.services = names.iter().filter(|_| dice.once_in(3)).cloned().collect();
    }
}

fn random_service(dice: &mut Dice) -> Service {
    let header = ("X-Address".to_owned(), "context.identity.sourceIp".to_owned());
    Service {
        name: None,
        url: dice.one_of(&["https://internal.example.com/", "http://other.example.com:8080"]).to_owned(),
        identity: dice.one_of(&["X-Caller", "X-Remote-User"]).to_owned(),
        headers: dice.once_in(2).then_some(header).into_iter().collect(),
        query: BTreeMap::new(),
        vpc_link: dice.once_in(3).then(|| "ab1c2d".to_owned()),
        verify_certificate: true,
    }
}

fn random_api(dice: &mut Dice, functions: &BTreeMap<String, Function>) -> Api {
    let authorizers: BTreeMap<String, Authorizer> = some_of(&["door", "gate"], dice, |name, dice| {
        let function = if name == "door" { "door" } else { "a" };
        Authorizer { function: function.to_owned(), ttl: dice.one_of(&[0, 60, 300]), audiences: BTreeMap::new() }
    });
    let names: Vec<&String> = functions.keys().collect();
    let guards = authorizers.keys().cloned().map(|name| Some(Guard::Authorizer(name)));
    let guards: Vec<Option<Guard>> = guards.chain([None, Some(Guard::Iam)]).collect();
    let route = |dice: &mut Dice| Route {
        backend: if dice.once_in(5) {
            Backend::Service(random_service(dice))
        } else {
            Backend::Function(dice.one_of(&names).clone())
        },
        guard: dice.one_of(&guards),
        scopes: BTreeSet::new(),
        timeout: dice.one_of(&[10_000, 20_000]),
    };
    let candidates = ["GET /a", "POST /a", "GET /b/{id}", "DELETE /b/{id}", "ANY /c/{proxy+}", "GET /"];
    let mut routes: BTreeMap<String, Route> = some_of(&candidates, dice, |_, dice| route(dice));
    if routes.is_empty() {
        routes.insert("GET /always".to_owned(), route(dice));
    }
    let key = |text: String| {
        let (method, path) = text.split_once(' ').unwrap();
        RouteKey { path: path.to_owned(), method: method.to_owned() }
    };
    Api {
        description: dice.one_of(&["Memos", "Notes"]).to_owned(),
        issuer: dice.once_in(3).then(|| "https://issuer.example".to_owned()),
        openapi: None,
        binary: dice.once_in(3),
        authorizers,
        cors: dice.once_in(2).then(|| Cors {
            origins: vec![dice.one_of(&["*", "https://memo.example"]).to_owned()],
            headers: vec!["Authorization".to_owned()],
            expose: vec!["ETag".to_owned()],
            max_age: dice.one_of(&[60, 600]),
        }),
        routes: routes.into_iter().map(|(text, route)| (key(text), route)).collect(),
        throttle: dice.once_in(3).then_some(Throttle { rate: 100.0, burst: 50 }),
    }
}
