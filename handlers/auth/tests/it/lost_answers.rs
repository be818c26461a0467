//! Calls of AWS that take effect and whose answers are lost: the SDK makes them again, and nobody notices.

use serde_json::{Value, json};
use service::event::Reply;

use super::world::{EMAIL, PASSWORD, World, body, claims};

/// Does `act` as a new user, with the answer to its first call lost, then to its second, and so on: it always gives
/// `status`. `then` looks at what is left.
async fn demand(
    status: u16,
    act: impl AsyncFn(&World, &str, &Value) -> Reply,
    then: impl AsyncFn(&World, &str, &Value, &Value),
) {
    let mut world = World::new().await;
    for lost in 1.. {
        // An hour later, for the throttle.
        world = world.later(3_600);
        let email = format!("u{lost}@example.com");
        let tokens = world.tokens_of(&email).await;
        world.lose_answer(lost);
        let before = world.calls();
        let reply = act(&world, &email, &tokens).await;
        let calls = world.calls() - before;
        assert_eq!(reply.status_code, status, "the answer to call {lost} was lost: {}", reply.body);
        let answer = serde_json::from_str(&reply.body).unwrap_or_default();
        then(&world, &email, &tokens, &answer).await;
        if calls < lost {
            assert!(lost > 1, "it makes no call");
            return;
        }
    }
}

#[tokio::test]
async fn a_registration_makes_one_user() {
    let register = async |world: &World, email: &str, _: &Value| world.register(&format!("second-{email}")).await;
    demand(201, register, async |world, email, _, user| {
        let tokens = world.session(&format!("second-{email}"), PASSWORD).await;
        assert_eq!(claims(&tokens)["sub"], user["id"]);
    })
    .await;
}

#[tokio::test]
async fn a_login_begins_one_session() {
    let login = async |world: &World, email: &str, _: &Value| world.log_in(email, PASSWORD).await;
    demand(200, login, async |world, _, _, tokens| {
        let listed = body(&world.as_user(tokens, "GET /v1/sessions").await);
        assert_eq!(listed["sessions"].as_array().unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_refresh_is_no_reuse() {
    let refresh = async |world: &World, _: &str, tokens: &Value| world.refresh(tokens).await;
    demand(200, refresh, async |world, _, _, tokens| assert_eq!(world.refresh(tokens).await.status_code, 200)).await;
}

#[tokio::test]
async fn a_session_that_is_ended_was_there() {
    let end = async |world: &World, _: &str, tokens: &Value| {
        world.end_session(tokens, claims(tokens)["sid"].as_str().unwrap()).await
    };
    demand(204, end, async |world, _, tokens, _| assert_eq!(world.refresh(tokens).await.status_code, 400)).await;
}

#[tokio::test]
async fn a_name_is_one_version() {
    let rename = async |world: &World, _: &str, tokens: &Value| {
        world.json_as(tokens, "PATCH /v1/users/me", &json!({ "name": "Ann" })).await
    };
    demand(200, rename, async |world, _, tokens, _| {
        assert_eq!(world.as_user(tokens, "GET /v1/users/me").await.headers["ETag"], "\"v2\"");
    })
    .await;
}

#[tokio::test]
async fn a_new_password_is_set() {
    let change = async |world: &World, _: &str, tokens: &Value| {
        let change = json!({ "current": PASSWORD, "new": "Coffee at nine, thanks" });
        world.json_as(tokens, "PUT /v1/users/me/password", &change).await
    };
    demand(204, change, async |world, email, _, _| {
        assert_eq!(world.log_in(email, "Coffee at nine, thanks").await.status_code, 200);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_account_is_gone() {
    let delete = async |world: &World, _: &str, tokens: &Value| {
        world.json_as(tokens, "DELETE /v1/users/me", &json!({ "password": PASSWORD })).await
    };
    demand(204, delete, async |world, email, _, _| assert_eq!(world.log_in(email, PASSWORD).await.status_code, 401))
        .await;
}

#[tokio::test]
async fn an_attempt_counts_once() {
    let world = World::new().await;
    world.register(EMAIL).await;
    for attempt in 1..=5 {
        world.lose_answer(1);
        assert_eq!(world.log_in(EMAIL, "wrong").await.status_code, 401, "attempt {attempt}");
    }
    assert_eq!(world.log_in(EMAIL, "wrong").await.status_code, 429);
}

#[tokio::test]
async fn an_attempt_that_another_rule_refuses_is_given_back_once() {
    let mut world = World::new().await;
    // A place that has guessed at others as often as it may guesses at one more account.
    for number in 0..50 {
        world.log_in(&format!("u{number}@example.com"), "wrong").await;
    }
    for lost in 1..=5 {
        world.lose_answer(lost);
        assert_eq!(world.log_in(EMAIL, "wrong").await.status_code, 429);
    }
    world = world.later(3_600);
    let statuses = async |world: &World| {
        let mut statuses = Vec::new();
        for _ in 0..6 {
            statuses.push(world.log_in(EMAIL, "wrong").await.status_code);
        }
        statuses
    };
    assert_eq!(statuses(&world).await, [401, 401, 401, 401, 401, 429]);
}

/// How often the SDK makes a call that fails.
const TRIES: u64 = 4;

#[tokio::test]
async fn a_refresh_of_which_all_answers_are_lost_is_read_back_and_told() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    // The session is read, then the rotation is stored.
    world.lose_answers(2..=1 + TRIES);
    let reply = world.refresh(&tokens).await;
    assert_eq!(reply.status_code, 200, "{}", reply.body);
    assert_eq!(world.refresh(&body(&reply)).await.status_code, 200);
}

#[tokio::test]
async fn a_refresh_that_did_not_take_effect_is_503_and_its_token_stays_good() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    world.refuse_calls(2..=1 + TRIES);
    assert_eq!(world.refresh(&tokens).await.status_code, 503);
    assert_eq!(world.refresh(&tokens).await.status_code, 200);
}

#[tokio::test]
async fn a_refresh_of_which_nothing_can_be_known_is_503_and_its_token_is_spent() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    world.lose_answers(2..=1 + 2 * TRIES);
    assert_eq!(world.refresh(&tokens).await.status_code, 503);
    world.heal();
    assert_eq!(world.refresh(&tokens).await.status_code, 400);
}

#[tokio::test]
async fn a_registration_and_a_login_of_which_all_answers_are_lost_are_read_back_and_told() {
    let world = World::new().await;
    // An attempt is counted, then the user is stored.
    world.lose_answers(2..=1 + TRIES);
    assert_eq!(world.register(EMAIL).await.status_code, 201);
    // Three are counted, the address and the user read, one counter cleared, the signing key read, the sessions listed, then
    // one stored.
    world.lose_answers(9..=8 + TRIES);
    let tokens = world.session(EMAIL, PASSWORD).await;
    assert_eq!(body(&world.as_user(&tokens, "GET /v1/sessions").await)["sessions"].as_array().unwrap().len(), 1);
}
