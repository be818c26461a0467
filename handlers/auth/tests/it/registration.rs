use futures_util::future::join_all;
use serde_json::json;

use super::world::{BASE, PASSWORD, World, body};

#[tokio::test]
async fn a_registration_gives_the_user_and_where_it_is() {
    let world = World::new().await;
    let reply = world.post("/v1/users", json!({ "email": "A@x.example", "password": PASSWORD, "name": "Ann" })).await;
    assert_eq!((reply.status_code, &*reply.headers["Location"]), (201, &*format!("{BASE}/v1/users/me")));
    let user = body(&reply);
    assert_eq!(
        (&user["email"], &user["name"], &user["created_at"]),
        (&json!("a@x.example"), &json!("Ann"), &json!("2027-01-15T08:00:00Z"))
    );
    assert_eq!(user["id"].as_str().map(str::len), Some(26));
}

#[tokio::test]
async fn every_answer_has_the_common_headers() {
    let reply = World::new().await.send("GET /nowhere", json!(null), "").await;
    assert_eq!(reply.status_code, 404);
    for (name, value) in [
        ("Cache-Control", "no-store"),
        ("Content-Type", "application/problem+json"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Request-Id", "5b1c9a5e-0000-4000-8000-000000000000"),
    ] {
        assert_eq!(reply.headers[name], value);
    }
    assert!(reply.headers.contains_key("Strict-Transport-Security"));
}

#[tokio::test]
async fn of_twenty_racing_registrations_of_one_address_in_two_spellings_one_succeeds() {
    let world = World::new().await;
    let replies = join_all((0..20).map(|number| world.register(["A@x", "a@x"][number % 2]))).await;
    let mut statuses: Vec<_> = replies.iter().map(|reply| reply.status_code).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [&[201][..], &[409; 19]].concat());
    assert_eq!(world.items().await.matches("PROFILE").count(), 1);
    assert_eq!(world.log_in("a@X", PASSWORD).await.status_code, 200);
}

#[tokio::test]
async fn all_invalid_members_are_told_at_once() {
    let reply = World::new().await.post("/v1/users", json!({ "email": "a", "password": "short", "admin": true })).await;
    assert_eq!(reply.status_code, 422);
    let problem = body(&reply);
    let pointers: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["#/email", "#/password", "#/admin"]);
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_by_its_fault() {
    let world = World::new().await;
    let json = json!({ "Content-Type": ["application/json; charset=utf-8"] });
    let large = format!("{{\"email\":\"{}\"}}", "a".repeat(16 * 1_024));
    for (headers, text, status) in [
        (json.clone(), "{", 400),
        (json.clone(), r#"{"email":"a","email":"b"}"#, 400),
        (json.clone(), &large, 413),
        (json.clone(), "[]", 422),
        (json!({ "Content-Type": ["text/plain"] }), "{}", 415),
        (json!({ "Content-Type": ["application/json; charset=latin1"] }), "{}", 415),
        (json!({}), "{}", 415),
        (json!({ "Content-Type": ["application/json", "application/json"] }), "{}", 400),
    ] {
        assert_eq!(
            world.send("POST /v1/users", headers.clone(), text).await.status_code,
            status,
            "{headers} {text:.40}"
        );
    }
}

#[tokio::test]
async fn a_place_on_the_network_registers_twenty_users_an_hour() {
    let world = World::new().await;
    for number in 0..20 {
        assert_eq!(world.register(&format!("u{number}@x.example")).await.status_code, 201);
    }
    let refused = world.register("u20@x.example").await;
    assert_eq!((refused.status_code, &*refused.headers["Retry-After"]), (429, "3600"));
    assert_eq!(world.later(3_600).register("late@x.example").await.status_code, 201);
}

#[tokio::test]
async fn a_password_holds_the_address_in_none_of_its_spellings() {
    let world = World::new().await;
    let address = "Ann@B\u{dc}CHER.example";
    for password in
        ["so ann@b\u{fc}cher.example it is", "so ANN@xn--bcher-kva.example it is", "ann@bu\u{308}cher.example"]
    {
        let reply = world.post("/v1/users", json!({ "email": address, "password": password })).await;
        assert_eq!(
            (reply.status_code, &body(&reply)["errors"][0]["pointer"]),
            (422, &json!("#/password")),
            "{password}"
        );
    }
    // A full-width letter is another spelling of the same domain.
    let wide = json!({ "email": "ann@\u{ff22}ooks.example", "password": "so ann@\u{ff42}ooks.example it is" });
    assert_eq!(world.post("/v1/users", wide).await.status_code, 422);
    let user = json!({ "email": address, "password": PASSWORD });
    assert_eq!(world.post("/v1/users", user).await.status_code, 201);
    let tokens = world.session(address, PASSWORD).await;
    let change = json!({ "current": PASSWORD, "new": "so ann@b\u{fc}cher.example it is" });
    assert_eq!(world.json_as(&tokens, "PUT /v1/users/me/password", &change).await.status_code, 422);
}
