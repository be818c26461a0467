//! STS: who the caller is, and sessions of roles.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/>

use std::sync::Arc;

use crate::ACCOUNT;
use crate::call::{Caller, Error, Operation, Request, Response, Service};
use crate::iam::{Iam, Principal};
use crate::wire;
use crate::wire::query::{self, Parameters, validation};
use crate::wire::xml::Element;

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// STS: who the caller is, and sessions of roles.
pub(crate) struct Sts {
    iam: Arc<Iam>,
}

impl Service for Sts {
    fn identify(&self, request: &Request) -> Result<Operation, Error> {
        let parameters = Parameters::of(request);
        let (mutates, needs) = match parameters.action()? {
            // Needs no permission, and none can be denied.
            "GetCallerIdentity" => (false, Vec::new()),
            "AssumeRole" => {
                let role = parameters.get("RoleArn").unwrap_or("*");
                (true, vec![("sts:AssumeRole".to_owned(), role.to_owned())])
            }
            other => return Err(Error::not_implemented(&format!("sts:{other}"))),
        };
        Ok(Operation { name: parameters.action()?.to_owned(), mutates, needs })
    }

    async fn call(&self, operation: &Operation, request: Request) -> Result<Response, Error> {
        let parameters = Parameters::of(&request);
        let result = match operation.name.as_str() {
            "GetCallerIdentity" => self.caller_identity(&request.caller, &parameters)?,
            "AssumeRole" => self.assume_role(&request.caller, &parameters)?,
            other => return Err(Error::not_implemented(&format!("sts:{other}"))),
        };
        Ok(query::output(NAMESPACE, &operation.name, Some(result), &request.id))
    }

    fn refuse(&self, error: &Error, request_id: &str) -> Response {
        query::refuse(NAMESPACE, error, request_id)
    }
}

impl Sts {
    /// STS has no state of its own: sessions are `iam`'s.
    pub(crate) fn open(iam: Arc<Iam>) -> Self {
        Self { iam }
    }

    fn caller_identity(&self, caller: &Caller, parameters: &Parameters) -> Result<Element, Error> {
        parameters.only(&[])?;
        Ok(Element::new("GetCallerIdentityResult")
            .with(Element::text("Arn", caller.arn()))
            .with(Element::text("UserId", self.iam.user_id(caller)))
            .with(Element::text("Account", ACCOUNT)))
    }

    fn assume_role(&self, caller: &Caller, parameters: &Parameters) -> Result<Element, Error> {
        parameters.only(&["RoleArn", "RoleSessionName", "DurationSeconds"])?;
        let role_arn = parameters.required("RoleArn")?;
        let session = parameters.required("RoleSessionName")?;
        check_session(session)?;
        let seconds = seconds(parameters)?;
        let principal = match caller {
            Caller::Developer => caller.arn(),
            Caller::Role { role_arn, .. } => role_arn.clone(),
        };
        let assumed =
            self.iam.assume_for(role_arn, Principal::Aws(&principal), session, seconds)?.ok_or_else(|| {
                let user = caller.arn();
                let text = format!("User: {user} is not authorized to perform: sts:AssumeRole on resource: {role_arn}");
                Error::new(403, "AccessDenied", text)
            })?;
        let credentials = Element::new("Credentials")
            .with(Element::text("AccessKeyId", &assumed.credentials.access_key_id))
            .with(Element::text("SecretAccessKey", &assumed.credentials.secret_access_key))
            .with(Element::text("SessionToken", &assumed.credentials.session_token))
            .with(Element::text("Expiration", wire::date_time(assumed.expiration)));
        let user = Element::new("AssumedRoleUser")
            .with(Element::text("AssumedRoleId", &assumed.id))
            .with(Element::text("Arn", &assumed.arn));
        Ok(Element::new("AssumeRoleResult").with(user).with(credentials))
    }
}

/// A session's name: 2 to 64 characters of `[\w+=,.@-]`.
fn check_session(name: &str) -> Result<(), Error> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    let constraint = match name.chars().count() {
        ..2 => "Member must have length greater than or equal to 2",
        65.. => "Member must have length less than or equal to 64",
        _ if !name.bytes().all(allowed) => "Member must satisfy regular expression pattern: [\\w+=,.@-]*",
        _ => return Ok(()),
    };
    Err(validation(&format!("Value '{name}' at 'roleSessionName' failed to satisfy constraint: {constraint}")))
}

fn seconds(parameters: &Parameters) -> Result<u32, Error> {
    let Some(text) = parameters.get("DurationSeconds") else { return Ok(3600) };
    let seconds = text.parse().ok().filter(|seconds| (900..=43_200).contains(seconds));
    seconds.ok_or_else(|| {
        let constraint = "Member must have value between 900 and 43200";
        validation(&format!("Value '{text}' at 'durationSeconds' failed to satisfy constraint: {constraint}"))
    })
}
