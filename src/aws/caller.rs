//! Who calls, which may still be asked while the first reads are under way.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials as _;
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;

use super::connect::explained;
use super::error::{Error, failed};
use super::retry_while;

/// How long the first call is repeated that fails for now: a place that nobody can reach is to be told soon.
const REACHING: Duration = Duration::from_secs(2);

/// The caller's ARN, as STS tells it.
#[derive(Debug)]
pub struct Caller {
    arn: OnceCell<Result<String, Error>>,
    /// The call under way.
    asking: Mutex<Option<JoinHandle<Result<String, Error>>>>,
}

impl Caller {
    /// One that has told who it is.
    pub(super) fn known(arn: String) -> Self {
        Self { arn: OnceCell::new_with(Some(Ok(arn))), asking: Mutex::default() }
    }

    /// One that is being asked by `asking`.
    pub(super) fn asked(asking: impl Future<Output = Result<String, Error>> + Send + 'static) -> Self {
        Self { arn: OnceCell::new(), asking: Mutex::new(Some(tokio::spawn(asking))) }
    }

    /// Its ARN. What is wrong with credentials, region or network is the error.
    pub(super) async fn arn(&self) -> Result<String, Error> {
        let answer = async || {
            let asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner).take();
            match asking {
                Some(asking) => asking.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic())),
                None => Err(Error::refused("reach", &"AWS", "STS has not told who calls")),
            }
        };
        self.arn.get_or_init(answer).await.clone()
    }
}

/// Asks STS who calls, and in which account and partition; where the credentials tell their account, the answer is not
/// waited for. `shown` is what is reached, as errors name it.
pub(super) async fn ask(
    sts: &aws_sdk_sts::Client,
    shown: String,
    config: &SdkConfig,
    is_local: bool,
) -> Result<(Caller, String, String), Error> {
    let asking = {
        let (sts, config) = (sts.clone(), config.clone());
        async move { told(&sts, &shown, &config, is_local).await }
    };
    let Some(account) = account(config).await else {
        let Identity { arn, account } = asking.await?;
        let partition = arn.split(':').nth(1).unwrap_or("aws").to_owned();
        return Ok((Caller::known(arn), account, partition));
    };
    let partition = partition(config.region().map_or("", |region| region.as_ref())).to_owned();
    let expected = (account.clone(), partition.clone());
    let checked = async move { asking.await?.of(&expected.0, &expected.1) };
    Ok((Caller::asked(checked), account, partition))
}

/// Who calls, as STS tells it.
struct Identity {
    arn: String,
    account: String,
}

impl Identity {
    /// The ARN, when it is of the account and the partition that were taken for granted.
    fn of(self, account: &str, partition: &str) -> Result<String, Error> {
        if self.account == account && self.arn.split(':').nth(1) == Some(partition) {
            return Ok(self.arn);
        }
        let cause =
            format!("the credentials say that they are of account {account} in {partition}, and STS says {}", self.arn);
        let hint =
            "take AWS_ACCOUNT_ID out of the environment and aws_account_id out of the profile, or set them right";
        Err(Error::refused("reach", &"AWS", cause).hint(hint))
    }
}

/// Asks STS who calls.
async fn told(sts: &aws_sdk_sts::Client, shown: &str, config: &SdkConfig, is_local: bool) -> Result<Identity, Error> {
    let once = || {
        let answer = Box::pin(sts.get_caller_identity().send());
        async { answer.await.map_err(failed("reach", &shown)) }
    };
    let answer = retry_while(Error::passes, REACHING, once).await.map_err(|error| {
        if is_local {
            return error.hint("start the local cloud with `memoctl local`, or leave it to `--local`");
        }
        explained(error, config)
    })?;
    Ok(Identity { arn: answer.arn.unwrap_or_default(), account: answer.account.unwrap_or_default() })
}

/// The account that the credentials are of, where they tell it: those of SSO and of roles do.
async fn account(config: &SdkConfig) -> Option<String> {
    let credentials = config.credentials_provider()?.provide_credentials().await.ok()?;
    credentials.account_id().map(|account| account.as_str().to_owned())
}

/// The partition that a region is in. <https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>
fn partition(region: &str) -> &'static str {
    match region.split('-').collect::<Vec<_>>().as_slice() {
        ["cn", ..] => "aws-cn",
        ["us", "gov", ..] => "aws-us-gov",
        _ => "aws",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_of_another_account_than_they_say_are_refused() {
        let told =
            || Identity { arn: "arn:aws:iam::111111111111:user/ada".to_owned(), account: "111111111111".to_owned() };
        assert_eq!(told().of("111111111111", "aws").unwrap(), "arn:aws:iam::111111111111:user/ada");
        for (account, partition) in [("222222222222", "aws"), ("111111111111", "aws-cn")] {
            let error = told().of(account, partition).unwrap_err();
            assert!(error.to_string().contains("STS says arn:aws:iam::111111111111:user/ada"), "{error}");
            assert!(error.hint.unwrap().contains("AWS_ACCOUNT_ID"));
        }
    }

    #[test]
    fn a_region_tells_its_partition() {
        for (region, expected) in
            [("eu-central-1", "aws"), ("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
        {
            assert_eq!(partition(region), expected);
        }
    }
}
