//! The code that comes with a call: zips in the call itself. Other sources are refused by name.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Shared;
use super::code::{self, Package};
use super::members::{Members, invalid};
use crate::call::{Error, Request};

/// Largest request of `CreateFunction` and `UpdateFunctionCode`, in bytes.
const MAX_REQUEST: usize = 70_167_211;

impl Shared {
    /// Stores a package; the caller holds [`Shared::packages_in_use`].
    pub(super) async fn store_package(self: &Arc<Self>, zip: Vec<u8>) -> Result<Package, Error> {
        let shared = Arc::clone(self);
        let stored = tokio::task::spawn_blocking(move || shared.code.put(&zip)).await;
        let package = stored.unwrap_or_else(|error| {
            Err(Error::new(500, "ServiceException", format!("cannot store the function's code: {error}")))
        })?;
        let root = self.code.root(&package.sha256);
        // As on AWS, once the call is answered. What fails here fails again, and is told, when a process is to start.
        tokio::task::spawn_blocking(move || code::unpacked(&root));
        Ok(package)
    }
}

/// Takes the zip out of `FunctionCode` or `UpdateFunctionCode`.
pub(super) fn take_zip(source: &mut Members, request: &Request, operation: &str) -> Result<Option<Vec<u8>>, Error> {
    let zip: Option<String> = source.take("ZipFile")?;
    let zip = zip
        .map(|base64| STANDARD.decode(base64))
        .transpose()
        .map_err(|error| Error::new(400, "SerializationException", format!("ZipFile is no base64: {error}")))?;
    if zip.as_ref().is_some_and(|zip| zip.len() > code::MAX_ZIPPED) {
        let message = format!("Zipped size must be smaller than {} bytes", code::MAX_ZIPPED);
        return Err(Error::new(413, "RequestEntityTooLargeException", message));
    }
    if request.body.len() > MAX_REQUEST {
        let message = format!("Request must be smaller than {MAX_REQUEST} bytes for the {operation} operation");
        return Err(Error::new(413, "RequestEntityTooLargeException", message));
    }
    for name in ["S3Bucket", "S3Key", "S3ObjectVersion", "ImageUri", "SourceKMSKeyArn"] {
        source.refuse(name)?;
    }
    Ok(zip)
}

/// There is no source of code in the call.
pub(super) fn no_source() -> Error {
    invalid("Please provide a source for function code.")
}
