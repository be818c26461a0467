//! `POST /v1/users`: registration.

use serde_json::{Value, json};
use service::fields::{Fields, text};
use service::store::{Item, Outcome, Write};
use service::{Problem, Request, Response, random};
use unicode_normalization::UnicodeNormalization;

use crate::store::{email_key, user_key};
use crate::throttle::{self, Attempt};
use crate::{Auth, BODY, email, password};

/// The greatest number of code points of a user's name.
const NAME: usize = 200;

struct Registration {
    email: String,
    password: String,
    name: Option<String>,
}

/// Registers a user: 201, or 409 when the address has one.
pub(crate) async fn post(auth: &Auth, request: &Request) -> Result<Response, Problem> {
    request.query(&[])?;
    let Registration { email, password, name } = read(auth, request)?;
    throttle::reserve(auth, request, &[Attempt::registration(request.source_ip())]).await?;
    let id = random::ulid(request.now)?;
    let created_at = format!("{:.0}", request.now);
    let profile = Item::new(&user_key(id), "PROFILE")
        .set("email", &*email)
        .set("password", password::hash(&password)?)
        .set("epoch", 0)
        .set("created_at", &*created_at);
    let profile = name.iter().fold(profile, |profile, name| profile.set("name", &**name));
    let unique = Item::new(&email_key(&email), "UNIQ").set("user", id.to_string());
    let absent = "attribute_not_exists(pk)";
    match auth.table.transact(vec![Write::put(profile).when(absent), Write::put(unique).when(absent)]).await? {
        Outcome::Written => {}
        Outcome::Refused(_) => return Err(Problem::new(409, "email-taken", "This e-mail address has an account.")),
    }
    let user = json!({ "id": id.to_string(), "email": email, "name": name, "created_at": created_at });
    Ok(Response::json(201, &user)?.header("Location", format!("{}/v1/users/me", request.base_url()?)))
}

fn read(auth: &Auth, request: &Request) -> Result<Registration, Problem> {
    let mut fields = Fields::new(request.json(BODY, &["application/json"])?);
    let email = fields.required("email", |value| email::normalise(text(value)?));
    let password = fields.required("password", |value| password::new(text(value)?, auth.floor, email.as_deref()));
    let name = fields.optional("name", read_name);
    let all = (|| Some(Registration { email: email?, password: password?, name: name? }))();
    fields.finish(all)
}

/// A name: NFC, nothing that a terminal would obey.
fn read_name(value: &Value) -> Result<String, String> {
    let name: String = text(value)?.nfc().collect();
    if name.trim().is_empty() || name.chars().count() > NAME || name.chars().any(char::is_control) {
        return Err(format!("must have 1 to {NAME} characters, not all of them blank, none a control character"));
    }
    Ok(name)
}
