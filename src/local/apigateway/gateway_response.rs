//! The types of gateway responses: what API Gateway answers itself, and how an API may change it.

use std::collections::BTreeMap;

use super::definition::{Definition, GatewayResponse};
use super::model::Strings;

/// A type of gateway response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Type {
    pub(super) name: &'static str,
    /// Unless customised; the defaults of all 4xx and 5xx have none.
    pub(super) status: Option<u16>,
    /// The value of `x-amzn-errortype`.
    pub(super) error: &'static str,
}

/// Declares the types: a constant each, and the list of all.
macro_rules! types {
    ($($name:ident $status:expr, $error:literal;)*) => {
        $(pub(super) const $name: Type = Type { name: stringify!($name), status: $status, error: $error };)*

        /// All types.
        pub(super) const TYPES: &[Type] = &[$($name),*];
    };
}

types! {
    ACCESS_DENIED Some(403), "AccessDeniedException";
    API_CONFIGURATION_ERROR Some(500), "ApiConfigurationException";
    AUTHORIZER_CONFIGURATION_ERROR Some(500), "AuthorizerConfigurationException";
    AUTHORIZER_FAILURE Some(500), "AuthorizerFailureException";
    BAD_REQUEST_BODY Some(400), "BadRequestException";
    BAD_REQUEST_PARAMETERS Some(400), "BadRequestException";
    DEFAULT_4XX None, "BadRequestException";
    DEFAULT_5XX None, "InternalServerErrorException";
    EXPIRED_TOKEN Some(403), "ExpiredTokenException";
    INTEGRATION_FAILURE Some(504), "InternalServerErrorException";
    INTEGRATION_TIMEOUT Some(504), "InternalServerErrorException";
    INVALID_API_KEY Some(403), "ForbiddenException";
    INVALID_SIGNATURE Some(403), "InvalidSignatureException";
    MISSING_AUTHENTICATION_TOKEN Some(403), "MissingAuthenticationTokenException";
    QUOTA_EXCEEDED Some(429), "LimitExceededException";
    REQUEST_TOO_LARGE Some(413), "RequestTooLargeException";
    RESOURCE_NOT_FOUND Some(404), "ResourceNotFoundException";
    THROTTLED Some(429), "TooManyRequestsException";
    UNAUTHORIZED Some(401), "UnauthorizedException";
    UNSUPPORTED_MEDIA_TYPE Some(415), "BadRequestException";
    WAF_FILTERED Some(403), "WafFilteredException";
}

/// The body of a response that is not customised.
pub(super) const DEFAULT_TEMPLATE: &str = r#"{"message":$context.error.messageString}"#;

impl Type {
    /// The type of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        TYPES.iter().find(|kind| kind.name == name).copied()
    }

    /// The response of this type in an API: its own, else that of `DEFAULT_4XX` or `DEFAULT_5XX`, else AWS's.
    pub(super) fn effective(self, definition: &Definition) -> GatewayResponse {
        if let Some(own) = definition.gateway_responses.get(self.name) {
            return own.clone();
        }
        let family = match self.status {
            None => None,
            Some(500..) => definition.gateway_responses.get(DEFAULT_5XX.name),
            Some(_) => definition.gateway_responses.get(DEFAULT_4XX.name),
        };
        let own_status = self.status.map(|status| status.to_string());
        match family {
            Some(family) => GatewayResponse {
                response_type: self.name.to_owned(),
                status_code: family.status_code.clone().or(own_status),
                default_response: true,
                ..family.clone()
            },
            None => GatewayResponse {
                response_type: self.name.to_owned(),
                status_code: own_status,
                response_parameters: Strings::new(),
                response_templates: default_templates(),
                default_response: true,
            },
        }
    }
}

/// The templates of a response that sets none.
pub(super) fn default_templates() -> Strings {
    BTreeMap::from([("application/json".to_owned(), DEFAULT_TEMPLATE.to_owned())])
}
