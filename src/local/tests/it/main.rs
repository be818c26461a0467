//! The local cloud from outside, over its own socket.

mod apigateway_authorizers;
mod apigateway_client;
mod apigateway_control;
mod apigateway_http;
mod apigateway_import;
mod apigateway_mocks;
mod apigateway_proxy;
mod apigateway_releases;
mod apigateway_signed;
mod cloud;
mod cloudfront_api;
mod cloudfront_client;
mod cloudfront_functions;
mod cloudfront_page;
mod cloudfront_realism;
mod faults;
mod lambda_aliases;
mod lambda_client;
mod lambda_configuration;
mod lambda_environments;
mod lambda_functions;
mod lambda_invoke;
mod lambda_logs;
mod lambda_permissions;
mod lambda_versions;
mod realism;
