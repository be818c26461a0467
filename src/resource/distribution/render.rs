//! A distribution as CloudFront takes it.

use aws_sdk_cloudfront::types::builders::DefaultCacheBehaviorBuilder;
use aws_sdk_cloudfront::types::{
    Aliases, AllowedMethods, CacheBehavior, CacheBehaviors, CachedMethods, CustomErrorResponse, CustomErrorResponses, CustomHeaders, CustomOriginConfig,
    DefaultCacheBehavior, DistributionConfig, EventType, FunctionAssociation, FunctionAssociations, HttpVersion, Method,
    MinimumProtocolVersion, Origin as SdkOrigin, OriginCustomHeader, OriginProtocolPolicy, OriginSslProtocols, Origins,
    PriceClass, S3OriginConfig, SslProtocol, SslSupportMethod, ViewerCertificate, ViewerProtocolPolicy,
};
use aws_smithy_types::error::operation::BuildError;

use super::{Behaviour, By, Distribution, Origin, REST, Settings};
use crate::aws::Parts;
use crate::openapi::EDGE_KEY;
use crate::scope::SYMBOLIC_API;

/// What CloudFront and memoctl have made up, and what is written instead of what stands for it.
pub(super) struct Made<'a> {
    /// The id of the API.
    pub(super) api: &'a str,
    pub(super) parts: &'a Parts,
    /// The secret that the API is told.
    pub(super) key: &'a str,
    /// The distribution's comment.
    pub(super) mark: &'a str,
    /// Unique among all distributions ever made.
    pub(super) reference: &'a str,
}

impl Distribution {
    /// The distribution as CloudFront takes it.
    pub(super) fn render(&self, made: &Made<'_>) -> Result<DistributionConfig, BuildError> {
        let origins = self.origins.iter().map(|(name, origin)| render_origin(name, origin, made));
        let origins = origins.collect::<Result<Vec<_>, _>>()?;
        let origins = Origins::builder().quantity(count(&origins)).set_items(Some(origins)).build()?;
        let behaviours = self.behaviours.iter().filter(|(pattern, _)| *pattern != REST);
        let behaviours = behaviours.map(|(pattern, behaviour)| behaviour.render(pattern, made));
        let behaviours = behaviours.collect::<Result<Vec<_>, _>>()?;
        let behaviours = CacheBehaviors::builder().quantity(count(&behaviours)).set_items(Some(behaviours)).build()?;
        let rest = self.behaviours.get(REST).map(|behaviour| behaviour.render_default(made)).transpose()?;
        let Settings { enabled, index, aliases, certificate, minimum_tls, price_class, http, ipv6, errors, others: _ } = &self.settings;
        let errors = errors.iter().map(|(status, seconds)| {
            CustomErrorResponse::builder().error_code(*status).error_caching_min_ttl(*seconds).build()
        });
        let errors = errors.collect::<Result<Vec<_>, _>>()?;
        let errors = CustomErrorResponses::builder().quantity(count(&errors)).set_items(Some(errors)).build()?;
        let names: Vec<String> = aliases.iter().cloned().collect();
        let certificate = match certificate {
            Some(arn) => ViewerCertificate::builder()
                .acm_certificate_arn(arn)
                .ssl_support_method(SslSupportMethod::SniOnly)
                .minimum_protocol_version(MinimumProtocolVersion::from(minimum_tls.as_str()))
                .build(),
            None => ViewerCertificate::builder().cloud_front_default_certificate(true).build(),
        };
        DistributionConfig::builder()
            .caller_reference(made.reference)
            .comment(made.mark)
            .enabled(*enabled)
            .default_root_object(index)
            .origins(origins)
            .cache_behaviors(behaviours)
            .set_default_cache_behavior(rest)
            .aliases(Aliases::builder().quantity(count(&names)).set_items(Some(names)).build()?)
            .custom_error_responses(errors)
            .viewer_certificate(certificate)
            .price_class(PriceClass::from(price_class.as_str()))
            .http_version(HttpVersion::from(http.as_str()))
            .is_ipv6_enabled(*ipv6)
            .build()
    }
}

fn render_origin(name: &str, origin: &Origin, made: &Made<'_>) -> Result<SdkOrigin, BuildError> {
    let host = origin.host.replace(SYMBOLIC_API, made.api);
    let builder = SdkOrigin::builder().id(name).domain_name(host).origin_path(&origin.path);
    match origin.by {
        By::Signature => builder
            .set_origin_access_control_id(made.parts.access.as_ref().map(|(id, _)| id.clone()))
            // There is none, where an access control is.
            .s3_origin_config(S3OriginConfig::builder().origin_access_identity("").build())
            .build(),
        By::Key | By::Other(_) => {
            let header = OriginCustomHeader::builder().header_name(EDGE_KEY).header_value(made.key).build()?;
            let tls = OriginSslProtocols::builder().quantity(1).items(SslProtocol::TlSv12).build()?;
            let custom = CustomOriginConfig::builder()
                .http_port(80)
                .https_port(443)
                .origin_protocol_policy(OriginProtocolPolicy::HttpsOnly)
                .origin_ssl_protocols(tls)
                .build()?;
            let headers = CustomHeaders::builder().quantity(1).items(header).build()?;
            builder.custom_headers(headers).custom_origin_config(custom).build()
        }
    }
}

impl Behaviour {
    fn render(&self, pattern: &str, made: &Made<'_>) -> Result<CacheBehavior, BuildError> {
        let DefaultCacheBehavior {
            target_origin_id,
            viewer_protocol_policy,
            allowed_methods,
            compress,
            function_associations,
            cache_policy_id,
            origin_request_policy_id,
            response_headers_policy_id,
            ..
        } = self.render_default(made)?;
        CacheBehavior::builder()
            .path_pattern(pattern)
            .target_origin_id(target_origin_id)
            .viewer_protocol_policy(viewer_protocol_policy)
            .set_allowed_methods(allowed_methods)
            .set_compress(compress)
            .set_function_associations(function_associations)
            .set_cache_policy_id(cache_policy_id)
            .set_origin_request_policy_id(origin_request_policy_id)
            .set_response_headers_policy_id(response_headers_policy_id)
            .build()
    }

    fn render_default(&self, made: &Made<'_>) -> Result<DefaultCacheBehavior, BuildError> {
        let methods: Vec<Method> = self.methods.iter().map(|method| Method::from(method.as_str())).collect();
        let cached = CachedMethods::builder().quantity(2).items(Method::Get).items(Method::Head).build()?;
        let allowed = AllowedMethods::builder().quantity(count(&methods)).set_items(Some(methods)).cached_methods(cached);
        let builder: DefaultCacheBehaviorBuilder = DefaultCacheBehavior::builder()
            .target_origin_id(&self.origin)
            .viewer_protocol_policy(ViewerProtocolPolicy::from(self.viewers.as_str()))
            .allowed_methods(allowed.build()?)
            .compress(self.compress)
            .cache_policy_id(&self.cache)
            .set_origin_request_policy_id(self.forwards.clone())
            .set_response_headers_policy_id(made.parts.headers.as_ref().filter(|_| self.headers).map(|(id, _)| id.clone()));
        match made.parts.rewrites.as_ref().filter(|_| self.rewrites) {
            None => builder.build(),
            Some((arn, _)) => {
                let function = FunctionAssociation::builder().function_arn(arn).event_type(EventType::ViewerRequest);
                let functions = FunctionAssociations::builder().quantity(1).items(function.build()?).build()?;
                builder.function_associations(functions).build()
            }
        }
    }
}

/// The count of what is listed, which CloudFront wants beside each list: never near its limit.
fn count<T>(items: &[T]) -> i32 {
    i32::try_from(items.len()).unwrap_or(i32::MAX)
}
