use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use futures_util::future::join_all;
use serde_json::json;

use super::world::{BASE, PASSWORD, World, body, claims};

const EMAIL: &str = "a@example.com";

#[tokio::test]
async fn a_login_gives_an_access_token_of_rfc_9068() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(600)));
    assert_eq!(tokens["scope"], "memos:read memos:write account");
    let claims = claims(&tokens);
    assert_eq!(claims["aud"], json!([BASE, format!("{BASE}/v1/memos")]));
    assert_eq!((&claims["iss"], &claims["client_id"]), (&json!(BASE), &json!("memoctl-first-party")));
    assert_eq!(claims["exp"], json!(world.now.as_second() + 600));
}

#[tokio::test]
async fn a_login_verifies_under_the_published_keys() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let keys = world.send("GET /.well-known/jwks.json", json!(null), "").await;
    let keys = jwt::PublicKeys::parse(&keys.body).unwrap();
    let demand = jwt::Demand { issuer: BASE, audiences: &[BASE], now: 1_800_000_000 };
    assert!(jwt::Claims::verify(tokens["access_token"].as_str().unwrap(), &keys, &demand).is_ok());
}

#[tokio::test]
async fn the_address_may_be_spelled_in_any_case() {
    let world = World::new().await;
    world.register("a@example.com").await;
    assert_eq!(world.log_in("A@EXAMPLE.com", PASSWORD).await.status_code, 200);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_one_answer() {
    let world = World::new().await;
    world.register(EMAIL).await;
    let (wrong, unknown) = (world.log_in(EMAIL, "wrong").await, world.log_in("b@example.com", PASSWORD).await);
    assert_eq!((wrong.status_code, &wrong.body), (401, &unknown.body));
}

#[tokio::test]
async fn a_narrower_scope_can_be_asked_for_and_an_unknown_one_not() {
    let world = World::new().await;
    world.register(EMAIL).await;
    let ask = |scope| world.post("/v1/sessions", json!({ "email": EMAIL, "password": PASSWORD, "scope": scope }));
    assert_eq!(body(&ask("memos:read").await)["scope"], "memos:read");
    assert_eq!(ask("everything").await.status_code, 422);
}

#[tokio::test]
async fn of_fifty_parallel_wrong_logins_five_are_looked_at() {
    let world = World::new().await;
    world.register(EMAIL).await;
    let replies = join_all((0..50).map(|_| world.log_in(EMAIL, "wrong"))).await;
    let count = |status| replies.iter().filter(|reply| reply.status_code == status).count();
    assert_eq!((count(401), count(429)), (5, 45));
    let blocked = replies.iter().find(|reply| reply.status_code == 429).unwrap();
    assert_eq!(blocked.headers["Retry-After"], "30");
}

#[tokio::test]
async fn a_blocked_attempt_does_not_extend_the_block() {
    let mut world = World::new().await;
    world.register(EMAIL).await;
    join_all((0..5).map(|_| world.log_in(EMAIL, "wrong"))).await;
    world = world.later(29);
    assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 429);
    world = world.later(1);
    assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 200);
}

#[tokio::test]
async fn success_clears_the_pairs_attempts() {
    let world = World::new().await;
    world.register(EMAIL).await;
    for _ in 0..2 {
        join_all((0..4).map(|_| world.log_in(EMAIL, "wrong"))).await;
        assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 200);
    }
}

#[tokio::test]
async fn a_block_is_of_one_place_on_the_network() {
    let mut world = World::new().await;
    world.register(EMAIL).await;
    join_all((0..6).map(|_| world.log_in(EMAIL, "wrong"))).await;
    world.ip = "192.0.2.2";
    assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 200);
}

#[tokio::test]
async fn one_place_guesses_fifty_times_an_hour_at_all_accounts() {
    let world = World::new().await;
    for number in 0..50 {
        assert_eq!(world.log_in(&format!("u{number}@x.example"), "wrong").await.status_code, 401);
    }
    assert_eq!(world.log_in("u50@x.example", "wrong").await.status_code, 429);
    assert_eq!(world.later(3_600).log_in("u0@x.example", "wrong").await.status_code, 401);
}

#[tokio::test]
async fn a_user_has_at_most_fifty_sessions_and_the_oldest_goes() {
    let mut world = World::new().await;
    let first = world.tokens().await;
    let mut second = first.clone();
    for number in 1..=50 {
        // Another hour each, for the throttle and the order of sessions.
        world = world.later(3_600);
        let tokens = body(&world.log_in(EMAIL, PASSWORD).await);
        if number == 1 {
            second = tokens;
        }
    }
    assert_eq!(world.refresh(&first).await.status_code, 400);
    assert_eq!(world.refresh(&second).await.status_code, 200);
}

#[tokio::test]
async fn logins_at_the_same_moment_do_not_pass_fifty_sessions() {
    let mut world = World::new().await;
    world.register(EMAIL).await;
    for _ in 0..48 {
        world = world.later(3_600);
        world.session(EMAIL, PASSWORD).await;
    }
    world = world.later(3_600);
    let replies = join_all((0..5).map(|_| world.log_in(EMAIL, PASSWORD))).await;
    assert!(replies.iter().all(|reply| reply.status_code == 200));
    assert_eq!(world.items().await.matches("SESS#").count(), 50);
    for reply in &replies {
        assert_eq!(world.refresh(&body(reply)).await.status_code, 200);
    }
}

/// Prints the medians of a login's time for a known and an unknown user, and their ratio: `scripts/bench login`.
#[tokio::test]
#[ignore = "a measurement: scripts/bench login"]
async fn login_takes_as_long_for_an_unknown_user_as_for_a_known_one() {
    let mut world = World::new().await;
    world.register(EMAIL).await;
    let mut times = [Vec::new(), Vec::new()];
    for number in 0..400 {
        // Another hour each, for the throttle.
        world = world.later(3_600);
        let start = std::time::Instant::now();
        let email = [EMAIL, "b@example.com"][number % 2];
        assert_eq!(world.log_in(email, "wrong").await.status_code, 401);
        times[number % 2].push(start.elapsed());
    }
    let [known, unknown] = times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    });
    println!("known {known:?}, unknown {unknown:?}, ratio {:.3}", unknown.as_secs_f64() / known.as_secs_f64());
}

#[tokio::test]
async fn a_login_hashes_a_password_again_whose_parameters_have_risen() {
    let world = World::new().await;
    let user = body(&world.register(EMAIL).await)["id"].as_str().unwrap().to_owned();
    world.set_password_hash(&user, &weak_hash(PASSWORD)).await;
    assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 200);
    assert!(world.password_hash(&user).await.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 200);
}

fn weak_hash(password: &str) -> String {
    let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
    weak.hash_password_with_salt(password.as_bytes(), b"salt salt salt").unwrap().to_string()
}

#[tokio::test]
async fn the_table_holds_neither_password_nor_address_of_who_guesses() {
    let world = World::new().await;
    world.log_in(EMAIL, PASSWORD).await;
    let items = format!("{:?}", world.dynamodb.scan().table_name("auth").send().await.unwrap().items());
    assert!(items.contains("TH#pair#"));
    assert!(!items.contains(PASSWORD) && !items.contains(EMAIL) && !items.contains(world.ip), "{items}");
}
