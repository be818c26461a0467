//! Refusals that come before any service: in the form of the protocol that the request speaks.

use http::request::Parts;
use http::{HeaderMap, StatusCode};

use crate::call::{Error, Request, Response};
use crate::cloudfront;
use crate::route53;
use crate::wire::{json, query, response, xml};

/// How a service's errors look on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// DynamoDB, SSM, CloudWatch Logs.
    AwsJson,
    /// IAM, STS.
    AwsQuery,
    /// Lambda, API Gateway.
    RestJson,
    /// S3.
    RestXml,
    /// CloudFront, Route 53: REST with XML, and errors as awsQuery has them, in the service's own namespace.
    WrappedXml(&'static str),
}

impl Protocol {
    /// The protocol of the service that signs as `service`.
    pub(super) fn of(service: &str) -> Option<Self> {
        match service {
            "dynamodb" | "ssm" | "logs" => Some(Self::AwsJson),
            "iam" | "sts" => Some(Self::AwsQuery),
            "lambda" | "apigateway" => Some(Self::RestJson),
            "s3" => Some(Self::RestXml),
            "cloudfront" => Some(Self::WrappedXml(cloudfront::NAMESPACE)),
            "route53" => Some(Self::WrappedXml(route53::NAMESPACE)),
            _ => None,
        }
    }

    /// The protocol that a request of an unknown service seems to speak.
    pub(super) fn guess(headers: &HeaderMap) -> Self {
        let content_type = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        match content_type.unwrap_or_default() {
            _ if json::target(headers).is_some() => Self::AwsJson,
            content_type if content_type.starts_with("application/x-www-form-urlencoded") => Self::AwsQuery,
            _ => Self::RestJson,
        }
    }

    /// Renders `error`.
    pub(super) fn refuse(self, error: &Error, request_id: &str) -> Response {
        match self {
            Self::AwsJson | Self::RestJson => json::refuse(error),
            Self::AwsQuery => query::refuse("https://iam.amazonaws.com/doc/2010-05-08/", error, request_id),
            Self::RestXml => xml::refuse(error, request_id),
            Self::WrappedXml(namespace) => query::refuse(namespace, error, request_id),
        }
    }

    /// The error of a call that the service failed at, by one of the two codes that any call may be answered by.
    /// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonErrors.html>
    pub(super) fn failure(self, number: u64) -> Error {
        let internal = match self {
            Self::AwsJson | Self::RestJson | Self::AwsQuery | Self::WrappedXml(_) => "InternalFailure",
            Self::RestXml => "InternalError",
        };
        if number % 2 == 1 {
            Error::new(500, internal, "We encountered an internal error. Please try again.")
        } else {
            Error::new(503, "ServiceUnavailable", "Service is unable to handle request.")
        }
    }

    /// The error of a denied call, in the service's own code and status.
    pub(super) fn denied(self, denial: &Error, resource: &str) -> Error {
        match self {
            Self::AwsJson => Error::new(400, "AccessDeniedException", &denial.message),
            Self::RestJson => Error::new(403, "AccessDeniedException", &denial.message),
            Self::AwsQuery | Self::WrappedXml(_) => Error::new(403, "AccessDenied", &denial.message),
            // S3 puts the resource in quotes.
            Self::RestXml => {
                Error::new(403, "AccessDenied", denial.message.replacen(resource, &format!("\"{resource}\""), 1))
            }
        }
    }

    /// The error of an access key that nobody was given.
    pub(super) fn unknown_key(self, unknown: &Error) -> Error {
        match self {
            Self::AwsJson => Error::new(400, "UnrecognizedClientException", &unknown.message),
            Self::RestJson => Error::new(403, "UnrecognizedClientException", &unknown.message),
            Self::AwsQuery | Self::WrappedXml(_) => Error::new(403, "InvalidClientTokenId", &unknown.message),
            Self::RestXml => Error::new(
                403,
                "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records.",
            ),
        }
    }

    /// The error of a call that is signed for another region.
    pub(super) fn other_region(self, signed: &str, own: &str) -> Error {
        let text = format!("Credential should be scoped to a valid region: this is '{own}', not '{signed}'.");
        match self {
            Self::AwsJson => Error::new(400, "InvalidSignatureException", text),
            Self::RestJson => Error::new(403, "InvalidSignatureException", text),
            Self::AwsQuery | Self::WrappedXml(_) => Error::new(403, "SignatureDoesNotMatch", text),
            Self::RestXml => {
                let text =
                    format!("The authorization header is malformed; the region '{signed}' is wrong; expecting '{own}'");
                let mut error = Error::new(400, "AuthorizationHeaderMalformed", text);
                error.members.push(("Region", own.into()));
                error
            }
        }
    }
}

/// Refuses a request without a signature.
pub(super) fn unsigned(parts: &Parts, request_id: &str) -> Response {
    let protocol = Protocol::guess(&parts.headers);
    let code = match protocol {
        Protocol::AwsJson | Protocol::RestJson => "MissingAuthenticationTokenException",
        Protocol::AwsQuery | Protocol::RestXml | Protocol::WrappedXml(_) => "MissingAuthenticationToken",
    };
    protocol.refuse(&Error::new(403, code, "Missing Authentication Token"), request_id)
}

/// Refuses, by name, a service that the local cloud does not have.
pub(super) fn unknown_service(service: &str, request: &Request) -> Error {
    let parameters = query::Parameters::of(request);
    let operation = match (json::target(&request.headers), parameters.get("Action")) {
        (Some(target), _) => target.rsplit('.').next().unwrap_or(target).to_owned(),
        (None, Some(action)) => action.to_owned(),
        (None, None) => format!("{} {}", request.method, request.path),
    };
    Error::not_implemented(&format!("the service {service} (operation {operation})"))
}

/// Refuses a request that was addressed to another host.
pub(super) fn foreign_host() -> Response {
    plain(
        StatusCode::FORBIDDEN,
        "the local cloud answers only to the hosts 127.0.0.1, localhost, [::1] and *.localhost\n",
    )
}

/// Refuses an AWS call from a web page of another machine.
pub(super) fn foreign_page() -> Response {
    plain(StatusCode::FORBIDDEN, "the local cloud takes no AWS calls from web pages of other hosts\n")
}

/// Refuses a request whose body is longer than `limit` bytes, or broke off.
pub(super) fn too_large(limit: usize) -> Response {
    plain(StatusCode::PAYLOAD_TOO_LARGE, &format!("the request is incomplete, or longer than {limit} bytes\n"))
}

fn plain(status: StatusCode, text: &str) -> Response {
    response(status, "text/plain; charset=utf-8", text.to_owned())
}
