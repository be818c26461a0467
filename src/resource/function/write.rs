//! Making, changing and deleting functions.
//!
//! Configuration and code are two calls, and a version pins both, so what publishes comes last: configuration, wait,
//! then code and version in one call. Nothing here is seen by callers, who are served by an older version until the
//! release.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::FunctionCode;
use bytes::Bytes;

use super::assume::Assuming;
use super::read::{get, owned, settled};
use super::{Doomed, Function, id};
use crate::aws::{Aws, Class, Error, UPLOADS, Unless as _, each, idempotent, once_pausing};
use crate::package::Artifact;
use crate::resource::live::adopt;

/// Bytes of a zip that Lambda takes in the call itself.
const DIRECT: usize = 50 << 20;

/// Calls with code that are under way at a time: enough for Lambda's 15 a second while each takes less than a second.
const AT_ONCE: usize = 16;

/// Where the code of a call is.
enum Code {
    Direct(Bytes),
    Stored { bucket: String, key: String },
}

impl Doomed {
    pub(super) async fn remove(self, aws: &Aws) -> Result<(), Error> {
        let (bucket, id) = (aws.bucket(), id(&self.name));
        each(self.zips, |zip| async move { bucket.delete(&zip).await }).await?;
        let call = || aws.lambda.delete_function().function_name(&self.name).send();
        idempotent("delete", &id, call).await.unless("ResourceNotFoundException").map(drop)
    }
}

impl Code {
    /// Makes `call`, which carries the code, as soon as the zips of others that are on their way leave it the memory:
    /// hundreds of functions may wait for Lambda's quota at a time. However small, no more than [`AT_ONCE`] are on their
    /// way, so that a cloud that answers late is not asked the faster.
    async fn carried<F: Future>(&self, aws: &Aws, call: impl FnOnce() -> F) -> F::Output {
        let size = match self {
            Self::Direct(zip) => zip.len().div_ceil(1024).clamp(UPLOADS / AT_ONCE, UPLOADS),
            Self::Stored { .. } => UPLOADS / AT_ONCE,
        };
        let _permits = aws.uploads.acquire_many(u32::try_from(size).unwrap_or(u32::MAX)).await;
        call().await
    }
}

impl Function {
    pub(super) async fn make(&self, aws: &Aws) -> Result<(), Error> {
        let (content, id) = (&self.content, id(&self.name));
        let code = self.code(aws).await?;
        let making = aws.directory.making();
        let assuming = Assuming::of(&content.role, aws);
        assuming.first().await;
        let create = || {
            let source = match &code {
                Code::Direct(zip) => FunctionCode::builder().zip_file(Blob::new(zip.clone())),
                Code::Stored { bucket, key } => FunctionCode::builder().s3_bucket(bucket).s3_key(key),
            };
            aws.lambda
                .create_function()
                .function_name(&self.name)
                .set_tags(Some(self.tags.clone().into_iter().collect()))
                .publish(true)
                .code(source.build())
                .description(&content.description)
                .role(&content.role)
                .runtime(content.runtime.as_str().into())
                .handler(&content.handler)
                .architectures(content.architecture.as_str().into())
                .memory_size(content.memory)
                .timeout(content.timeout)
                .set_ephemeral_storage(content.storage())
                .tracing_config(content.tracing())
                .logging_config(content.logging())
                .environment(content.environment())
                .send()
        };
        let pause = |error: &Error| assuming.pause(error);
        let answer = once_pausing("create", &id, pause, || code.carried(aws, create)).await;
        drop(making);
        match answer {
            Ok(made) => {
                self.published(made.version(), aws)?;
                // Lambda takes this while it still makes the function, which has nothing reserved.
                if self.reserved_concurrency.is_some() {
                    self.reserve(aws).await?;
                }
                Ok(())
            }
            // Either an answer got lost, or somebody was first: what is there now decides.
            Err(error) if error.class == Class::Unknown || error.is("ResourceConflictException") => {
                adopt(self, aws, error).await
            }
            Err(error) => Err(error),
        }
    }

    pub(super) async fn change(&self, live: &Self, aws: &Aws) -> Result<(), Error> {
        if self.tags != live.tags {
            self.put_tags(aws).await?;
        }
        if !self.content.same_configuration(&live.content) {
            self.configure(aws).await?;
        }
        let missing = !live.versions.contains(&self.digest());
        if self.content.code_sha256 != live.content.code_sha256
            || self.content.architecture != live.content.architecture
        {
            self.upload(missing, aws).await?;
        } else if missing {
            self.publish(aws).await?;
        }
        if self.reserved_concurrency != live.reserved_concurrency {
            self.reserve(aws).await?;
        }
        self.prune(live, aws).await
    }

    pub(super) async fn doomed(&self, aws: &Aws) -> Result<Option<Doomed>, Error> {
        let (bucket, prefix) = (aws.bucket(), aws.scope.zip_prefix(&self.name));
        let (live, zips) = tokio::try_join!(get(&self.name, None, aws), bucket.list(&prefix))?;
        match live {
            None => Ok(None),
            Some(live) if !owned(&live, aws) => Err(Error::foreign("delete", &id(&self.name))),
            Some(_) => Ok(Some(Doomed { name: self.name.clone(), zips })),
        }
    }

    pub(super) async fn put_tags(&self, aws: &Aws) -> Result<(), Error> {
        let (arn, tags) = (aws.scope.function_arn(&self.name), Some(self.tags.clone().into_iter().collect()));
        let tag = || aws.lambda.tag_resource().resource(&arn).set_tags(tags.clone()).send();
        idempotent("tag", &id(&self.name), tag).await.map(drop)
    }

    async fn configure(&self, aws: &Aws) -> Result<(), Error> {
        let content = &self.content;
        idempotent("configure", &id(&self.name), || {
            aws.lambda
                .update_function_configuration()
                .function_name(&self.name)
                .description(&content.description)
                .role(&content.role)
                .runtime(content.runtime.as_str().into())
                .handler(&content.handler)
                .memory_size(content.memory)
                .timeout(content.timeout)
                .set_ephemeral_storage(content.storage())
                .tracing_config(content.tracing())
                .logging_config(content.logging())
                .environment(content.environment())
                .send()
        })
        .await?;
        settled(&self.name, None, aws).await
    }

    /// Sends the code, and publishes a version of it in the same call when `publish` is set.
    async fn upload(&self, publish: bool, aws: &Aws) -> Result<(), Error> {
        let code = self.code(aws).await?;
        // Sent twice it is still the same code, and an unchanged function keeps its version's number.
        let update = || {
            let call = aws
                .lambda
                .update_function_code()
                .function_name(&self.name)
                .architectures(self.content.architecture.as_str().into())
                .publish(publish);
            match &code {
                Code::Direct(zip) => call.zip_file(Blob::new(zip.clone())),
                Code::Stored { bucket, key } => call.s3_bucket(bucket).s3_key(key),
            }
            .send()
        };
        let answer = idempotent("update the code of", &id(&self.name), || code.carried(aws, update)).await?;
        if publish {
            self.published(answer.version(), aws)?;
        }
        Ok(())
    }

    /// Publishes `$LATEST`, after Lambda has made sure that it holds the code that is meant.
    async fn publish(&self, aws: &Aws) -> Result<(), Error> {
        let answer = idempotent("publish", &id(&self.name), || {
            let call = aws.lambda.publish_version().function_name(&self.name);
            call.code_sha256(&self.content.code_sha256).send()
        })
        .await?;
        self.published(answer.version(), aws)
    }

    /// Notes the number that Lambda gave to a version of this content.
    fn published(&self, version: Option<&str>, aws: &Aws) -> Result<(), Error> {
        let number = version.and_then(|version| version.parse().ok()).ok_or_else(|| {
            let cause = format!("Lambda told no version number but {version:?}");
            Error::refused("publish", &id(&self.name), cause)
        })?;
        aws.directory.put_version(&self.name, number, self.digest());
        Ok(())
    }

    /// Waits until the version that a release would serve can be invoked.
    pub(super) async fn ready(&self, aws: &Aws) -> Result<(), Error> {
        match aws.directory.version(&self.name, &self.digest()) {
            Some(version) => settled(&self.name, Some(version), aws).await,
            None => Err(Error::refused("publish", &id(&self.name), "no version of its content is known")
                .hint("run the same command again")),
        }
    }

    async fn reserve(&self, aws: &Aws) -> Result<(), Error> {
        let (lambda, name, id) = (&aws.lambda, &self.name, id(&self.name));
        let Some(reserved) = self.reserved_concurrency else {
            let call = || lambda.delete_function_concurrency().function_name(name).send();
            return idempotent("end the reserved concurrency of", &id, call).await.map(drop);
        };
        let call = || {
            let call = lambda.put_function_concurrency().function_name(name);
            call.reserved_concurrent_executions(reserved).send()
        };
        idempotent("reserve concurrency for", &id, call).await.map(drop)
    }

    /// Deletes the versions that `live` has and this no longer wants.
    async fn prune(&self, live: &Self, aws: &Aws) -> Result<(), Error> {
        let dropped: Vec<u64> = aws
            .directory
            .versions(&self.name)
            .unwrap_or_default()
            .into_iter()
            .filter(|(_, digest)| live.versions.contains(digest) && !self.versions.contains(digest))
            .map(|(number, _)| number)
            .collect();
        if dropped.is_empty() {
            return Ok(());
        }
        match get(&self.name, None, aws).await? {
            Some(live) if owned(&live, aws) => {}
            Some(_) => return Err(Error::foreign("prune", &id(&self.name))),
            None => return Ok(()),
        }
        for version in dropped {
            let thing = format!("{} version {version}", id(&self.name));
            let call = || aws.lambda.delete_function().function_name(&self.name).qualifier(version.to_string()).send();
            idempotent("delete", &thing, call).await.unless("ResourceNotFoundException")?;
            aws.directory.remove_version(&self.name, version);
        }
        Ok(())
    }

    async fn code(&self, aws: &Aws) -> Result<Code, Error> {
        let Artifact { zip, .. } = self.artifact(aws)?;
        if zip.len() < DIRECT {
            return Ok(Code::Direct(zip));
        }
        let bucket = aws.bucket();
        let digest = crate::digest::Digest::of(&self.content.code_sha256);
        let key = aws.scope.zip_key(&self.name, digest.as_str());
        bucket.ensure().await?;
        bucket.put(&key, zip).await?;
        Ok(Code::Stored { bucket: bucket.name(), key })
    }

    /// The zip that this run has built for the function.
    fn artifact(&self, aws: &Aws) -> Result<Artifact, Error> {
        let built = aws.scope.logical_name(super::KIND, &self.tags).and_then(|name| aws.artifacts.all().zips.get(name).cloned());
        let same = built.filter(|artifact| artifact.sha256 == self.content.code_sha256);
        same.ok_or_else(|| {
            Error::refused("upload the code of", &id(&self.name), "this run has not built the code that is wanted")
        })
    }
}
