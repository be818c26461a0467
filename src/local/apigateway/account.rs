//! The account's settings: the role that API Gateway writes logs with.

use serde_json::{Value, json};

use super::error::bad_request;
use super::model::State;
use super::patch::Patch;
use super::{PRINCIPAL, error};
use crate::call::{Caller, Error};
use crate::iam::Iam;

/// `GetAccount`
pub(super) fn get(state: &State) -> Value {
    let mut account = json!({
        "apiKeyVersion": "4",
        "features": ["UsagePlans"],
        // The account's limits in most regions.
        "throttleSettings": { "burstLimit": 5000, "rateLimit": 10000.0 },
    });
    if let Some(role) = &state.log_role {
        account["cloudwatchRoleArn"] = json!(role);
    }
    account
}

/// `UpdateAccount`
pub(super) fn update(state: &mut State, body: &[u8], iam: &Iam) -> Result<Value, Error> {
    for patch in Patch::list(body)? {
        match patch.path.as_str() {
            "/cloudwatchRoleArn" => {
                let role = patch.text()?;
                if let Some(role) = &role {
                    check(role, iam)?;
                }
                state.log_role = role;
            }
            "/features" => return Err(error::unsupported("features of the account's settings")),
            _ => return Err(patch.unknown()),
        }
    }
    Ok(get(state))
}

/// AWS tries the role at once, and refuses one that does not work.
fn check(role: &str, iam: &Iam) -> Result<(), Error> {
    if !iam.trusts(role, PRINCIPAL) {
        return Err(bad_request(
            "The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy.",
        ));
    }
    let caller = Caller::Role { role_arn: role.to_owned(), session: "apigateway".to_owned() };
    iam.authorize(&caller, "logs:PutLogEvents", "*")
        .map_err(|_| bad_request("API Gateway could not successfully write to CloudWatch Logs using the ARN specified"))
}
