//! A store that writes nothing for longer than the service waits: other transactions hold the items, or it throttles.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::thread;

use aws_sdk_dynamodb::config::Credentials;
use memo::Memos;
use serde_json::json;
use service::aws::Aws;
use service::keys::{KeySet, MacKeys};
use service::store::Table;
use service::{Request, answer};

use super::call::{Call, post};
use super::world::{body, header};

/// Starts a DynamoDB that has no item and cancels every transaction for `reason`, and gives its endpoint.
fn cancelling(reason: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let cancelled = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": format!("Transaction cancelled, please refer cancellation reasons for specific reasons [None, {reason}]"),
        "CancellationReasons": [{ "Code": "None" }, { "Code": reason }],
    });
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut length, mut is_transaction) = (0, false);
            let mut reader = BufReader::new(stream.unwrap());
            for line in reader.by_ref().lines() {
                let line = line.unwrap().to_lowercase();
                match line.split_once(": ") {
                    Some(("content-length", value)) => length = value.parse().unwrap(),
                    Some(("x-amz-target", value)) => is_transaction = value.ends_with("transactwriteitems"),
                    _ if line.is_empty() => break,
                    _ => {}
                }
            }
            reader.read_exact(&mut vec![0; length]).unwrap();
            let (status, body) =
                if is_transaction { ("400 Bad Request", cancelled.to_string()) } else { ("200 OK", "{}".to_owned()) };
            let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/x-amz-json-1.0\r\nConnection: close");
            write!(reader.get_mut(), "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        }
    });
    endpoint
}

/// The answer to `call` where every transaction is cancelled for `reason`.
async fn send(reason: &str, call: Call) -> service::event::Reply {
    let aws = Aws::at(&cancelling(reason), "eu-west-1", Credentials::new("test", "test", None, None, "test"));
    let keys = KeySet::private(aws.ssm(), "/keys/cursor", MacKeys::parse);
    let memos = Memos::new(Table::new(aws.dynamodb(), "memos".to_owned()), keys);
    let request = Request::new(call.event(), jiff::Timestamp::from_second(1_800_000_000).unwrap());
    answer(request, async |request| memos.handle(request).await).await
}

#[tokio::test]
async fn a_write_whose_items_are_held_through_all_attempts_is_503_with_a_time() {
    let reply = send("TransactionConflict", post(&json!({ "title": "t" }))).await;
    assert_eq!((reply.status_code, header(&reply, "Retry-After")), (503, "1"));
}

#[tokio::test]
async fn an_idempotent_write_whose_items_are_held_through_all_attempts_is_409() {
    let reply = send("TransactionConflict", post(&json!({ "title": "t" })).header("Idempotency-Key", "k")).await;
    assert_eq!((reply.status_code, &body(&reply)["code"]), (409, &json!("idempotency-conflict")));
}

#[tokio::test]
async fn a_write_that_is_throttled_through_all_attempts_is_503_with_a_time_under_an_idempotency_key_too() {
    let plain = post(&json!({ "title": "t" }));
    for reason in ["ThrottlingError", "ProvisionedThroughputExceeded"] {
        for call in [plain.clone(), plain.clone().header("Idempotency-Key", "k")] {
            let reply = send(reason, call).await;
            assert_eq!((reply.status_code, header(&reply, "Retry-After")), (503, "1"), "{reason}: {}", reply.body);
        }
    }
}
