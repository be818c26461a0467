//! Policies of resources, such as a bucket's: who may do what to it.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use super::document::{Policy, Verdict};
use crate::call::{Caller, Error};

/// Who asks for something that a resource's policy speaks of.
#[derive(Clone, Debug)]
pub(crate) enum Asker<'a> {
    /// A request without a signature.
    Nobody,
    /// An AWS service, such as `cloudfront.amazonaws.com`, on behalf of the resource `source_arn`.
    Service { name: &'a str, source_arn: &'a str },
    /// A user or a role's session of the account.
    Caller(&'a Caller),
}

/// A resource's policy that was read and checked.
#[derive(Clone, Debug)]
pub(crate) struct ResourcePolicy(Policy);

impl ResourcePolicy {
    /// Reads a policy; what is malformed or cannot be evaluated here is refused.
    pub(crate) fn read(document: &str) -> Result<Self, Error> {
        Policy::resource(document).map(Self)
    }

    /// What the policy says to `asker`'s doing `action` on `resource`.
    pub(crate) fn verdict(&self, asker: &Asker<'_>, action: &str, resource: &str) -> Verdict {
        self.0.answer(asker, action, resource)
    }

    /// Whether it lets everybody in.
    pub(crate) fn is_public(&self) -> bool {
        self.0.is_public()
    }

    /// The patterns of all resources that it speaks of.
    pub(crate) fn resources(&self) -> impl Iterator<Item = &str> {
        self.0.resources()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBJECT: &str = "arn:aws:s3:::page/index.html";
    const DISTRIBUTION: &str = "arn:aws:cloudfront::000000000000:distribution/E1";

    fn policy(statement: &str) -> ResourcePolicy {
        ResourcePolicy::read(&format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#)).unwrap()
    }

    fn of_distribution() -> ResourcePolicy {
        policy(&format!(
            r#"{{"Effect":"Allow","Principal":{{"Service":"cloudfront.amazonaws.com"}},"Action":"s3:GetObject",
            "Resource":"arn:aws:s3:::page/*","Condition":{{"StringEquals":{{"AWS:SourceArn":"{DISTRIBUTION}"}}}}}}"#
        ))
    }

    fn verdict(policy: &ResourcePolicy, asker: &Asker<'_>) -> Verdict {
        policy.verdict(asker, "s3:GetObject", OBJECT)
    }

    #[test]
    fn a_service_is_let_in_for_the_resource_that_the_condition_names_alone() {
        let service = |source_arn| Asker::Service { name: "cloudfront.amazonaws.com", source_arn };
        assert_eq!(verdict(&of_distribution(), &service(DISTRIBUTION)), Verdict::Allow);
        assert_eq!(
            verdict(&of_distribution(), &service("arn:aws:cloudfront::000000000000:distribution/E2")),
            Verdict::Silent
        );
        assert_eq!(verdict(&of_distribution(), &Asker::Nobody), Verdict::Silent);
        assert_eq!(verdict(&of_distribution(), &Asker::Caller(&Caller::Developer)), Verdict::Silent);
    }

    #[test]
    fn an_allow_for_the_account_leaves_it_to_the_identity_and_a_deny_does_not() {
        let of = |effect: &str| {
            policy(&format!(
                r#"{{"Effect":"{effect}","Principal":{{"AWS":"000000000000"}},"Action":"s3:*","Resource":"*"}}"#
            ))
        };
        let role = Caller::Role { role_arn: "arn:aws:iam::000000000000:role/r".to_owned(), session: "s".to_owned() };
        assert_eq!(verdict(&of("Allow"), &Asker::Caller(&role)), Verdict::Silent);
        assert_eq!(verdict(&of("Deny"), &Asker::Caller(&role)), Verdict::Deny);
    }

    #[test]
    fn a_policy_is_public_where_anybody_may_and_nothing_fixes_who() {
        let anybody = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::page/*"}"#;
        assert!(policy(anybody).is_public());
        assert!(!of_distribution().is_public());
        let fixed = anybody
            .replace(r#""Action""#, r#""Condition":{"StringEquals":{"aws:PrincipalAccount":"000000000000"}},"Action""#);
        assert!(!policy(&fixed).is_public());
    }
}
