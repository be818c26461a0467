//! The `aws-chunked` encoding of uploads, with its trailing checksums.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>

use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Buf as _, Bytes, BytesMut};
use futures_util::stream;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderName, HeaderValue};
use http::request::Parts;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use s3s::{Body, StdError};

use crate::call::Error;
use crate::server::RequestBody;

/// The longest line of the encoding that is read: a chunk's size with its signature, or a trailer.
const LINE: usize = 8 << 10;

/// The trailers of an upload, once it has been read to its end.
#[derive(Clone, Debug, Default)]
pub(super) struct Trailers(Arc<Mutex<HeaderMap>>);

impl Trailers {
    /// The trailer `name`.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let trailers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Some(trailers.get(name)?.to_str().ok()?.to_owned())
    }
}

/// The body as the client meant it. The headers are changed to fit, and [`Trailers`] are put into the extensions.
pub(super) fn decoded(parts: &mut Parts, body: RequestBody) -> Result<Body, Error> {
    let hash = parts.headers.remove("x-amz-content-sha256");
    let is_chunked = hash.is_some_and(|hash| hash.as_bytes().starts_with(b"STREAMING-"));
    let trailers = Trailers::default();
    parts.extensions.insert(trailers.clone());
    if !is_chunked {
        return Ok(Body::http_body(body));
    }
    let Some(length) = parts.headers.remove("x-amz-decoded-content-length") else {
        return Err(Error::new(411, "MissingContentLength", "You must provide the Content-Length HTTP header."));
    };
    parts.headers.insert(CONTENT_LENGTH, length);
    let kept: Vec<_> = parts.headers.get_all(CONTENT_ENCODING).iter().filter_map(|value| value.to_str().ok()).collect();
    let kept = kept
        .join(",")
        .split(',')
        .map(str::trim)
        .filter(|one| !matches!(*one, "" | "aws-chunked"))
        .collect::<Vec<_>>()
        .join(",");
    parts.headers.remove(CONTENT_ENCODING);
    if let Ok(value) = HeaderValue::from_str(&kept)
        && !kept.is_empty()
    {
        parts.headers.insert(CONTENT_ENCODING, value);
    }
    let decoder = Decoder { body, buffer: BytesMut::new(), left: 0, trailers };
    let frames = stream::try_unfold(decoder, |mut decoder| async move {
        let data = decoder.data().await?;
        Ok::<_, StdError>(data.map(|data| (Frame::data(data), decoder)))
    });
    Ok(Body::http_body_unsync(StreamBody::new(frames)))
}

struct Decoder {
    body: RequestBody,
    buffer: BytesMut,
    /// Bytes of the current chunk that are still to come.
    left: usize,
    trailers: Trailers,
}

impl Decoder {
    /// The next piece of data; `None` after the last chunk and the trailers.
    async fn data(&mut self) -> Result<Option<Bytes>, StdError> {
        if self.left == 0 {
            let line = self.line().await?;
            let size = line.split(';').next().unwrap_or_default();
            self.left = usize::from_str_radix(size.trim(), 16).map_err(|_| format!("{line:?} is no chunk's size"))?;
            if self.left == 0 {
                self.read_trailers().await?;
                return Ok(None);
            }
        }
        if self.buffer.is_empty() && !self.fill().await? {
            return Err("the body ends within a chunk".into());
        }
        let piece = self.buffer.split_to(self.left.min(self.buffer.len())).freeze();
        self.left -= piece.len();
        if self.left == 0 && !self.line().await?.is_empty() {
            return Err("a chunk is longer than its size".into());
        }
        Ok(Some(piece))
    }

    async fn read_trailers(&mut self) -> Result<(), StdError> {
        loop {
            if self.buffer.is_empty() && !self.fill().await? {
                return Ok(());
            }
            let line = self.line().await?;
            let Some((name, value)) = line.split_once(':') else { return Ok(()) };
            let (name, value) = (name.trim().parse::<HeaderName>()?, value.trim().parse::<HeaderValue>()?);
            self.trailers.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, value);
        }
    }

    /// The next line, without its end.
    async fn line(&mut self) -> Result<String, StdError> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line = String::from_utf8(self.buffer.split_to(end).to_vec())?;
                self.buffer.advance(1);
                return Ok(line.trim_end_matches('\r').to_owned());
            }
            if self.buffer.len() > LINE || !self.fill().await? {
                return Err("a line of the chunked encoding is too long, or breaks off".into());
            }
        }
    }

    /// Reads more; `false` at the end.
    async fn fill(&mut self) -> Result<bool, StdError> {
        while let Some(frame) = self.body.frame().await {
            if let Ok(data) = frame?.into_data()
                && !data.is_empty()
            {
                self.buffer.extend_from_slice(&data);
                return Ok(true);
            }
        }
        Ok(false)
    }
}
