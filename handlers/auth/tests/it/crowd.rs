//! One user among many.

use std::time::{Duration, Instant};

use super::world::{EMAIL, PASSWORD, World, body};

/// How many users there are in the end.
const USERS: usize = 1_000;
/// How often each request is measured.
const RUNS: usize = 20;

/// Prints what a login and a list of sessions take of one user alone, and of one among 1,000: `scripts/bench pages`.
#[tokio::test]
#[ignore = "a measurement: scripts/bench pages"]
async fn a_login_and_a_list_of_sessions_take_as_long_among_a_thousand_users_as_alone() {
    let mut world = World::new().await;
    world.register(EMAIL).await;
    for _ in 0..50 {
        world = world.later(3_600);
        world.session(EMAIL, PASSWORD).await;
    }
    for number in 1..=USERS {
        if [1, USERS].contains(&number) {
            world = measure(world, number).await;
        }
        // A place registers twenty an hour.
        world = world.later(if number % 20 == 0 { 3_600 } else { 0 });
        assert_eq!(world.register(&format!("u{number}@example.com")).await.status_code, 201);
    }
}

/// Measures among `users` users.
#[expect(clippy::print_stdout, reason = "a measurement is what it prints")]
async fn measure(mut world: World, users: usize) -> World {
    let (mut logins, mut lists, mut calls, mut listed) = (Vec::new(), Vec::new(), [0, 0], 0);
    for _ in 0..RUNS {
        // A token lives ten minutes, a place guesses fifty times an hour.
        world = world.later(3_600);
        let before = world.calls();
        let start = Instant::now();
        let tokens = world.session(EMAIL, PASSWORD).await;
        logins.push(start.elapsed());
        calls[0] = world.calls() - before;
        let before = world.calls();
        let start = Instant::now();
        let reply = world.as_user(&tokens, "GET /v1/sessions").await;
        lists.push(start.elapsed());
        calls[1] = world.calls() - before;
        listed = body(&reply)["sessions"].as_array().unwrap().len();
    }
    let [login, list] = [logins, lists].map(median);
    println!("login, 1 of {users} users: {} calls of DynamoDB, {login:.1?}", calls[0]);
    println!("sessions, 1 of {users} users: {listed} listed by {} calls of DynamoDB, {list:.1?}", calls[1]);
    world
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
