//! A distribution as the edge serves it, compiled from all that it is made of.

use http::{HeaderName, HeaderValue};

use super::super::config::{Behavior, DistributionConfig, Origin};
use super::super::headers_policy::{ResponseHeadersPolicyConfig, Set};
use super::super::managed::{CachePolicy, OriginRequestPolicy};
use super::super::model::State;
use super::pattern;
use super::script::Script;
use crate::call::Error;

/// A distribution as the edge serves it.
#[derive(Debug, PartialEq)]
pub(crate) struct Served {
    pub(super) id: String,
    pub(super) domain_name: String,
    /// In lower case; the first label may be a wildcard.
    aliases: Vec<String>,
    /// With its leading slash; `None` where there is no default root object.
    pub(super) root: Option<String>,
    /// In the order in which they are tried.
    behaviors: Vec<ServedBehavior>,
    errors: Vec<ErrorRule>,
}

#[derive(Debug, PartialEq)]
pub(super) struct ServedBehavior {
    /// `None`: everything.
    pattern: Option<String>,
    pub(super) methods: Vec<String>,
    pub(super) compress: bool,
    pub(super) policy: CachePolicy,
    pub(super) forwards: OriginRequestPolicy,
    pub(super) origin: ServedOrigin,
    pub(super) sets: Vec<Set>,
    pub(super) removes: Vec<String>,
    pub(super) on_request: Option<Script>,
    pub(super) on_response: Option<Script>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct ServedOrigin {
    pub(super) place: Place,
    pub(super) domain_name: String,
    /// Empty, or with a leading slash.
    pub(super) path: String,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) signs: Signs,
    /// How long the origin may take, in seconds.
    pub(super) timeout: u32,
}

/// Where an origin's domain name leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The bucket of this name.
    Bucket(String),
    /// The API of this id.
    Api(String),
}

/// Which requests to a bucket are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signs {
    All,
    /// Those that the viewer has not signed.
    Unsigned,
    None,
}

/// What becomes of an origin's error.
#[derive(Debug, PartialEq)]
pub(super) struct ErrorRule {
    code: u16,
    /// Seconds.
    min_ttl: u64,
    /// The path of the page in its place, and the status it is answered with.
    pub(super) page: Option<(String, http::StatusCode)>,
}

impl Place {
    /// Where `domain_name` leads to; other places than those of this cloud are refused by name.
    pub(in super::super) fn of(domain_name: &str) -> Result<Self, Error> {
        let refused = || {
            let what = format!(
                "the origin {domain_name}: only <bucket>.s3.<region>.amazonaws.com and <api>.execute-api.<region>.amazonaws.com"
            );
            Error::not_implemented(&what)
        };
        let name = domain_name.strip_suffix(".amazonaws.com").ok_or_else(refused)?;
        if let Some((api, region)) = name.split_once(".execute-api.")
            && is_label(api)
            && is_label(region)
        {
            return Ok(Self::Api(api.to_owned()));
        }
        // A bucket's name may have dots.
        if let Some(bucket) = name.strip_suffix(".s3").filter(|bucket| !bucket.is_empty()) {
            return Ok(Self::Bucket(bucket.to_owned()));
        }
        match name.rsplit_once(".s3.") {
            Some((bucket, region)) if !bucket.is_empty() && is_label(region) => Ok(Self::Bucket(bucket.to_owned())),
            _ => Err(refused()),
        }
    }
}

fn is_label(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

impl Served {
    /// The distribution `id` as `state` has it; `None` where there is none, or it is not enabled.
    pub(in super::super) fn compile(id: &str, state: &State) -> Option<Self> {
        let distribution = state.distributions.get(id).filter(|distribution| distribution.config.enabled)?;
        let config = &distribution.config;
        let root = Some(&config.default_root_object).filter(|root| !root.is_empty());
        Some(Self {
            id: id.to_owned(),
            domain_name: distribution.domain_name(),
            aliases: config.aliases.iter().map(|alias| alias.to_ascii_lowercase()).collect(),
            root: root.map(|root| format!("/{root}")),
            behaviors: config
                .behaviors()
                .filter_map(|behavior| ServedBehavior::compile(behavior, config, state))
                .collect(),
            errors: config.custom_error_responses.iter().map(ErrorRule::of).collect(),
        })
    }

    /// Whether `host`, in lower case, is one of its names.
    pub(in super::super) fn has_name(&self, host: &str) -> bool {
        self.domain_name == host || self.aliases.iter().any(|alias| alias == host)
    }

    /// Whether a wildcard among its names covers `host`, in lower case.
    pub(in super::super) fn covers(&self, host: &str) -> bool {
        let mut wildcards = self.aliases.iter().filter_map(|alias| alias.strip_prefix('*'));
        wildcards.any(|rest| host.strip_suffix(rest).is_some_and(|label| !label.is_empty()))
    }

    /// The first behaviour whose pattern matches `path`.
    pub(super) fn behavior(&self, path: &str) -> Option<&ServedBehavior> {
        let matches = |behavior: &&ServedBehavior| match &behavior.pattern {
            Some(pattern) => pattern::matches(pattern, path),
            None => true,
        };
        self.behaviors.iter().find(matches)
    }

    /// The rule for an origin's error, if there is one.
    pub(super) fn rule(&self, status: http::StatusCode) -> Option<&ErrorRule> {
        self.errors.iter().find(|rule| rule.code == status.as_u16())
    }

    /// How long an origin's error is cached at least, in seconds: 10 unless a rule says otherwise.
    pub(super) fn error_min_ttl(&self, status: http::StatusCode) -> u64 {
        self.rule(status).map_or(10, |rule| rule.min_ttl)
    }
}

impl ServedBehavior {
    fn compile(behavior: &Behavior, config: &DistributionConfig, state: &State) -> Option<Self> {
        let origin = config.origins.iter().find(|origin| origin.id == behavior.target_origin_id)?;
        let headers = state.headers_policies.get(&behavior.response_headers_policy_id).map(|policy| &policy.config);
        let script = |event: &str| {
            let association = behavior.function_associations.iter().find(|one| one.event_type == event)?;
            let name = association.function_arn.rsplit('/').next()?;
            let live = state.functions.get(name)?.live.as_ref()?;
            Some(Script { name: name.to_owned(), code: live.code.clone() })
        };
        Some(Self {
            pattern: behavior.path_pattern.clone(),
            methods: behavior.allowed_methods.items.clone(),
            compress: behavior.compress,
            policy: CachePolicy::of(&behavior.cache_policy_id).ok()?,
            forwards: OriginRequestPolicy::of(&behavior.origin_request_policy_id).ok()?,
            origin: ServedOrigin::compile(origin, state)?,
            sets: headers.map(ResponseHeadersPolicyConfig::sets).unwrap_or_default(),
            removes: headers.map(ResponseHeadersPolicyConfig::removes).unwrap_or_default(),
            on_request: script("viewer-request"),
            on_response: script("viewer-response"),
        })
    }
}

impl ServedOrigin {
    fn compile(origin: &Origin, state: &State) -> Option<Self> {
        let control = state.access_controls.get(&origin.origin_access_control_id);
        let custom = origin.custom_origin_config.as_ref().map(|custom| custom.origin_read_timeout);
        let s3 = origin.s3_origin_config.as_ref().map(|s3| s3.origin_read_timeout);
        let header = |name: &str, value: &str| Some((name.parse().ok()?, HeaderValue::from_str(value).ok()?));
        let headers = origin.custom_headers.iter().filter_map(|given| header(&given.header_name, &given.header_value));
        Some(Self {
            place: Place::of(&origin.domain_name).ok()?,
            domain_name: origin.domain_name.clone(),
            path: origin.origin_path.clone(),
            headers: headers.collect(),
            signs: match control.map(|control| control.config.signing_behavior.as_str()) {
                Some("always") => Signs::All,
                Some("no-override") => Signs::Unsigned,
                Some(_) | None => Signs::None,
            },
            timeout: custom.or(s3).unwrap_or(30),
        })
    }
}

impl ErrorRule {
    fn of(response: &super::super::config::CustomErrorResponse) -> Self {
        let status = response.response_code.parse().ok().and_then(|code: u16| http::StatusCode::from_u16(code).ok());
        let page = status.map(|status| (response.response_page_path.clone(), status));
        Self { code: response.error_code, min_ttl: response.error_caching_min_ttl, page }
    }
}
