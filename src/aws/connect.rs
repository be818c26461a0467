//! From a target to clients and a scope. The first call, `GetCallerIdentity`, needs no permission and tells the account
//! and the partition; whatever is wrong with credentials, region or network shows here, in one line, before any build.

use std::path::PathBuf;
use std::sync::RwLock;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sdk_sts::config::retry::RetryConfig;
use aws_sdk_sts::config::{SharedHttpClient, StalledStreamProtectionConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use tokio::sync::Semaphore;

use super::error::{Class, Error, chain, expired};
use super::lease::Fence;
use super::transport::{Pace, Skew, Transport};
use super::{Aws, Caller, Clock, Counter, Directory, Zips, caller, transport};
use crate::scope::Scope;
use crate::stack::{Stack, region_fault};

/// Where to deploy to.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// AWS, by the SDK's usual chain of environment, profiles, SSO and instance roles.
    Aws {
        /// Goes before `region` of `stack.toml`, and that before the chain's.
        region: Option<String>,
        /// A profile of `~/.aws/config`.
        profile: Option<String>,
    },
    /// A cloud at `endpoint` that takes any credentials: nothing of the user's AWS settings is read.
    Local {
        /// Where its APIs answer: `http://127.0.0.1:4567`.
        endpoint: String,
        /// Where deployed APIs answer, which may be another port than this run's `endpoint`.
        base_url: String,
        region: String,
        /// The account that it is; `None` where it is to be asked.
        account: Option<String>,
        /// Its time.
        clock: Clock,
    },
}

/// From the first wait for a quota to the last byte of an answer: a bound against what never ends. Each attempt has its
/// time in [`transport`].
const OPERATION: Duration = Duration::from_mins(15);

/// KiB of zips that calls carry at a time.
pub const UPLOADS: usize = 48 << 10;

impl Aws {
    /// Connects to `target` for `stack`, and asks it who calls.
    pub async fn connect(target: &Target, stack: &Stack) -> Result<Self, Error> {
        let config = match target {
            Target::Aws { region, profile } => {
                usual(region.as_ref().or(stack.region.as_ref()), profile.as_deref()).await?
            }
            Target::Local { endpoint, region, account, .. } => local(endpoint, region, account.as_deref()),
        };
        let counter = Counter::default();
        let clock = match target {
            Target::Aws { .. } => Clock::AWS,
            Target::Local { clock, .. } => *clock,
        };
        let fence = Fence::default();
        let longest = transport::longest(matches!(target, Target::Local { .. }));
        let skew = Skew::default();
        let through = |fence: &Fence| {
            let (counter, skew, fence) = (counter.clone(), skew.clone(), fence.clone());
            let pace = clock.waits.then(|| Pace::new(clock));
            transport::over(&config, Transport { counter, skew, fence, pace, longest })
        };
        let (unfenced, config) = (through(&Fence::default()), through(&fence));
        let sts = aws_sdk_sts::Client::new(&config);
        let shown = target.shown(&config);
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let (caller, account, partition) =
            caller::ask(&sts, shown, &config, matches!(target, Target::Local { .. })).await?;
        let scope = Scope {
            stack: stack.name.clone(),
            stage: stack.stage.clone(),
            partition,
            account,
            region,
            local: match target {
                Target::Aws { .. } => None,
                Target::Local { base_url, .. } => Some(base_url.clone()),
            },
            bucket: stack.bucket.clone(),
        };
        Ok(Self { clock, counter, skew, fence, lease_s3: s3(&unfenced), ..Self::new(&config, sts, scope, caller) })
    }

    fn new(config: &SdkConfig, sts: aws_sdk_sts::Client, scope: Scope, caller: Caller) -> Self {
        let upload = config
            .to_builder()
            // A slow line is no stalled one.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        let s3 = s3(&upload);
        Self {
            scope,
            clock: Clock::AWS,
            apigateway: aws_sdk_apigateway::Client::new(config),
            cloudfront: aws_sdk_cloudfront::Client::new(config),
            dynamodb: aws_sdk_dynamodb::Client::new(config),
            iam: aws_sdk_iam::Client::new(config),
            lambda: aws_sdk_lambda::Client::new(&upload),
            logs: aws_sdk_cloudwatchlogs::Client::new(config),
            lease_s3: s3.clone(),
            route53: aws_sdk_route53::Client::new(config),
            s3,
            ssm: aws_sdk_ssm::Client::new(config),
            sts,
            directory: Directory::default(),
            artifacts: Zips::default(),
            uploads: Semaphore::new(UPLOADS),
            skew: Skew::default(),
            fence: Fence::default(),
            has_bucket: AtomicBool::new(false),
            counter: Counter::default(),
            caller,
            revision: RwLock::default(),
        }
    }
}

fn s3(config: &SdkConfig) -> aws_sdk_s3::Client {
    // Buckets as host names resolve on AWS only.
    let custom = config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
    aws_sdk_s3::Client::from_conf(aws_sdk_s3::config::Builder::from(config).force_path_style(custom).build())
}

impl Target {
    /// As errors name it.
    fn shown(&self, config: &SdkConfig) -> String {
        match self {
            Self::Aws { .. } => format!("AWS in {}", config.region().map_or("no region", Region::as_ref)),
            Self::Local { endpoint, .. } => format!("the local cloud at {endpoint}"),
        }
    }
}

/// The SDK's usual chain, and credentials from it at once.
async fn usual(region: Option<&String>, profile: Option<&str>) -> Result<SdkConfig, Error> {
    let tls = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(tls)
        .retry_config(RetryConfig::disabled())
        .stalled_stream_protection(stalls())
        .timeout_config(timeouts());
    if let Some(absent) = profile.and_then(absent) {
        return Err(absent);
    }
    if let Some(region) = region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    let config = loader.load().await;
    let Some(region) = config.region() else {
        return Err(Error::refused("reach", &"AWS", "no region is set").hint(format!(
            "write `region = \"eu-central-1\"` at the top of stack.toml, or set AWS_REGION; {TRY_LOCAL}"
        )));
    };
    if let Some(rule) = region_fault(region.as_ref()) {
        return Err(Error::refused("reach", &"AWS", format!("{:?} is no AWS region", region.as_ref())).hint(rule));
    }
    if let Some(provider) = config.credentials_provider() {
        provider.provide_credentials().await.map_err(|error| {
            let set = std::env::var("AWS_PROFILE").ok().filter(|_| profile.is_none());
            set.as_deref().and_then(absent).unwrap_or_else(|| unusable(&error, profile))
        })?;
    }
    Ok(config)
}

/// Fixed credentials and region; plain HTTP needs no TLS roots, whose loading takes longer than a local deploy's calls.
fn local(endpoint: &str, region: &str, account: Option<&str>) -> SdkConfig {
    let http: SharedHttpClient = Builder::new().build_http();
    let mut credentials = Credentials::builder().access_key_id("local").secret_access_key("local");
    credentials.set_account_id(account.map(Into::into));
    let credentials = credentials.provider_name("the local cloud").build();
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(endpoint)
        .http_client(http)
        .retry_config(RetryConfig::disabled())
        .stalled_stream_protection(stalls())
        .timeout_config(timeouts())
        .build()
}

/// With the SDK's retries off, an operation is one attempt.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(Duration::from_secs(5)).operation_timeout(OPERATION).build()
}

/// Answers that stop coming are cut off. A request that waits for its quota sends nothing either, and is none that stalls.
fn stalls() -> StalledStreamProtectionConfig {
    StalledStreamProtectionConfig::enabled().upload_enabled(false).build()
}

const TRY_LOCAL: &str = "or add `--local` to deploy to the local cloud, which needs no account";

const SIGN_IN: &str =
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or sign in with `aws sso login`";

/// What is wrong with `profile` where no file of the AWS settings has it.
fn absent(profile: &str) -> Option<Error> {
    let home = std::env::home_dir().unwrap_or_default().join(".aws");
    let file = |variable, name| std::env::var_os(variable).map_or_else(|| home.join(name), PathBuf::from);
    let config = file("AWS_CONFIG_FILE", "config");
    let credentials = file("AWS_SHARED_CREDENTIALS_FILE", "credentials");
    let texts = [&config, &credentials].map(|file| std::fs::read_to_string(file).unwrap_or_default());
    if texts.iter().any(|text| has_profile(text, profile)) {
        return None;
    }
    let cause = format!("there is no profile `{profile}` in {}, nor in {}", config.display(), credentials.display());
    Some(Error::refused("reach", &"AWS", cause).hint("`aws configure list-profiles` names those that there are"))
}

/// Whether a file of the AWS settings has a section for `profile`: `[profile NAME]`, or `[NAME]` in the credentials.
fn has_profile(text: &str, profile: &str) -> bool {
    let sections = text.lines().filter_map(|line| line.trim_start().strip_prefix('[')?.split_once(']'));
    sections.map(|(section, _)| section.trim()).any(|section| {
        let name = section.strip_prefix("profile").filter(|rest| rest.starts_with([' ', '\t'])).unwrap_or(section);
        name.trim().trim_matches(['"', '\'']) == profile
    })
}

/// Credentials that could not be found or fetched.
fn unusable(error: &CredentialsError, profile: Option<&str>) -> Error {
    let causes = chain(error);
    let profile = profile.map(str::to_owned).or_else(|| std::env::var("AWS_PROFILE").ok());
    let found_for = profile.map(|profile| format!(" for the profile `{profile}`")).unwrap_or_default();
    let cause = match error {
        CredentialsError::CredentialsNotLoaded(_) => format!("no AWS credentials were found{found_for}"),
        // The instance's metadata service is the end of the chain: whoever gets there has nothing before it.
        _ if causes.contains("IMDS") => format!("no AWS credentials were found{found_for}"),
        CredentialsError::ProviderTimedOut(_) => "the provider of the AWS credentials did not answer".to_owned(),
        CredentialsError::InvalidConfiguration(_) => format!("the AWS profile is not valid: {causes}"),
        // The enum is open: the SDK may name further causes.
        _ => format!("the AWS credentials could not be fetched: {causes}"),
    };
    Error::refused("reach", &"AWS", cause).hint(format!("{SIGN_IN}; {TRY_LOCAL}"))
}

/// The first call's error with what is wrong in plain words, and the way out.
pub(super) fn explained(error: Error, config: &SdkConfig) -> Error {
    let region = config.region().map_or("", Region::as_ref);
    let code = error.code.clone();
    let (what, way_out) = match code.as_deref() {
        code if expired(code) => ("the AWS session has expired", "sign in again (for SSO: `aws sso login`)".to_owned()),
        Some("InvalidClientTokenId" | "UnrecognizedClientException" | "InvalidAccessKeyId") => {
            let hint = format!("check AWS_ACCESS_KEY_ID, and that {region} is a region that your account has enabled");
            ("AWS does not know the access key", hint)
        }
        Some("SignatureDoesNotMatch")
            if error.cause.contains("Signature expired") || error.cause.contains("not yet") =>
        {
            ("this machine's clock is wrong", "set the clock".to_owned())
        }
        Some("SignatureDoesNotMatch" | "IncompleteSignature" | "InvalidSignatureException") => {
            ("the secret key does not belong to the access key", "check AWS_SECRET_ACCESS_KEY".to_owned())
        }
        Some("RegionDisabledException") => {
            ("the region is not enabled", format!("enable {region} for your account, or set another region"))
        }
        None => ("no answer", format!("check the network, the proxy, and that `{region}` is a region of AWS")),
        Some(_) => ("AWS refused the credentials", SIGN_IN.to_owned()),
    };
    let cause = format!("{what} ({})", error.cause);
    Error { cause, hint: Some(format!("{way_out}; {TRY_LOCAL}")), class: Class::Refused, ..error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(code: Option<&str>, cause: &str) -> Error {
        let config = local("http://127.0.0.1:9", "eu-central-1", None);
        let error = Error {
            code: code.map(str::to_owned),
            ..Error::refused("reach", &"AWS in eu-central-1", format!("{cause} (request 1)"))
        };
        explained(error, &config)
    }

    #[test]
    fn each_refusal_of_the_first_call_is_one_line_that_says_what_is_wrong_and_the_way_out() {
        for (code, cause, what, way_out) in [
            (Some("ExpiredToken"), "ExpiredToken: The security token expired", "session has expired", "sign in again"),
            (Some("InvalidClientTokenId"), "InvalidClientTokenId: invalid", "access key", "AWS_ACCESS_KEY_ID"),
            (Some("SignatureDoesNotMatch"), "SignatureDoesNotMatch: no", "secret key", "AWS_SECRET_ACCESS_KEY"),
            (Some("SignatureDoesNotMatch"), "Signature expired: 2020 is now earlier", "clock", "set the clock"),
            (Some("RegionDisabledException"), "RegionDisabledException: no", "region", "eu-central-1"),
            (None, "dispatch failure: dns error", "no answer", "`eu-central-1` is a region"),
            (Some("AccessDenied"), "AccessDenied: no", "refused the credentials", "AWS_PROFILE"),
        ] {
            let error = told(code, cause);
            let (line, hint) = (error.to_string(), error.hint.unwrap());
            assert!(line.contains(what) && line.contains(cause) && !line.contains('\n'), "{line}");
            assert!(hint.contains(way_out) && hint.contains("--local"), "{hint}");
        }
    }

    #[test]
    fn absent_credentials_are_told_with_the_way_out() {
        for error in [
            CredentialsError::not_loaded("the chain is empty"),
            CredentialsError::provider_error("failed to load IMDS session token"),
        ] {
            let error = unusable(&error, Some("work"));
            assert_eq!(error.to_string(), "cannot reach AWS: no AWS credentials were found for the profile `work`");
            assert!(error.hint.unwrap().contains("--local"));
        }
    }

    #[tokio::test]
    async fn a_local_cloud_that_is_not_there_is_told_at_once() {
        let local = Target::Local {
            // The discard port: nothing listens on it.
            endpoint: "http://127.0.0.1:9".to_owned(),
            base_url: "http://127.0.0.1:9".to_owned(),
            region: "eu-central-1".to_owned(),
            account: None,
            clock: Clock::PROMPT,
        };
        let error = Aws::connect(&local, &Stack::example()).await.unwrap_err();
        let line = error.to_string();
        assert!(line.starts_with("cannot reach the local cloud at http://127.0.0.1:9: "), "{line}");
        assert!(line.contains("refused") && !line.contains('\n'), "{line}");
        assert!(error.hint.unwrap().contains("memoctl local"));
    }

    #[test]
    fn a_profile_is_found_in_either_form_of_its_section() {
        for text in ["[profile work]\nregion = eu-central-1", "[work]", "[ profile  \"work\" ] # mine"] {
            assert!(has_profile(text, "work"), "{text}");
        }
        for text in ["", "[profile workshop]", "[sso-session work]", "# [work]"] {
            assert!(!has_profile(text, "work"), "{text}");
        }
    }
}
