//! Pages in the place of origins' errors.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorResponses.html>

use http::{HeaderMap, Method, StatusCode};

use super::exchange::{Exchange, ViewerRequest};
use super::failure::Failure;
use super::fetch::Found;

impl Exchange<'_> {
    /// What was found, or the page that the distribution has for such an error. Where that page cannot be had either,
    /// the error itself is answered.
    pub(super) async fn with_error_page(&self, found: Result<Found, Failure>) -> Result<Found, Failure> {
        let status = match &found {
            Ok(found) => found.status,
            Err(failure) => StatusCode::from_u16(failure.status).unwrap_or(StatusCode::BAD_GATEWAY),
        };
        let Some((path, code)) = self.served.rule(status).and_then(|rule| rule.page.as_ref()) else { return found };
        let Some(behavior) = self.served.behavior(path) else { return found };
        let request =
            ViewerRequest { method: Method::GET, path: path.clone(), query: String::new(), headers: HeaderMap::new() };
        match self.find(behavior, &request, s3s::Body::empty()).await {
            Ok(page) if page.status == StatusCode::OK => {
                Ok(Found { status: *code, result: "Error", age: None, ..page })
            }
            Ok(_) | Err(_) => found,
        }
    }
}
