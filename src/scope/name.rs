//! Physical names, paths and keys.

use super::Scope;
use crate::digest;

/// The logical name of the gateway's role, which no function may have.
pub const GATEWAY: &str = "gateway";

/// The logical name of the page.
pub const SITE: &str = "site";

/// A name as `stack.toml` has it: `memos`.
pub type LogicalName = str;

/// Characters in the name of a Lambda function, and of an IAM role.
const FUNCTION_LIMIT: usize = 64;
const ROLE_LIMIT: usize = 64;
/// Characters in the name of a DynamoDB table.
const TABLE_LIMIT: usize = 255;
/// Characters in the name of a bucket.
const BUCKET_LIMIT: usize = 63;
/// Characters of the hash that ends a cut name, with the hyphen before it.
const SUFFIX: usize = 9;

impl Scope {
    /// `<stack>-<stage>-<name>`, cut to `limit` characters with a hash where it is longer.
    fn physical(&self, name: &LogicalName, limit: usize) -> String {
        let full = format!("{}{name}", self.prefix());
        if full.len() <= limit {
            return full;
        }
        let kept = &full[..full.floor_char_boundary(limit - SUFFIX)];
        format!("{kept}-{}", &digest::short(full.as_bytes())[..SUFFIX - 1])
    }

    /// `<stack>-<stage>-`
    fn prefix(&self) -> String {
        format!("{}-{}-", self.stack, self.stage)
    }

    /// The function's physical name.
    pub fn function(&self, name: &LogicalName) -> String {
        self.physical(name, FUNCTION_LIMIT)
    }

    /// The physical name of a function's execution role, which is the function's own.
    pub fn function_role(&self, function: &LogicalName) -> String {
        self.physical(function, ROLE_LIMIT)
    }

    /// The physical name of the role that API Gateway invokes through.
    pub fn gateway_role(&self) -> String {
        self.physical(GATEWAY, ROLE_LIMIT)
    }

    /// The table's physical name.
    pub fn table(&self, name: &LogicalName) -> String {
        self.physical(name, TABLE_LIMIT)
    }

    /// The name of the REST API. API Gateway takes any, and does not keep it unique.
    pub fn api(&self) -> String {
        self.physical("api", TABLE_LIMIT)
    }

    /// The name of the API's stage.
    pub fn api_stage(&self) -> &str {
        &self.stage
    }

    /// `/aws/lambda/<function's physical name>`: at most 76 of the 512 characters that CloudWatch Logs takes.
    pub fn log_group(&self, function: &LogicalName) -> String {
        format!("{}{}", Self::LOG_GROUPS, self.function(function))
    }

    /// What the names of all functions' log groups start with.
    pub const LOG_GROUPS: &str = "/aws/lambda/";

    /// What the names of the log groups start with that API Gateway makes for the stages of an API, without tags: only
    /// the API's id tells whose they are.
    pub fn execution_logs(api: &str) -> String {
        format!("API-Gateway-Execution-Logs_{api}/")
    }

    /// The IAM path of the stack's roles.
    pub fn iam_path(&self) -> String {
        format!("/memoctl/{}/{}/", self.stack, self.stage)
    }

    /// The SSM path above all of the stack's signing keys, with `/` at its end.
    pub fn signing_keys_path(&self) -> String {
        format!("/memoctl/{}/{}/signing-keys/", self.stack, self.stage)
    }

    /// The SSM path of one signing key, above its `private` and `public` parameters.
    pub fn signing_key(&self, name: &LogicalName) -> String {
        format!("{}{name}", self.signing_keys_path())
    }

    /// The parameter that holds the private key set.
    pub fn private_parameter(&self, signing_key: &LogicalName) -> String {
        private_part(&self.signing_key(signing_key))
    }

    /// The parameter that holds the public JWK Set.
    pub fn public_parameter(&self, signing_key: &LogicalName) -> String {
        public_part(&self.signing_key(signing_key))
    }

    /// The bucket for release records, the lease and large zips: `memoctl-<account>-<region>`, unless overridden.
    pub fn bucket(&self) -> String {
        self.bucket.clone().unwrap_or_else(|| format!("memoctl-{}-{}", self.account, self.region))
    }

    /// What the bucket's keys of the release records start with.
    pub fn record_prefix(&self) -> String {
        format!("{}/{}/releases/", self.stack, self.stage)
    }

    /// The bucket's key of a release's record.
    pub fn record_key(&self, release: &str) -> String {
        format!("{}{release}.json", self.record_prefix())
    }

    /// The bucket's key of the lease.
    pub fn lease_key(&self) -> String {
        format!("{}/{}/lease.json", self.stack, self.stage)
    }

    /// The bucket's key of a zip too large to be sent in a call.
    pub fn zip_key(&self, function: &LogicalName, digest: &str) -> String {
        format!("{}{digest}.zip", self.zip_prefix(function))
    }

    /// What the bucket's keys of a function's zips start with; `function` as in [`Scope::zip_key`].
    pub fn zip_prefix(&self, function: &LogicalName) -> String {
        format!("{}/{}/zips/{function}/", self.stack, self.stage)
    }

    /// The physical name of the page's distribution, and of what CloudFront keeps for it.
    pub fn site(&self) -> String {
        self.physical(SITE, FUNCTION_LIMIT)
    }

    /// The bucket of the page's files. All accounts share the names of buckets, so it has the account's and the region's.
    pub fn site_bucket(&self) -> String {
        self.physical(&format!("{SITE}-{}-{}", self.account, self.region), BUCKET_LIMIT)
    }

    /// What the names of the stack's functions, roles, tables and APIs start with, for services that list by prefix.
    pub fn list_prefix(&self) -> String {
        let prefix = self.prefix();
        // Long stack and stage names are themselves cut in the shortest of the physical names.
        prefix[..prefix.floor_char_boundary(FUNCTION_LIMIT - SUFFIX)].to_owned()
    }

    /// Whether `physical`, the name of a function, a role, a table or an API, may be ours. It nominates only:
    /// hyphens make prefixes ambiguous.
    pub fn nominates(&self, physical: &str) -> bool {
        physical.starts_with(&self.list_prefix())
    }

    /// The function whose log group this is, where it may be ours: see [`Scope::nominates`].
    pub fn nominates_log_group<'a>(&self, group: &'a str) -> Option<&'a str> {
        group.strip_prefix(Self::LOG_GROUPS).filter(|function| self.nominates(function))
    }
}

/// The parameter that holds the private key set of the signing key at `path`.
pub fn private_part(path: &str) -> String {
    format!("{path}/private")
}

/// The parameter that holds the public JWK Set of the signing key at `path`.
pub fn public_part(path: &str) -> String {
    format!("{path}/public")
}

/// The variable that tells a function a table's physical name: `TABLE_MEMOS`.
pub fn table_variable(name: &LogicalName) -> String {
    variable("TABLE", name)
}

/// The variable that tells a function a signing key's SSM path: `SIGNING_KEY_JWT`.
pub fn signing_key_variable(name: &LogicalName) -> String {
    variable("SIGNING_KEY", name)
}

/// The variable that tells a function how often keys that it is bound to were dropped at once: `jwt=2`. No name of a
/// signing key makes it.
pub const KEYS_GENERATION: &str = "SIGNING_KEYS_GENERATION";

/// What the names of the stage's variables start with that tell functions the versions of others that they may invoke.
pub const FUNCTION_VARIABLES: &str = "function_";

/// The stage's variable that tells functions the version of another one that they may invoke: `function_memo`.
pub fn function_variable(name: &LogicalName) -> String {
    format!("{FUNCTION_VARIABLES}{}", name.replace('-', "_"))
}

/// What the names of the stage's variables start with that tell functions where other services answer.
pub const SERVICE_VARIABLES: &str = "service_";

/// The stage's variable that tells functions the base URL of a service: `service_legacy`.
pub fn service_variable(name: &LogicalName) -> String {
    format!("{SERVICE_VARIABLES}{}", name.replace('-', "_"))
}

fn variable(prefix: &str, name: &LogicalName) -> String {
    format!("{prefix}_{}", name.to_ascii_uppercase().replace('-', "_"))
}
