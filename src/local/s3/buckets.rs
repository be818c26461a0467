//! The operations on buckets.

use s3s::dto::{
    Bucket, CreateBucketInput, CreateBucketOutput, ListBucketsInput, ListBucketsOutput, Owner, ServerSideEncryption,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Tagging,
};
use s3s::{S3Result, s3_error};

use super::conditions::{now, time};
use super::disk::{Disk, Settings, missing, unkept};

/// Buckets of an account.
const LIMIT: usize = 10_000;

/// The account's canonical user id.
const OWNER: &str = "0000000000000000000000000000000000000000000000000000000000000000";

pub(super) fn create(
    disk: &Disk,
    region: &str,
    input: &CreateBucketInput,
    tagging: Option<Tagging>,
) -> S3Result<CreateBucketOutput> {
    if let Some(tagging) = &tagging {
        check_tags(tagging)?;
    }
    let configuration = input.create_bucket_configuration.as_ref();
    if configuration.is_some_and(|configuration| configuration.location.is_some() || configuration.bucket.is_some()) {
        return Err(s3_error!(NotImplemented, "the local cloud does not implement directory buckets"));
    }
    let constraint = configuration.and_then(|configuration| configuration.location_constraint.as_ref());
    match constraint.map(s3s::dto::BucketLocationConstraint::as_str) {
        None if region == "us-east-1" => {}
        Some("us-east-1") => {
            return Err(s3_error!(InvalidLocationConstraint, "The specified location-constraint is not valid"));
        }
        Some(given) if given == region => {}
        given => {
            let given = given.unwrap_or("unspecified");
            return Err(s3_error!(
                IllegalLocationConstraintException,
                "The {given} location constraint is incompatible for the region specific endpoint this request was sent to."
            ));
        }
    }
    let output = CreateBucketOutput { location: Some(format!("/{}", input.bucket)) };
    let mut buckets = disk.lock();
    if buckets.contains_key(&input.bucket) {
        // The oldest region answers a repetition as it always did.
        return match region {
            "us-east-1" => Ok(output),
            _ => Err(s3_error!(
                BucketAlreadyOwnedByYou,
                "Your previous request to create the named bucket succeeded and you already own it."
            )),
        };
    }
    if buckets.len() >= LIMIT {
        return Err(s3_error!(TooManyBuckets, "You have attempted to create more buckets than allowed"));
    }
    let settings = Settings { created: now(), tagging, ..Settings::default() };
    disk.make(&input.bucket, &settings).map_err(unkept)?;
    buckets.insert(input.bucket.clone(), super::disk::Bucket { settings, ..Default::default() });
    Ok(output)
}

pub(super) fn delete(disk: &Disk, name: &str) -> S3Result<()> {
    let mut buckets = disk.lock();
    if !buckets.get(name).ok_or_else(missing)?.objects.is_empty() {
        return Err(s3_error!(BucketNotEmpty, "The bucket you tried to delete is not empty"));
    }
    disk.unmake(name).map_err(unkept)?;
    buckets.remove(name);
    Ok(())
}

pub(super) fn list(disk: &Disk, region: &str, input: &ListBucketsInput) -> S3Result<ListBucketsOutput> {
    let most = match input.max_buckets {
        None => LIMIT,
        Some(given) => usize::try_from(given)
            .ok()
            .filter(|most| (1..=LIMIT).contains(most))
            .ok_or_else(|| s3_error!(InvalidArgument, "Argument max-buckets must be an integer between 1 and 10000"))?,
    };
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let after = input.continuation_token.as_deref().unwrap_or_default();
    let elsewhere = input.bucket_region.as_deref().is_some_and(|wanted| wanted != region);
    let buckets = disk.lock();
    let mut rest = buckets.iter().filter(|(name, _)| !elsewhere && name.starts_with(prefix) && name.as_str() > after);
    let page: Vec<_> = rest.by_ref().take(most).collect();
    let token = rest.next().and(page.last()).map(|(name, _)| (*name).clone());
    let described = page.into_iter().map(|(name, bucket)| Bucket {
        bucket_region: Some(region.to_owned()),
        creation_date: Some(time(bucket.settings.created)),
        name: Some(name.clone()),
    });
    Ok(ListBucketsOutput {
        buckets: Some(described.collect()),
        continuation_token: token,
        owner: Some(owner()),
        prefix: input.prefix.clone(),
    })
}

/// Checks an encryption: only S3's own, since there is no KMS.
pub(super) fn check_encryption(configuration: &ServerSideEncryptionConfiguration) -> S3Result<()> {
    for rule in &configuration.rules {
        let default = rule.apply_server_side_encryption_by_default.as_ref();
        if let Some(other) = default.filter(|default| default.sse_algorithm.as_str() != ServerSideEncryption::AES256) {
            let algorithm = other.sse_algorithm.as_str();
            return Err(s3_error!(NotImplemented, "the local cloud does not implement the encryption {algorithm}"));
        }
    }
    Ok(())
}

/// The encryption that every bucket has.
pub(super) fn default_encryption() -> ServerSideEncryptionConfiguration {
    let default = ServerSideEncryptionByDefault {
        kms_master_key_id: None,
        sse_algorithm: ServerSideEncryption::from_static(ServerSideEncryption::AES256),
    };
    let rule = ServerSideEncryptionRule {
        apply_server_side_encryption_by_default: Some(default),
        bucket_key_enabled: Some(false),
    };
    ServerSideEncryptionConfiguration { rules: vec![rule] }
}

/// Who owns everything here.
pub(super) fn owner() -> Owner {
    Owner { display_name: None, id: Some(OWNER.to_owned()) }
}

/// Checks a bucket's tags: at most 50, with unique keys of 1 to 128 characters, and values of at most 256.
pub(super) fn check_tags(tagging: &Tagging) -> S3Result<()> {
    let mut keys = std::collections::BTreeSet::new();
    for tag in &tagging.tag_set {
        let (key, value) = (tag.key.as_deref().unwrap_or_default(), tag.value.as_deref().unwrap_or_default());
        if !(1..=128).contains(&key.chars().count()) {
            return Err(s3_error!(InvalidTag, "The TagKey you have provided is invalid"));
        }
        if value.chars().count() > 256 {
            return Err(s3_error!(InvalidTag, "The TagValue you have provided is invalid"));
        }
        if key.to_lowercase().starts_with("aws:") {
            return Err(s3_error!(InvalidTag, "System tags cannot be added/updated by requester"));
        }
        if !keys.insert(key) {
            return Err(s3_error!(InvalidTag, "Cannot provide multiple Tags with the same key"));
        }
    }
    if keys.len() > 50 {
        return Err(s3_error!(InvalidTag, "Bucket tag count cannot be greater than 50"));
    }
    Ok(())
}
