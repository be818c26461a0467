//! Methods of type `AWS_IAM`: the request is signed, and the policies of who signed it allow the call.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html>
//!
//! The developer's signature is good whatever its secret, as everywhere in the local cloud: see [`crate::signature`].
//! That of a role's session is verified.

use jiff::Timestamp;

use super::ApiGateway;
use super::exchange::Exchange;
use super::failure::Failure;
use super::gateway_response::{
    ACCESS_DENIED, DEFAULT_5XX, EXPIRED_TOKEN, INVALID_SIGNATURE, MISSING_AUTHENTICATION_TOKEN,
};
use crate::ACCOUNT;
use crate::call::Caller;
use crate::iam::{Denial, Key};
use crate::signature::{Scope, Signed};

const ACTION: &str = "execute-api:Invoke";

/// Who signed a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signer {
    pub(super) access_key: String,
    /// `AROA...:session`
    pub(super) id: String,
    pub(super) arn: String,
}

impl ApiGateway {
    /// Who signed `exchange`'s request, if that caller may call its method.
    pub(super) fn signer(&self, exchange: &Exchange<'_>) -> Result<Signer, Failure> {
        let request = exchange.request;
        if !request.headers.contains_key(http::header::AUTHORIZATION) {
            return Err(if request.query.contains("X-Amz-Signature=") {
                let what = "the local cloud does not implement signatures in the query string";
                Failure { status: Some(501), ..Failure::new(DEFAULT_5XX, what) }
            } else {
                Failure::new(MISSING_AUTHENTICATION_TOKEN, "Missing Authentication Token")
            });
        }
        let signed = Signed {
            method: &request.method,
            path: &request.path,
            query: &request.query,
            headers: &request.headers,
            body: &request.body,
        };
        signed.complete().map_err(invalid)?;
        let scope = Scope::of(&request.headers, "").ok().flatten();
        let scope =
            scope.ok_or_else(|| invalid("Credential must have exactly 5 slash-delimited elements.".to_owned()))?;
        if scope.region != exchange.served.region {
            return Err(invalid(format!("Credential should be scoped to a valid region, not '{}'.", scope.region)));
        }
        if scope.service != "execute-api" {
            return Err(invalid("Credential should be scoped to correct service: 'execute-api'.".to_owned()));
        }
        let Key { caller, secret } = self.iam.key(&scope.access_key_id).map_err(|error| {
            if error.code == "ExpiredToken" {
                Failure::new(EXPIRED_TOKEN, error.message)
            } else {
                invalid(error.message)
            }
        })?;
        if let Some((secret, token)) = secret {
            let given = request.headers.get("x-amz-security-token").and_then(|token| token.to_str().ok());
            if given != Some(&token) {
                return Err(invalid("The security token included in the request is invalid.".to_owned()));
            }
            signed.verify(&secret, Timestamp::now()).map_err(invalid)?;
        }
        match self.iam.denies(&caller, ACTION, &exchange.method_arn()) {
            Some(denial) => Err(denied(&caller, exchange, denial)),
            None => Ok(Signer { access_key: scope.access_key_id, id: self.iam.user_id(&caller), arn: caller.arn() }),
        }
    }
}

fn invalid(message: String) -> Failure {
    Failure::new(INVALID_SIGNATURE, message)
}

/// In the words that callers of AWS report, with `Message` in place of `message`, and all but four digits of the account
/// hidden: <https://github.com/ASFHyP3/hyp3/issues/2283>.
fn denied(caller: &Caller, exchange: &Exchange<'_>, denial: Denial) -> Failure {
    let hidden = format!("********{}", &ACCOUNT[ACCOUNT.len() - 4..]);
    let resource = exchange.method_arn().replacen(ACCOUNT, &hidden, 1);
    let how = match denial {
        Denial::Explicit => " with an explicit deny",
        Denial::Silent => "",
    };
    let message = format!("User: {} is not authorized to perform: {ACTION} on resource: {resource}{how}", caller.arn());
    Failure { by_iam: true, ..Failure::new(ACCESS_DENIED, message) }
}
