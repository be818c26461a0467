//! S3, on the wire layer of the crate s3s: path-style addressing, one version of each object.
//!
//! The API is <https://docs.aws.amazon.com/AmazonS3/latest/API/>.

mod backend;
mod buckets;
mod chunked;
mod conditions;
mod copy;
mod disk;
mod gate;
mod list;
mod new_bucket;
mod objects;
mod permits;
mod policies;
mod presigned;
mod upload;

use std::io;
use std::path::Path;
use std::sync::Arc;

use http::header::HeaderValue;
use http::request::Parts;
use s3s::service::{S3Service, S3ServiceBuilder};

use crate::call::Error;
use crate::server::{Admission, RequestBody};
use crate::wire::{request_id, xml};
use backend::Backend;
use disk::Disk;
pub(crate) use permits::Visitor;

/// S3, on the wire layer of the crate s3s.
pub(crate) struct S3 {
    service: S3Service,
}

impl S3 {
    /// Opens the state in `dir`.
    pub(crate) fn open(dir: &Path, region: &str) -> io::Result<Self> {
        let disk = Arc::new(Disk::open(&dir.join("s3"))?);
        let gate = gate::Gate { disk: Arc::clone(&disk) };
        let mut builder = S3ServiceBuilder::new(Backend { disk, region: region.to_owned() });
        // Access is only checked where there is an authentication, which itself has nothing to do: see `serve`.
        builder.set_auth(gate::NoSignatures);
        builder.set_access(gate);
        Ok(Self { service: builder.build() })
    }

    /// Answers a request whose caller was told from its signature, if `admission` lets it through.
    pub(crate) async fn serve(
        &self,
        mut parts: Parts,
        body: RequestBody,
        admission: Admission,
    ) -> http::Response<s3s::Body> {
        let id = request_id();
        parts.extensions.insert(Visitor::Caller(Box::new(admission)));
        let answer = match plain(&mut parts, body).await {
            Ok(body) => self.answer(&id, http::Request::from_parts(parts, body)).await,
            Err(error) => refuse(&error, &id),
        };
        named(answer, &id)
    }

    /// Answers a request that comes from within AWS, or from nobody: its path is `/bucket/key`.
    pub(crate) async fn visit(
        &self,
        visitor: Visitor,
        mut request: http::Request<s3s::Body>,
    ) -> http::Response<s3s::Body> {
        let id = request_id();
        request.extensions_mut().insert(visitor);
        named(self.answer(&id, request).await, &id)
    }

    async fn answer(&self, id: &str, request: http::Request<s3s::Body>) -> http::Response<s3s::Body> {
        self.service.call(request).await.unwrap_or_else(|_| broken(id))
    }
}

fn named(mut answer: http::Response<s3s::Body>, id: &str) -> http::Response<s3s::Body> {
    if let Ok(value) = HeaderValue::from_str(id) {
        answer.headers_mut().insert("x-amz-request-id", value);
    }
    answer
}

/// Takes out of a request what the wire layer would not understand: the signature, which is not verified, the chunked
/// encoding that belongs to it, and a new bucket's tags.
async fn plain(parts: &mut Parts, body: RequestBody) -> Result<s3s::Body, Error> {
    presigned::strip(parts)?;
    parts.headers.remove(http::header::AUTHORIZATION);
    let body = chunked::decoded(parts, body)?;
    new_bucket::with_tags(parts, body).await
}

fn refuse(error: &Error, id: &str) -> http::Response<s3s::Body> {
    let response = xml::refuse(error, id);
    let mut http = http::Response::new(s3s::Body::from(response.body));
    *http.status_mut() = response.status;
    *http.headers_mut() = response.headers;
    http
}

fn broken(id: &str) -> http::Response<s3s::Body> {
    refuse(&Error::new(500, "InternalError", "We encountered an internal error. Please try again."), id)
}
