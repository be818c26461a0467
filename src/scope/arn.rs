//! ARNs, integration URIs and base URLs, from physical names and ids; and back.

use super::Scope;

/// Stands for the API's id where that is not known, or must not be compared: `https://{api}.execute-api...`.
pub const SYMBOLIC_API: &str = "{api}";

/// Stands for the page's URL where CloudFront has made up its host name.
pub const SYMBOLIC_SITE: &str = "{site}";

/// Stands for the secret by which the API knows that a request comes from the page's distribution.
pub const SYMBOLIC_EDGE_KEY: &str = "{edge_key}";

/// A Lambda function as an ARN names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FunctionRef {
    /// The physical name.
    pub name: String,
    /// A version number, an alias, or `None` for `$LATEST`.
    pub qualifier: Option<String>,
}

impl Scope {
    fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{resource}", self.partition, self.region, self.account)
    }

    /// The ARN of one of the stack's roles, which all stand under [`Scope::iam_path`].
    pub fn role_arn(&self, role: &str) -> String {
        format!("arn:{}:iam::{}:role{}{role}", self.partition, self.account, self.iam_path())
    }

    /// The function's ARN, without a qualifier.
    pub fn function_arn(&self, function: &str) -> String {
        self.arn("lambda", &format!("function:{function}"))
    }

    /// The ARN of one version of a function.
    pub fn version_arn(&self, function: &str, version: &str) -> String {
        format!("{}:{version}", self.function_arn(function))
    }

    pub fn table_arn(&self, table: &str) -> String {
        self.arn("dynamodb", &format!("table/{table}"))
    }

    /// The ARN of a table's index; `*` for all of them.
    pub fn index_arn(&self, table: &str, index: &str) -> String {
        format!("{}/index/{index}", self.table_arn(table))
    }

    /// The ARN of the parameter `path`, which starts with `/`.
    pub fn parameter_arn(&self, path: &str) -> String {
        self.arn("ssm", &format!("parameter{path}"))
    }

    /// The log group's ARN as its tags and its settings take it, without `:*`.
    pub fn log_group_arn(&self, group: &str) -> String {
        self.arn("logs", &format!("log-group:{group}"))
    }

    /// The ARN of all streams of a log group, as policies name them.
    pub fn log_streams_arn(&self, group: &str) -> String {
        format!("{}:*", self.log_group_arn(group))
    }

    /// The ARN by which a REST API is tagged: it has no account.
    pub fn rest_api_arn(&self, api: &str) -> String {
        format!("arn:{}:apigateway:{}::/restapis/{api}", self.partition, self.region)
    }

    /// The ARN by which a stage is tagged.
    pub fn stage_arn(&self, api: &str, stage: &str) -> String {
        format!("{}/stages/{stage}", self.rest_api_arn(api))
    }

    /// The ARN of a method of the API's stage, as an authorizer's policy names it: `GET/v1/memos/*`.
    pub fn execute_api_arn(&self, api: &str, method_and_path: &str) -> String {
        self.arn("execute-api", &format!("{api}/{}/{method_and_path}", self.api_stage()))
    }

    /// `text` with the ARNs of the API `api`'s methods made symbolic, so that it can be compared without the id.
    pub fn symbolic_methods(&self, text: &str, api: &str) -> String {
        text.replace(&self.methods(api), &self.methods(SYMBOLIC_API))
    }

    /// `text` with the ARNs of symbolic methods made those of the API `api`.
    pub fn resolved_methods(&self, text: &str, api: &str) -> String {
        text.replace(&self.methods(SYMBOLIC_API), &self.methods(api))
    }

    /// What the ARNs of an API's methods start with.
    pub fn methods(&self, api: &str) -> String {
        self.arn("execute-api", &format!("{api}/"))
    }

    /// The URI by which API Gateway integrates a function, or asks it as an authorizer.
    pub fn integration_uri(&self, function_arn: &str) -> String {
        format!("{}{function_arn}/invocations", self.integration_prefix())
    }

    fn integration_prefix(&self) -> String {
        format!("arn:{}:apigateway:{}:lambda:path/2015-03-31/functions/", self.partition, self.region)
    }

    /// The function of ours that an integration URI names.
    pub fn parse_integration_uri(&self, uri: &str) -> Option<FunctionRef> {
        self.parse_function_arn(uri.strip_prefix(&self.integration_prefix())?.strip_suffix("/invocations")?)
    }

    /// The function of this account and region that an ARN names.
    pub fn parse_function_arn(&self, arn: &str) -> Option<FunctionRef> {
        let rest = arn.strip_prefix(&self.function_arn(""))?;
        let (name, qualifier) = match rest.split_once(':') {
            Some((name, qualifier)) => (name, Some(qualifier)),
            None => (rest, None),
        };
        let well_formed = |part: &str| !part.is_empty() && !part.contains([':', '/']);
        (well_formed(name) && qualifier.is_none_or(well_formed))
            .then(|| FunctionRef { name: name.to_owned(), qualifier: qualifier.map(str::to_owned) })
    }

    /// Where the API answers, the stage included, without a slash at its end. `api` is its id, or [`SYMBOLIC_API`].
    pub fn base_url(&self, api: &str) -> String {
        let stage = self.api_stage();
        match &self.local {
            Some(base) => format!("{}/_aws/execute-api/{api}/{stage}", base.trim_end_matches('/')),
            None => format!("https://{api}.execute-api.{}.{}/{stage}", self.region, self.dns_suffix()),
        }
    }

    /// The host that the API `api` answers at; its stage is the path.
    pub fn api_host(&self, api: &str) -> String {
        format!("{api}.execute-api.{}.{}", self.region, self.dns_suffix())
    }

    /// The host of the bucket `bucket`, in its region.
    pub fn bucket_host(&self, bucket: &str) -> String {
        format!("{bucket}.s3.{}.{}", self.region, self.dns_suffix())
    }

    /// The ARN of a bucket.
    pub fn bucket_arn(&self, bucket: &str) -> String {
        format!("arn:{}:s3:::{bucket}", self.partition)
    }

    /// The ARN of a distribution: CloudFront has no regions.
    pub fn distribution_arn(&self, id: &str) -> String {
        format!("arn:{}:cloudfront::{}:distribution/{id}", self.partition, self.account)
    }

    /// Where the page is, without a slash at its end, when CloudFront answers for `host`. The local cloud has the port that
    /// all of it has, and no certificate.
    pub fn site_url(&self, host: &str) -> String {
        match &self.local {
            Some(base) => {
                let port = base.rsplit_once(':').and_then(|(_, port)| port.trim_end_matches('/').parse::<u16>().ok());
                let port = port.map(|port| format!(":{port}")).unwrap_or_default();
                format!("http://{host}{port}")
            }
            None => format!("https://{host}"),
        }
    }

    /// `text` with the base URL of the API `api` made symbolic, so that it can be compared without the id.
    pub fn symbolic(&self, text: &str, api: &str) -> String {
        text.replace(&self.base_url(api), &self.base_url(SYMBOLIC_API))
    }

    /// `text` with a symbolic base URL made that of the API `api`.
    pub fn resolved(&self, text: &str, api: &str) -> String {
        text.replace(&self.base_url(SYMBOLIC_API), &self.base_url(api))
    }

    /// The domain of the partition's endpoints (AWS SDKs' `partitions.json`).
    fn dns_suffix(&self) -> &'static str {
        match self.partition.as_str() {
            "aws-cn" => "amazonaws.com.cn",
            "aws-eusc" => "amazonaws.eu",
            "aws-iso" => "c2s.ic.gov",
            "aws-iso-b" => "sc2s.sgov.gov",
            "aws-iso-e" => "cloud.adc-e.uk",
            "aws-iso-f" => "csp.hci.ic.gov",
            _ => "amazonaws.com",
        }
    }
}
