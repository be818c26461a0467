//! `GET /.well-known/oauth-authorization-server`: what the service offers, and where (RFC 8414).

use serde_json::json;
use service::{Problem, Request, Response};

use crate::scope::Scope;

/// Answers with the metadata. `issuer` is the tokens' `iss` to the letter; the addresses are the API's own.
pub(crate) fn get(request: &Request) -> Result<Response, Problem> {
    request.query(&[])?;
    let (issuer, base) = (request.issuer()?, request.base_url()?);
    let scopes = Scope::default().to_string();
    Response::json(
        200,
        &json!({
            "issuer": issuer,
            "jwks_uri": format!("{base}/.well-known/jwks.json"),
            "token_endpoint": format!("{base}/oauth/token"),
            "token_endpoint_auth_methods_supported": ["none"],
            "revocation_endpoint": format!("{base}/oauth/revoke"),
            "revocation_endpoint_auth_methods_supported": ["none"],
            "introspection_endpoint": format!("{base}/oauth/introspect"),
            "introspection_endpoint_auth_methods_supported": ["Bearer"],
            "grant_types_supported": ["refresh_token"],
            // Required, and empty: there is no authorization endpoint.
            "response_types_supported": [],
            "scopes_supported": scopes.split(' ').collect::<Vec<_>>(),
        }),
    )
}
