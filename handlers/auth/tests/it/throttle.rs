//! What the counters of attempts heed, and what not.

use futures_util::future::join_all;
use serde_json::json;

use super::world::{EMAIL, PASSWORD, World};

#[tokio::test]
async fn an_ipv6_customer_is_one_place_however_many_addresses_they_use() {
    let mut world = World::new().await;
    world.register(EMAIL).await;
    for ip in ["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2:ffff::3", "2001:db8:1:2::4", "2001:db8:1:2::5"] {
        world.ip = ip;
        assert_eq!(world.log_in(EMAIL, "wrong").await.status_code, 401);
    }
    world.ip = "2001:db8:1:2::6";
    assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 429);
    world.ip = "2001:db8:1:3::1";
    assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 200);
}

#[tokio::test]
async fn what_a_client_says_about_its_address_counts_for_nothing() {
    let world = World::new().await;
    world.register(EMAIL).await;
    let login = json!({ "email": EMAIL, "password": "wrong" }).to_string();
    for number in 0..6 {
        let headers =
            json!({ "Content-Type": ["application/json"], "X-Forwarded-For": [format!("198.51.100.{number}")] });
        let status = world.send("POST /v1/sessions", headers, &login).await.status_code;
        assert_eq!(status, if number < 5 { 401 } else { 429 });
    }
}

/// Places that guess at one account, each as often as it may.
const PLACES: [&str; 20] = [
    "192.0.2.1",
    "192.0.2.2",
    "192.0.2.3",
    "192.0.2.4",
    "192.0.2.5",
    "192.0.2.6",
    "192.0.2.7",
    "192.0.2.8",
    "192.0.2.9",
    "192.0.2.10",
    "192.0.2.11",
    "192.0.2.12",
    "192.0.2.13",
    "192.0.2.14",
    "192.0.2.15",
    "192.0.2.16",
    "192.0.2.17",
    "192.0.2.18",
    "192.0.2.19",
    "192.0.2.20",
];

/// Uses up the hundred guesses of the hour at the account.
async fn exhaust(world: &mut World) {
    world.register(EMAIL).await;
    for ip in PLACES {
        world.ip = ip;
        for reply in join_all((0..5).map(|_| world.log_in(EMAIL, "wrong"))).await {
            assert_eq!(reply.status_code, 401);
        }
    }
}

/// The user's own place.
const HOME: &str = "203.0.113.1";

#[tokio::test]
async fn after_a_hundred_guesses_at_an_account_from_anywhere_its_user_waits_a_minute_from_the_first_refusal() {
    let mut world = World::new().await;
    exhaust(&mut world).await;
    world.ip = HOME;
    for (later, wait) in [(0, "60"), (30, "30"), (29, "1")] {
        world = world.later(later);
        let blocked = world.log_in(EMAIL, PASSWORD).await;
        assert_eq!((blocked.status_code, &*blocked.headers["Retry-After"]), (429, wait));
    }
    world = world.later(1);
    assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 200);
}

#[tokio::test]
async fn who_goes_on_guessing_from_ever_new_places_does_not_keep_the_user_out() {
    let mut world = World::new().await;
    exhaust(&mut world).await;
    world.ip = HOME;
    assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 429);
    for second in 1..=60 {
        world = world.later(1);
        // Whatever gets free, the attacker is there first.
        world.ip = format!("2001:db8:0:{second:x}::1").leak();
        world.log_in(EMAIL, "wrong").await;
    }
    world.ip = HOME;
    assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 200);
}

#[tokio::test]
async fn who_has_waited_for_others_guesses_has_the_guesses_of_a_place() {
    let mut world = World::new().await;
    exhaust(&mut world).await;
    world.ip = HOME;
    assert_eq!(world.log_in(EMAIL, "wrong").await.status_code, 429);
    world = world.later(60);
    let replies = join_all((0..8).map(|_| world.log_in(EMAIL, "wrong"))).await;
    let count = |status| replies.iter().filter(|reply| reply.status_code == status).count();
    assert_eq!((count(401), count(429)), (5, 3));
}

#[tokio::test]
async fn an_attempt_that_another_rule_refuses_does_not_extend_a_wait() {
    let mut world = World::new().await;
    world.register(EMAIL).await;
    // The place's fifty of the hour, the last five of them at the one account.
    for number in 0..45 {
        assert_eq!(world.log_in(&format!("u{number}@x.example"), "wrong").await.status_code, 401);
    }
    for _ in 0..5 {
        assert_eq!(world.log_in(EMAIL, "wrong").await.status_code, 401);
    }
    // The pair's wait of 30 seconds ends; the place is blocked for the rest of its hour.
    world = world.later(3_590);
    let blocked = world.log_in(EMAIL, PASSWORD).await;
    assert_eq!((blocked.status_code, &*blocked.headers["Retry-After"]), (429, "10"));
    world = world.later(10);
    assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 200);
}

#[tokio::test]
async fn of_fifty_parallel_wrong_passwords_of_who_is_logged_in_five_are_looked_at() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let wrong = json!({ "password": "wrong" });
    let replies = join_all((0..50).map(|_| world.json_as(&tokens, "DELETE /v1/users/me", &wrong))).await;
    let count = |status| replies.iter().filter(|reply| reply.status_code == status).count();
    assert_eq!((count(403), count(429)), (5, 45));
}

#[tokio::test]
async fn logins_at_once_of_who_has_waited_for_others_guesses_leave_the_place_as_it_may_be_used() {
    let mut world = World::new().await;
    exhaust(&mut world).await;
    let homes: Vec<&str> = (1..=6).map(|number| &*format!("203.0.113.{number}").leak()).collect();
    for home in &homes {
        world.ip = home;
        assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 429);
    }
    world = world.later(61);
    for home in &homes {
        world.ip = home;
        join_all((0..5).map(|_| world.log_in(EMAIL, PASSWORD))).await;
    }
    world = world.later(61);
    for home in homes {
        world.ip = home;
        // Who got in has its wait for others before it again.
        let reply = world.log_in(EMAIL, PASSWORD).await;
        assert!([200, 429].contains(&reply.status_code), "{home}: {}", reply.body);
    }
}

#[tokio::test]
async fn a_counter_that_has_nothing_but_its_wait_counts_anew() {
    let mut world = World::new().await;
    exhaust(&mut world).await;
    world.ip = HOME;
    assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 429);
    world.strip_waiting_counters().await;
    world = world.later(60);
    assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 200);
}
