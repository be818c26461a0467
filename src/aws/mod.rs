//! AWS as the kinds of resource use it: clients, errors in our terms, and what the server made up in this run.
//!
//! - [`connect`]: from a target to clients and a scope. [`Caller`]: who calls. [`error`]: SDK errors as [`Error`].
//! - [`retry`]: the one retry layer: [`idempotent`], [`once`], [`once_pausing`], [`retry_while`], [`wait_until`].
//! - [`transport`]: what each call goes through: counting, pacing by quota, its time.
//! - [`many`]: [`each`] in parallel, [`pages`] one after the other.
//! - [`bucket`]: the account's bucket. [`lease`]: one writer at a time. [`clock`]: the cloud's time.

pub mod bucket;
mod caller;
pub mod clock;
pub mod connect;
mod directory;
pub mod error;
pub mod lease;
pub mod many;
pub mod retry;
pub mod transport;

pub use bucket::Bucket;
pub use caller::Caller;
pub use clock::Clock;
pub use connect::{Target, UPLOADS};
pub use directory::{Directory, Distribution, Edge, Parts, Sought};
pub use error::{Class, Error, Unless, failed, incomplete};
pub use many::{each, pages};
pub use retry::{idempotent, once, once_pausing, retry_while, wait_until};
pub use transport::{CallCount, Counter, Skew};

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Semaphore;

use crate::history::Author;
use crate::package::Artifacts;
use crate::scope::Scope;

/// The clients of one run, all on one connection pool, and what the run knows.
#[derive(Debug)]
pub struct Aws {
    pub scope: Scope,
    /// The cloud's time.
    pub clock: Clock,
    pub apigateway: aws_sdk_apigateway::Client,
    pub cloudfront: aws_sdk_cloudfront::Client,
    pub dynamodb: aws_sdk_dynamodb::Client,
    pub iam: aws_sdk_iam::Client,
    pub lambda: aws_sdk_lambda::Client,
    pub logs: aws_sdk_cloudwatchlogs::Client,
    pub route53: aws_sdk_route53::Client,
    pub s3: aws_sdk_s3::Client,
    /// The one client whose calls pass [`Self::fence`] unchecked.
    pub lease_s3: aws_sdk_s3::Client,
    pub ssm: aws_sdk_ssm::Client,
    pub sts: aws_sdk_sts::Client,
    /// What the server made up: ids and version numbers.
    pub directory: Directory,
    /// The zips to upload: empty until the build is done.
    pub artifacts: Zips,
    /// A permit for each KiB of zips that calls carry at a time: a call holds its zip more than twice.
    pub uploads: Semaphore,
    /// The cloud's clock.
    pub skew: Skew,
    /// Lets calls that can change something through, but not once a lease that was taken is lost.
    pub fence: lease::Fence,
    /// Whether the account's bucket is known to be there.
    pub has_bucket: AtomicBool,
    /// The calls that this run makes.
    pub counter: Counter,
    /// Whose run it is, for the record of a release.
    pub caller: Caller,
    /// The git revision of its source.
    pub revision: RwLock<Option<String>>,
}

impl Aws {
    /// Whose run it is. Where STS has been asked and has refused, the error is the one that tells why.
    pub async fn author(&self) -> Result<Author, Error> {
        let revision = self.revision.read().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(Author { by: self.caller.arn().await?, revision })
    }

    /// Notes from which source the run is.
    pub fn put_revision(&self, revision: Option<String>) {
        *self.revision.write().unwrap_or_else(PoisonError::into_inner) = revision;
    }
}

/// The zips to upload.
#[derive(Debug, Default)]
pub struct Zips(RwLock<Arc<Artifacts>>);

impl Zips {
    /// All of them.
    pub fn all(&self) -> Arc<Artifacts> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts others in place of them.
    pub fn put(&self, artifacts: Artifacts) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(artifacts);
    }
}

impl From<Artifacts> for Zips {
    fn from(artifacts: Artifacts) -> Self {
        Self(RwLock::new(Arc::new(artifacts)))
    }
}
