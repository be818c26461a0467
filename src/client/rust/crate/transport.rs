//! How requests get to the API and answers back.

use std::error::Error;

/// What sends a request and receives the whole answer. `hyper::Hyper` does, unless the feature is turned off; an HTTP
/// client of one's own takes a few lines.
pub trait Transport {
    /// Sends `request`, whose URI is absolute. Any status is an answer; redirects are not followed.
    ///
    /// # Errors
    ///
    /// Where there is no whole answer.
    fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> impl Future<Output = Result<http::Response<Vec<u8>>, Box<dyn Error + Send + Sync>>> + Send;
}
