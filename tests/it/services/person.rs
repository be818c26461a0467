//! Users, each with an address of their own on the network.

use std::net::Ipv4Addr;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Value, json};

use super::http::{Answer, Call};
use super::site::{Site, address};

pub(crate) const PASSWORD: &str = "Tea at four, please";

/// A user, registered and logged in.
#[derive(Clone)]
pub(crate) struct Person<'a> {
    site: &'a Site,
    pub(crate) ip: Ipv4Addr,
    pub(crate) email: String,
    /// The last token response.
    pub(crate) tokens: Value,
}

impl<'a> Person<'a> {
    pub(crate) async fn new(site: &'a Site) -> Self {
        let ip = address();
        let email = email(ip);
        let registration = json!({ "email": email, "password": PASSWORD });
        site.send(&Call::new("POST /v1/users").from(ip).json(&registration)).await.expect(201);
        let person = Self { site, ip, email, tokens: Value::Null };
        person.session().await
    }

    /// The same person in one more session.
    pub(crate) async fn session(&self) -> Self {
        let login = json!({ "email": self.email, "password": PASSWORD });
        self.session_by(&login).await
    }

    /// The same person in one more session, whose token has `scope` alone.
    pub(crate) async fn within(&self, scope: &str) -> Self {
        self.session_by(&json!({ "email": self.email, "password": PASSWORD, "scope": scope })).await
    }

    async fn session_by(&self, login: &Value) -> Self {
        let tokens = self.log_in(login).await.expect(200).json();
        self.holding(tokens)
    }

    /// The same person with the tokens of another answer.
    pub(crate) fn holding(&self, tokens: Value) -> Self {
        Self { tokens, ..self.clone() }
    }

    /// The answer to a login, from this person's address.
    pub(crate) async fn log_in(&self, login: &Value) -> Answer {
        self.site.send(&Call::new("POST /v1/sessions").from(self.ip).json(login)).await
    }

    /// A request of this person: `GET /v1/memos`.
    pub(crate) fn call(&self, line: &str) -> Call {
        Call::new(line).from(self.ip).bearer(self.access())
    }

    /// The answer to a request of this person without a body.
    pub(crate) async fn ask(&self, line: &str) -> Answer {
        self.site.send(&self.call(line)).await
    }

    /// The answer to a request of this person with JSON.
    pub(crate) async fn tell(&self, line: &str, body: &Value) -> Answer {
        self.site.send(&self.call(line).json(body)).await
    }

    /// The answer to a refresh by the last refresh token.
    pub(crate) async fn refresh(&self) -> Answer {
        let form = format!("grant_type=refresh_token&refresh_token={}", self.refresh_token());
        self.site.send(&Call::new("POST /oauth/token").from(self.ip).form(&form)).await
    }

    /// Makes a memo, and gives it.
    pub(crate) async fn memo(&self, memo: &Value) -> Value {
        self.tell("POST /v1/memos", memo).await.expect(201).json()
    }

    /// Makes a memo, and gives its path: `/v1/memos/ID`.
    pub(crate) async fn place(&self) -> String {
        place(&self.memo(&json!({ "title": "t" })).await)
    }

    pub(crate) fn access(&self) -> &str {
        self.tokens["access_token"].as_str().unwrap()
    }

    pub(crate) fn refresh_token(&self) -> &str {
        self.tokens["refresh_token"].as_str().unwrap()
    }

    /// The claims of the access token, unverified.
    pub(crate) fn claims(&self) -> Value {
        part(self.access(), 1)
    }
}

/// An address that nobody has who has another address on the network.
pub(crate) fn email(ip: Ipv4Addr) -> String {
    format!("u{}@x.example", ip.to_string().replace('.', "-"))
}

/// The path of a memo.
pub(crate) fn place(memo: &Value) -> String {
    format!("/v1/memos/{}", memo["id"].as_str().unwrap())
}

/// A part of a token: its header (0), or its claims (1).
pub(crate) fn part(token: &str, index: usize) -> Value {
    serde_json::from_slice(&BASE64URL.decode(token.split('.').nth(index).unwrap()).unwrap()).unwrap()
}
