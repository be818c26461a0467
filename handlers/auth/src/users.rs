//! `POST /v1/users`: registration.

use serde_json::Value;
use service::fields::{Fields, text};
use service::store::Outcome;
use service::{Problem, Request, Response, random};
use unicode_normalization::UnicodeNormalization;

use crate::audit::{self, Event};
use crate::store::Profile;
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
    throttle::reserve(auth, request, &[Attempt::registration(request.source_ip())], None).await?;
    let profile = Profile {
        id: random::ulid(request.now)?,
        email,
        name,
        created_at: format!("{:.0}", request.now),
        version: 1,
        password: password::hash(&password)?,
        epoch: 0,
        logins: 0,
    };
    match auth.table.transact(profile.register()).await? {
        Outcome::Written => audit::record(request, Event::Registered, profile.id, None),
        Outcome::Refused(_) => {
            audit::record_unknown(request, Event::RegistrationRefused);
            return Err(Problem::new(409, "email-taken", "This e-mail address has an account."));
        }
    }
    let place = format!("{}/v1/users/me", request.base_url()?);
    Ok(Response::json(201, &profile.to_json())?.header("Location", place).header("ETag", profile.etag()))
}

fn read(auth: &Auth, request: &Request) -> Result<Registration, Problem> {
    let mut fields = Fields::new(request.json(BODY, &["application/json"])?);
    let mut addresses = Vec::new();
    let email = fields.required("email", |value| {
        let normal = email::normalise(text(value)?)?;
        addresses = email::spellings(&normal, text(value)?);
        Ok(normal)
    });
    let password = fields.required("password", |value| password::new(text(value)?, auth.floor, &addresses));
    let name = fields.optional("name", read_name);
    let all = (|| Some(Registration { email: email?, password: password?, name: name? }))();
    fields.finish(all)
}

/// A name: NFC, nothing that a terminal would obey.
pub(crate) fn read_name(value: &Value) -> Result<String, String> {
    let name: String = text(value)?.nfc().collect();
    if name.trim().is_empty() || name.chars().count() > NAME || name.chars().any(char::is_control) {
        return Err(format!("must have 1 to {NAME} characters, not all of them blank, none a control character"));
    }
    Ok(name)
}
