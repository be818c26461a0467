//! Who calls: a header that no caller can set, with an authorizer and without.

use memoctl::stack::{Guard, Service, Stack};

use super::{Joined, joined, only, to};
use crate::lifecycle::place::{self, api};

const FORGED: [(&str, &str); 3] = [("X-Caller", "admin"), ("x-caller", "root"), ("X-CALLER", "")];

/// With the authorizer of other tests' stacks, which lets everybody with a header `Authorization` in as `anybody`.
fn guarded(stack: &mut Stack) {
    let guarded = place::stack();
    stack.functions = guarded.functions.into_iter().filter(|(name, _)| name == "door").collect();
    api(stack).authorizers = guarded.api.unwrap().authorizers;
    only(stack).guard = Some(Guard::Authorizer("door".to_owned()));
}

#[tokio::test]
async fn behind_an_authorizer_the_service_is_told_whom_it_let_in_whatever_the_caller_says() {
    let joined = Joined::with(guarded).await;
    for forged in [&FORGED[..], &[]] {
        let sent = [forged, &[("Authorization", "t")]].concat();
        assert_eq!(joined.ask("GET /legacy/a", &sent, "").await.status, 200);
        assert_eq!(joined.server.last().all("x-caller"), ["anybody"]);
    }
}

#[tokio::test]
async fn whom_the_authorizer_does_not_let_in_does_not_reach_the_service() {
    let joined = Joined::with(guarded).await;
    assert_eq!(joined.ask("GET /legacy/a", &FORGED, "").await.status, 401);
    assert!(joined.server.seen().is_empty());
}

#[tokio::test]
async fn without_an_authorizer_the_service_is_told_of_nobody_whatever_the_caller_says() {
    let joined = Joined::new().await;
    for forged in [&FORGED[..], &[]] {
        assert_eq!(joined.ask("GET /legacy/a", forged, "").await.status, 200);
        assert_eq!(joined.server.last().all("x-caller"), ["-"]);
    }
}

#[tokio::test]
async fn what_is_trusted_behind_one_route_cannot_be_forged_through_another() {
    let with = Joined::with(|stack| {
        guarded(stack);
        let url = joined(stack).url.clone();
        joined(stack).identity = "X-Remote-User".to_owned();
        let open = to("ANY /open/{proxy+}", Service { identity: "X-Who".to_owned(), ..Service::at(url) });
        api(stack).routes.extend([open]);
    });
    let with = with.await;
    let forged = [("X-Remote-User", "admin"), ("X-Who", "admin"), ("Authorization", "t")];
    with.ask("GET /open/a", &forged, "").await;
    let seen = with.server.last();
    assert_eq!([seen.all("x-remote-user"), seen.all("x-who")], [["-"], ["-"]]);
    with.ask("GET /legacy/a", &forged, "").await;
    let seen = with.server.last();
    assert_eq!([seen.all("x-remote-user"), seen.all("x-who")], [["anybody"], ["-"]]);
}
