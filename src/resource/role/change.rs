//! Makes, changes and removes roles. IAM is eventually consistent, also with itself.

use std::time::Duration;

use aws_sdk_iam::types::Tag;

use super::{Document, Doomed, Role};
use crate::aws::{Aws, Error, Unless as _, each, idempotent, incomplete, retry_while};
use crate::plan::Id;
use crate::resource::Kind as _;

/// How long a role just made may be unknown to the next call.
const UNKNOWN_YET: Duration = Duration::from_secs(30);

/// How long IAM may hold a role for one whose policies are not all gone (Terraform: the same).
const STILL_REFERENCED: Duration = Duration::from_mins(2);

impl Role {
    /// Makes the role, without policies.
    pub(super) async fn make(&self, aws: &Aws) -> Result<(), Error> {
        let (tags, trust) = (self.sdk_tags()?, self.trust.render());
        idempotent("create", &self.id(), || {
            let call = aws.iam.create_role().role_name(&self.name).path(&self.path);
            call.assume_role_policy_document(&trust).set_tags(Some(tags.clone())).send()
        })
        .await?;
        aws.directory.put_role(&self.name);
        Ok(())
    }

    /// Changes `live` into the role: what is granted first, what is withdrawn last.
    pub(super) async fn change(&self, live: &Self, aws: &Aws) -> Result<(), Error> {
        let id = self.id();
        if self.trust != live.trust {
            let trust = self.trust.render();
            idempotent("change who may assume", &id, || {
                aws.iam.update_assume_role_policy().role_name(&self.name).policy_document(&trust).send()
            })
            .await?;
            aws.directory.put_grant();
        }
        for (policy, content) in &self.policies {
            if live.policies.get(policy) != Some(content) {
                self.put(policy, content, aws).await?;
            }
        }
        if self.tags != live.tags {
            self.put_tags(aws).await?;
        }
        for policy in live.managed.difference(&self.managed) {
            detach(&self.name, policy, aws).await?;
        }
        for policy in live.policies.keys().filter(|policy| !self.policies.contains_key(*policy)) {
            take(&self.name, policy, aws).await?;
        }
        Ok(())
    }

    pub(super) async fn put_tags(&self, aws: &Aws) -> Result<(), Error> {
        let tags = self.sdk_tags()?;
        let tag = || aws.iam.tag_role().role_name(&self.name).set_tags(Some(tags.clone())).send();
        idempotent("tag", &self.id(), tag).await.map(drop)
    }

    async fn put(&self, policy: &str, content: &Document, aws: &Aws) -> Result<(), Error> {
        let (id, document, act) = (self.id(), self.text(content, aws).await?, format!("put the policy {policy} of"));
        let put = || {
            idempotent(&act, &id, || {
                let call = aws.iam.put_role_policy().role_name(&self.name).policy_name(policy);
                call.policy_document(&document).send()
            })
        };
        let done = retry_while(|error| error.is("NoSuchEntity"), UNKNOWN_YET, put).await;
        aws.directory.put_grant();
        done.map(drop).map_err(|error| match error.code.as_deref() {
            Some("LimitExceeded") => error.hint(
                "a role's inline policies have 10,240 characters together, those of kept releases included: \
                 keep fewer with `--keep 1`, or split the function",
            ),
            Some(_) | None => error,
        })
    }

    fn sdk_tags(&self) -> Result<Vec<Tag>, Error> {
        let tags = self.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
        tags.collect::<Result<_, _>>().map_err(incomplete(&self.id()))
    }
}

impl Doomed {
    /// Deletes the role with all that hangs on it, without which IAM refuses.
    pub(super) async fn remove(self, aws: &Aws) -> Result<(), Error> {
        let detached = each(&self.managed, |policy| detach(&self.name, policy, aws));
        let taken = each(&self.policies, |policy| take(&self.name, policy, aws));
        tokio::try_join!(detached, taken)?;
        let id = Id::new(Role::KIND, &self.name);
        let delete = || idempotent("delete", &id, || aws.iam.delete_role().role_name(&self.name).send());
        let deleted = retry_while(|error| error.is("DeleteConflict"), STILL_REFERENCED, delete).await;
        deleted.unless("NoSuchEntity")?;
        Ok(())
    }
}

async fn take(role: &str, policy: &str, aws: &Aws) -> Result<(), Error> {
    let (id, act) = (Id::new(Role::KIND, role), format!("delete the policy {policy} of"));
    let delete = || aws.iam.delete_role_policy().role_name(role).policy_name(policy).send();
    idempotent(&act, &id, delete).await.unless("NoSuchEntity").map(drop)
}

async fn detach(role: &str, policy: &str, aws: &Aws) -> Result<(), Error> {
    let (id, act) = (Id::new(Role::KIND, role), format!("detach the managed policy {policy} from"));
    let detach = || aws.iam.detach_role_policy().role_name(role).policy_arn(policy).send();
    idempotent(&act, &id, detach).await.unless("NoSuchEntity").map(drop)
}
