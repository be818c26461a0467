//! The answer in API Gateway's form: a principal, an IAM policy, and a context for the integration.

use jwt::Claims;
use serde::Serialize;

use crate::routes::Route;
use crate::stage::Stage;

/// What API Gateway caches under the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    principal_id: String,
    policy_document: Policy,
    context: Context,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    version: &'static str,
    statement: [Statement; 1],
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: &'static str,
    action: &'static str,
    resource: Vec<String>,
}

/// What the integration learns of the token: `requestContext.authorizer`. API Gateway takes flat values alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Context {
    sub: String,
    sid: String,
    jti: String,
    client_id: String,
    scope: String,
    /// Seconds since the Unix epoch: a cached answer can outlive its token.
    exp: String,
}

impl Answer {
    /// Allows the `opened` routes of `stage` to the holder of `claims`. A token that opens none gets a Deny, since a
    /// policy has to have a statement.
    pub(crate) fn new<'a>(stage: &Stage, opened: impl Iterator<Item = &'a Route>, claims: &Claims) -> Self {
        let allowed: Vec<_> = opened.flat_map(|route| stage.methods(&route.method, &route.path)).collect();
        let (effect, resource) =
            if allowed.is_empty() { ("Deny", vec![stage.everything()]) } else { ("Allow", allowed) };
        Self {
            principal_id: claims.sub.clone(),
            policy_document: Policy {
                version: "2012-10-17",
                statement: [Statement { effect, action: "execute-api:Invoke", resource }],
            },
            context: Context {
                sub: claims.sub.clone(),
                sid: claims.sid.clone(),
                jti: claims.jti.clone(),
                client_id: claims.client_id.clone(),
                scope: claims.scope.clone(),
                exp: claims.exp.to_string(),
            },
        }
    }
}
