//! A page in a private bucket, and an API on the same origin.

use std::sync::Arc;

use serde_json::json;

use crate::apigateway_client::{Answer, Gateway, catch_all, signature};
use crate::cloudfront_client::{
    ALL_VIEWER_EXCEPT_HOST, CACHING_DISABLED, CACHING_OPTIMIZED, Distribution, api, behavior, bucket, config, element,
    every_method, many, text_of,
};

/// A bucket, and a distribution that may read it, with an API at `/v1/*`.
struct Page {
    gateway: Arc<Gateway>,
    name: &'static str,
    distribution: Distribution,
}

impl Page {
    fn new(name: &'static str) -> Self {
        let gateway = Gateway::shared();
        let control = element("Name", name)
            + &element("SigningProtocol", "sigv4")
            + &element("SigningBehavior", "always")
            + &element("OriginAccessControlOriginType", "s3");
        let control = element("OriginAccessControlConfig", &control);
        let made = gateway.cloudfront("POST", "origin-access-control", None, &control);
        let origins = [bucket(name, &text_of(&made, "Id")), api(&gateway.deploy(&catch_all()), "test", "")];
        let more = element("OriginRequestPolicyId", ALL_VIEWER_EXCEPT_HOST) + &every_method();
        let to_api = behavior("/v1/*", "api", CACHING_DISABLED, &more);
        let to_bucket = behavior("", "bucket", CACHING_OPTIMIZED, &element("Compress", "true"));
        let config = config(name, &origins, &to_bucket, &[to_api])
            .replace("<Comment>", "<DefaultRootObject>index.html</DefaultRootObject><Comment>");
        let page = Self { distribution: gateway.distribution(&config), gateway, name };
        assert_eq!(page.s3("PUT", "", &[], "").status, 200);
        page.let_in(&["s3:GetObject"]);
        page
    }

    fn s3(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let authorization = signature("s3");
        let headers: Vec<_> = headers.iter().copied().chain([("authorization", authorization.as_str())]).collect();
        self.gateway.send(method, &format!("/{}{path}", self.name), &headers, body.to_owned().into())
    }

    fn put(&self, key: &str, content_type: &str, cache_control: &str, body: &str) {
        let headers = [("content-type", content_type), ("cache-control", cache_control)];
        assert_eq!(self.s3("PUT", key, &headers, body).status, 200);
    }

    /// Lets the distribution do `actions`, and it alone.
    fn let_in(&self, actions: &[&str]) {
        let arn = format!("arn:aws:cloudfront::000000000000:distribution/{}", self.distribution.id);
        let own = format!("arn:aws:s3:::{}", self.name);
        let policy = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": { "Service": "cloudfront.amazonaws.com" }, "Action": actions,
            "Resource": [&own, format!("{own}/*")], "Condition": { "StringEquals": { "AWS:SourceArn": arn } },
        }] });
        let put = self.s3("PUT", "?policy", &[], &policy.to_string());
        assert_eq!(put.status, 204, "{put:?}");
    }

    fn view(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.gateway.view(&self.distribution, ("GET", path), headers, "")
    }

    /// What `X-Cache` says of a viewer's request.
    fn cache(&self, path: &str) -> String {
        let answer = self.view(path, &[]);
        answer.header("x-cache").and_then(|cache| cache.strip_suffix(" from cloudfront")).unwrap_or_default().to_owned()
    }
}

#[test]
fn page_and_api_are_served_on_one_origin() {
    let page = Page::new("one-origin");
    page.put("/index.html", "text/html", "no-cache", "<h1>memo</h1>");
    let root = page.view("/", &[]);
    assert_eq!((root.status, root.text(), root.header("content-type")), (200, "<h1>memo</h1>", Some("text/html")));
    let event = page.view("/v1/memos", &[]).json();
    assert_eq!((&event["path"], &event["requestContext"]["path"]), (&json!("/v1/memos"), &json!("/test/v1/memos")));
}

#[test]
fn a_hashed_asset_stays_cached_until_it_is_invalidated_and_the_page_is_asked_for_again() {
    let page = Page::new("stays-cached");
    page.put("/a.js", "text/javascript", "max-age=31536000, immutable", "1");
    page.put("/index.html", "text/html", "no-cache", "1");
    for path in ["/a.js", "/index.html"] {
        assert_eq!((page.cache(path), page.cache(path)), ("Miss".to_owned(), "Hit".to_owned()), "{path}");
    }
    // The policy keeps everything for a second, whatever the object says.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert_eq!((page.cache("/a.js"), page.cache("/index.html")), ("Hit".to_owned(), "RefreshHit".to_owned()));
    let batch = element("Paths", &many(&[element("Path", "/*")])) + &element("CallerReference", "1");
    let path = format!("distribution/{}/invalidation", page.distribution.id);
    let made = page.gateway.cloudfront("POST", &path, None, &element("InvalidationBatch", &batch));
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!((page.cache("/a.js"), page.cache("/index.html")), ("Miss".to_owned(), "Miss".to_owned()));
}

#[test]
fn the_bucket_is_open_to_its_distribution_alone() {
    let page = Page::new("open-to-one");
    page.put("/a", "text/plain", "max-age=60", "a");
    assert_eq!(page.view("/a", &[]).status, 200);
    let stranger = page.gateway.send("GET", "/open-to-one/a", &[], bytes::Bytes::new());
    assert_eq!(stranger.status, 403);
    let other = Page::new("open-to-another");
    let origins = [bucket("open-to-one", "")];
    let nosy = config("nosy", &origins, &behavior("", "bucket", CACHING_OPTIMIZED, ""), &[]);
    let nosy = other.gateway.distribution(&nosy);
    let answer = other.gateway.view(&nosy, ("GET", "/a"), &[], "");
    assert_eq!((answer.status, text_of(&answer, "Code")), (403, "AccessDenied".to_owned()));
}

#[test]
fn a_missing_object_is_forbidden_unless_the_bucket_may_be_listed() {
    let page = Page::new("missing");
    let code = |answer: &Answer| (answer.status, text_of(answer, "Code"));
    assert_eq!(code(&page.view("/none", &[])), (403, "AccessDenied".to_owned()));
    page.let_in(&["s3:GetObject", "s3:ListBucket"]);
    assert_eq!(code(&page.view("/none", &[])), (404, "NoSuchKey".to_owned()));
}

#[test]
fn a_query_string_leads_to_the_same_object() {
    let page = Page::new("query");
    page.put("/a", "text/plain", "max-age=60", "a");
    // A query string that is not in the cache key does not reach the bucket, where it would be another operation.
    assert_eq!(page.view("/a?policy", &[]).text(), "a");
    assert_eq!(page.cache("/a?acl=1"), "Hit");
}

#[test]
fn names_with_spaces_and_other_scripts_are_found() {
    let page = Page::new("names");
    page.put("/a%20b/%ED%95%9C.txt", "text/plain", "max-age=60", "found");
    assert_eq!(page.view("/a%20b/%ED%95%9C.txt", &[]).text(), "found");
}
