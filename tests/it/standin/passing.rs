//! What is passed on and back: methods, paths, query strings, headers, bodies, sizes, statuses.

use std::collections::BTreeMap;

use super::{Joined, joined};

/// API Gateway's payload limit.
const LIMIT: usize = 10 << 20;

#[tokio::test]
async fn every_method_arrives_as_it_was_sent() {
    let joined = Joined::new().await;
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"] {
        let answer = joined.ask(&format!("{method} /legacy/a"), &[], "").await;
        assert_eq!(answer.status, 200, "{method}: {answer:?}");
        assert_eq!(joined.server.last().method, method);
    }
}

#[tokio::test]
async fn an_answer_to_head_has_headers_and_no_body() {
    let joined = Joined::new().await;
    let answer = joined.ask("HEAD /legacy/headers", &[], "").await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(answer.all("x-custom"), ["kept"]);
}

#[tokio::test]
async fn the_rest_of_the_path_and_the_query_arrive_as_they_were_written() {
    let joined = Joined::new().await;
    joined.get("/legacy/a%2Fb/c%20d/%E3%81%82?x=1&y=%26%20+&x=2&empty=&flag").await;
    assert_eq!(joined.server.last().target, "/a%2Fb/c%20d/%E3%81%82?x=1&y=%26%20+&x=2&empty=&flag");
}

#[tokio::test]
async fn every_byte_of_a_body_arrives_and_comes_back() {
    let joined = Joined::new().await;
    let every: Vec<u8> = (0..=u8::MAX).cycle().take(70_000).collect();
    for (content_type, accept) in [("image/png", "*/*"), ("text/plain", "text/html,image/webp"), ("", "")] {
        let headers = [("Content-Type", content_type), ("Accept", accept)];
        let answer = joined.ask("POST /legacy/echo", &headers, every.clone()).await;
        assert!(joined.server.last().body == every, "as {content_type}");
        assert!(answer.body == every, "as {content_type}");
    }
}

#[tokio::test]
async fn statuses_come_back_as_they_are_redirects_and_faults_too() {
    let joined = Joined::new().await;
    for status in [200, 201, 302, 400, 404, 418, 429, 500, 503, 599] {
        let answer = joined.get(&format!("/legacy/status/{status}")).await;
        assert_eq!((answer.status, &*answer.body), (status, &b"as asked"[..]));
    }
}

#[tokio::test]
async fn the_services_headers_come_back_and_those_of_the_gateways_own_under_another_name() {
    let joined = Joined::new().await;
    let answer = joined.get("/legacy/headers").await;
    assert_eq!(answer.all("set-cookie"), ["a=1", "b=2"]);
    assert_eq!(answer.all("content-type"), ["text/plain; charset=utf-8"]);
    assert_eq!(answer.all("x-custom"), ["kept"]);
    assert_eq!(answer.all("x-amzn-remapped-server"), ["apache/1.3"]);
    assert_eq!([answer.all("server"), answer.all("via")], [[""; 0], [""; 0]]);
    assert_eq!(answer.all("x-amzn-requestid").len(), 1);
}

#[tokio::test]
async fn the_clients_headers_arrive_but_for_those_of_the_connection() {
    let joined = Joined::new().await;
    let sent = [
        ("X-Two", "1"),
        ("X-Two", "2"),
        ("Cookie", "a=1"),
        ("Authorization", "Bearer t"),
        ("Via", "1.1 proxy"),
        ("TE", "trailers"),
        ("Accept-Encoding", "gzip"),
    ];
    joined.ask("GET /legacy/a", &sent, "").await;
    let seen = joined.server.last();
    assert_eq!(seen.all("x-two"), ["1", "2"]);
    assert_eq!((seen.all("cookie"), seen.all("authorization")), (vec!["a=1"], vec!["Bearer t"]));
    assert_eq!([seen.all("via"), seen.all("te")], [[""; 0], [""; 0]]);
    assert_eq!(seen.all("host"), [joined.server.url.strip_prefix("http://").unwrap()]);
    // What is compressed could not be read by the client, since AWS takes `Content-Encoding` out.
    assert_eq!(seen.all("accept-encoding"), ["identity"]);
    assert_eq!((seen.all("x-forwarded-for"), seen.all("x-amzn-apigateway-api-id").len()), (vec!["127.0.0.1"], 1));
}

#[tokio::test]
async fn a_body_of_10_mb_arrives_and_one_byte_more_is_413_without_a_call() {
    let joined = Joined::new().await;
    let answer = joined.ask("PUT /legacy/a", &[], vec![b'x'; LIMIT]).await;
    assert_eq!((answer.status, joined.server.last().body.len()), (200, LIMIT));
    let answer = joined.ask("PUT /legacy/a", &[], vec![b'x'; LIMIT + 1]).await;
    assert_eq!((answer.status, joined.server.seen().len()), (413, 1));
}

#[tokio::test]
async fn an_answer_of_10_mb_comes_back_and_one_byte_more_is_500() {
    let joined = Joined::new().await;
    let answer = joined.get(&format!("/legacy/bytes/{LIMIT}")).await;
    assert_eq!((answer.status, answer.body.len()), (200, LIMIT));
    assert_eq!(joined.get(&format!("/legacy/bytes/{}", LIMIT + 1)).await.status, 500);
}

#[tokio::test]
async fn mapped_headers_take_the_place_of_the_clients_and_mapped_parameters_are_added() {
    let text = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let with = Joined::with(|stack| {
        let service = joined(stack);
        service.headers = text(&[
            ("X-Tenant", "method.request.header.X-Organisation"),
            ("X-Source", "'memo'"),
            ("X-Address", "context.identity.sourceIp"),
        ]);
        service.query = text(&[("tenant", "method.request.querystring.organisation"), ("via", "'a&b'")]);
    });
    let with = with.await;
    let sent = [("X-Organisation", "o"), ("X-Tenant", "forged"), ("x-source", "forged"), ("X-Address", "forged")];
    with.ask("GET /legacy/a?via=c&organisation=p", &sent, "").await;
    let seen = with.server.last();
    assert_eq!([seen.all("x-tenant"), seen.all("x-source"), seen.all("x-address")], [["o"], ["memo"], ["127.0.0.1"]]);
    assert_eq!(seen.target, "/a?via=c&organisation=p&tenant=p&via=a%26b");
}

#[tokio::test]
async fn what_goes_through_a_vpc_link_on_aws_goes_straight_to_the_url_here() {
    let joined = Joined::with(|stack| joined(stack).vpc_link = Some("ab1c2d".to_owned())).await;
    assert_eq!(joined.get("/legacy/a").await.status, 200);
    assert_eq!(joined.server.last().target, "/a");
}
