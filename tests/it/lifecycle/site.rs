//! The page: files in a private bucket behind a distribution, at one origin with the API, and released with it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use memoctl::aws::Aws;
use memoctl::history;
use memoctl::package::site;
use memoctl::plan::Rules;
use memoctl::resource::{live, release};
use memoctl::stack::{Site, Stack};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::place::{Place, function, planned, stack, walk, work};
use super::rollback::back_to;
use crate::inventory::inventory;

/// A stack with a page, whose files are in a folder of the test's own.
pub(super) struct Page {
    pub(super) place: Place,
    folder: TempDir,
    pub(super) stack: Stack,
}

/// What a browser is told.
#[derive(Debug)]
struct Told {
    status: u16,
    head: String,
    body: String,
}

impl Told {
    fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

impl Page {
    /// A page of one HTML file and one script.
    pub(super) async fn new() -> Self {
        let page = Self { place: Place::new().await, folder: tempfile::tempdir().unwrap(), stack: stack() };
        page.write("index.html", "<script src=/assets/app-1.js></script>");
        page.write("assets/app-1.js", "'one'");
        page.write("favicon.svg", "<svg/>");
        let site = Site {
            path: "page".to_owned(),
            build: None,
            output: None,
            assets: Site::default_assets(),
            fallback: None,
            headers: BTreeMap::new(),
            domain: None,
        };
        Self { stack: Stack { root: page.folder.path().to_owned(), site: Some(site), ..page.stack }, ..page }
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("page")
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn remove(&self, name: &str) {
        std::fs::remove_file(self.path().join(name)).unwrap();
    }

    /// A client that knows nothing yet, with all that is to be uploaded.
    pub(super) async fn aws(&self) -> Aws {
        self.place.aws(&self.stack).await
    }

    pub(super) async fn changes(&self) -> Vec<String> {
        let aws = self.aws().await;
        work(&planned(&self.stack, &aws, 5, &Rules::default()).await.unwrap())
    }

    pub(super) async fn deploy(&self) -> Aws {
        self.deploy_keeping(5).await
    }

    async fn deploy_keeping(&self, keep: usize) -> Aws {
        let aws = self.aws().await;
        let plan = planned(&self.stack, &aws, keep, &Rules::default()).await.unwrap();
        let outcome = walk(&plan, &aws).await;
        assert!(outcome.succeeded(), "{:#?}", outcome.statuses);
        aws
    }

    /// The mutating calls of what `change` does, by their names, sorted.
    async fn calls(&self, change: impl AsyncFnOnce()) -> Vec<String> {
        let before = self.place.cloud.trace(0).iter().map(|call| call.number).max().unwrap_or(0);
        change().await;
        let reading = ["Get", "List", "Head", "Describe"];
        let calls = self.place.cloud.trace(before).into_iter().map(|call| call.call);
        let mut calls: Vec<String> = calls
            .filter(|call| !reading.iter().any(|verb| call.split(':').nth(1).unwrap().starts_with(verb)))
            .collect();
        calls.sort();
        calls
    }
}

/// What the page's origin answers to `request`, such as `GET /`.
async fn ask(aws: &Aws, request: &str, headers: &str) -> Told {
    let url = aws.directory.edge().unwrap().url;
    let host = url.trim_start_matches("http://").to_owned();
    let endpoint = aws.scope.local.clone().unwrap();
    let (method, path) = request.split_once(' ').unwrap();
    let mut stream = TcpStream::connect(endpoint.trim_start_matches("http://")).await.unwrap();
    let request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Told { status, head: head.to_owned(), body: body.to_owned() }
}

#[tokio::test]
async fn after_a_deploy_with_a_page_what_is_live_is_what_was_wanted() {
    let page = Page::new().await;
    assert!(page.changes().await.iter().any(|change| change == "+ distribution/memo-dev-site"));
    page.deploy().await;
    assert_eq!(page.changes().await, [] as [&str; 0]);
    let calls = page.calls(async || drop(page.deploy().await)).await;
    assert_eq!(calls, [] as [&str; 0]);
}

#[tokio::test]
async fn page_and_api_are_at_one_origin_each_with_its_own_headers() {
    let page = Page::new().await;
    let aws = page.deploy().await;
    let index = ask(&aws, "GET /", "").await;
    assert_eq!((index.status, &*index.body), (200, "<script src=/assets/app-1.js></script>"));
    assert_eq!(index.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(index.header("cache-control"), Some("no-cache"));
    assert!(index.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"), "{index:?}");
    assert_eq!(index.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(index.header("strict-transport-security"), Some("max-age=63072000"));
    let script = ask(&aws, "GET /assets/app-1.js", "").await;
    assert_eq!((script.status, &*script.body), (200, "'one'"));
    assert_eq!(script.header("cache-control"), Some("public, max-age=31536000, immutable"));
    let api = ask(&aws, "GET /a", "").await;
    assert_eq!((api.status, &*api.body), (200, "one "));
    assert_eq!(api.header("content-security-policy"), None);
    assert_eq!(ask(&aws, "GET /nowhere.html", "").await.status, 404);
    assert_eq!(ask(&aws, "GET /kept/", "").await.status, 404);
}

#[tokio::test]
async fn a_stack_whose_names_are_cut_has_its_page_too() {
    let mut page = Page::new().await;
    page.stack.name = "a-name-of-a-stack-that-is-as-long-as-any".to_owned();
    page.stack.stage = "a-name-of-a-stage-that-is-as-long-as-any".to_owned();
    let aws = page.deploy().await;
    assert_eq!(ask(&aws, "GET /a", "").await.body, "one ");
    assert_eq!(page.changes().await, [] as [&str; 0]);
}

#[tokio::test]
async fn an_error_is_kept_for_nobody() {
    let page = Page::new().await;
    let aws = page.deploy().await;
    assert_eq!(ask(&aws, "GET /late.txt", "").await.status, 404);
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"late");
    aws.s3.put_object().bucket(aws.scope.site_bucket()).key("page/late.txt").body(body).send().await.unwrap();
    assert_eq!(ask(&aws, "GET /late.txt", "").await.status, 200);
}

#[tokio::test]
async fn a_change_of_one_asset_uploads_it_and_the_html_that_names_it_and_changes_nothing_else() {
    let page = Page::new().await;
    page.deploy().await;
    page.remove("assets/app-1.js");
    page.write("assets/app-2.js", "'two'");
    page.write("index.html", "<script src=/assets/app-2.js></script>");
    let aws = page.aws().await;
    let plan = planned(&page.stack, &aws, 5, &Rules::default()).await.unwrap();
    let kept = md5("<script src=/assets/app-2.js></script>");
    assert_eq!(
        work(&plan),
        [
            "~ release/dev page.index.html".to_owned(),
            "~ site/SITE objects.assets/assets/app-2.js".to_owned(),
            format!("~ site/SITE objects.kept/{kept}"),
        ]
        .map(|line| line.replace("SITE", &aws.scope.site_bucket()))
    );
    let calls = page.calls(async || drop(page.deploy().await)).await;
    // The record of the release is the fourth object; the copy is within the bucket.
    assert_eq!(
        calls,
        ["cloudfront:CreateInvalidation", "s3:CopyObject", "s3:PutObject", "s3:PutObject", "s3:PutObject",]
    );
    let index = ask(&aws, "GET /", "").await;
    assert_eq!(index.body, "<script src=/assets/app-2.js></script>");
    assert_eq!(ask(&aws, "GET /assets/app-2.js", "").await.body, "'two'");
    // Who has the page from before still finds what it names.
    assert_eq!(ask(&aws, "GET /assets/app-1.js", "").await.body, "'one'");
    assert_eq!(page.changes().await, [] as [&str; 0]);
}

#[tokio::test]
async fn whoever_asks_during_a_deploy_gets_a_page_and_what_that_names() {
    let page = Page::new().await;
    let aws = page.deploy().await;
    let over = AtomicBool::new(false);
    let asking = async {
        let mut seen = BTreeSet::new();
        loop {
            let last = over.load(Ordering::Relaxed);
            let index = ask(&aws, "GET /", "").await;
            assert_eq!(index.status, 200, "{index:?}");
            let script = index.body.split_once("src=").unwrap().1.split_once('>').unwrap().0.to_owned();
            let told = ask(&aws, &format!("GET {script}"), "").await;
            assert_eq!(told.status, 200, "{told:?}");
            assert_eq!(ask(&aws, "GET /a", "").await.status, 200);
            seen.insert(script);
            if last {
                break seen;
            }
        }
    };
    let deploying = async {
        for number in 2..5 {
            page.write(&format!("assets/app-{number}.js"), &format!("'{number}'"));
            page.write("index.html", &format!("<script src=/assets/app-{number}.js></script>"));
            page.deploy().await;
        }
        over.store(true, Ordering::Relaxed);
    };
    let (seen, ()) = tokio::join!(asking, deploying);
    assert!(seen.contains("/assets/app-4.js"), "{seen:?}");
}

#[tokio::test]
async fn a_rollback_brings_the_page_back_with_the_functions() {
    let mut page = Page::new().await;
    page.deploy().await;
    page.write("index.html", "second");
    page.remove("favicon.svg");
    page.stack.functions.insert("a".to_owned(), function("another"));
    let aws = page.deploy().await;
    assert_eq!(
        (ask(&aws, "GET /", "").await.body, ask(&aws, "GET /a", "").await.body),
        ("second".to_owned(), "another ".to_owned())
    );
    assert_eq!(ask(&aws, "GET /favicon.svg", "").await.status, 404);
    let aws = page.aws().await;
    let live = live(&BTreeSet::new(), &aws).await.unwrap().ours;
    let first = history::read(&aws).await.unwrap().remove(1);
    assert_eq!(release::missing(&first, &live), [] as [&str; 0]);
    assert!(walk(&back_to(&first, &live), &aws).await.succeeded());
    assert_eq!(ask(&aws, "GET /", "").await.body, "<script src=/assets/app-1.js></script>");
    assert_eq!(ask(&aws, "GET /a", "").await.body, "one ");
    assert_eq!(ask(&aws, "GET /favicon.svg", "").await.body, "<svg/>");
}

#[tokio::test]
async fn what_no_kept_release_names_leaves_the_bucket() {
    let page = Page::new().await;
    page.deploy().await;
    for number in 2..5 {
        page.write("index.html", &number.to_string());
        page.deploy_keeping(2).await;
    }
    let aws = page.aws().await;
    let keys = keys(&aws).await;
    let expected = ["3", "4", "<svg/>"].map(|text| format!("kept/{}", md5(text)));
    let mut expected: Vec<String> = expected
        .into_iter()
        .chain(["assets/assets/app-1.js", "page/favicon.svg", "page/index.html"].map(str::to_owned))
        .collect();
    expected.sort();
    assert_eq!(keys, expected);
}

#[tokio::test]
async fn what_was_changed_by_hand_is_put_back() {
    let page = Page::new().await;
    let aws = page.deploy().await;
    let bucket = aws.scope.site_bucket();
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"defaced");
    aws.s3.put_object().bucket(&bucket).key("page/index.html").body(body).send().await.unwrap();
    aws.s3.delete_bucket_policy().bucket(&bucket).send().await.unwrap();
    aws.s3.delete_object().bucket(&bucket).key("assets/assets/app-1.js").send().await.unwrap();
    assert_eq!(
        page.changes().await,
        [
            "~ distribution/memo-dev-site granted".to_owned(),
            "~ release/dev page.index.html".to_owned(),
            format!("~ site/{bucket} objects.assets/assets/app-1.js"),
        ]
    );
    page.deploy().await;
    assert_eq!(ask(&aws, "GET /", "").await.body, "<script src=/assets/app-1.js></script>");
    assert_eq!(page.changes().await, [] as [&str; 0]);
}

#[tokio::test]
async fn an_asset_of_another_content_under_its_name_is_refused() {
    let page = Page::new().await;
    page.deploy().await;
    page.write("assets/app-1.js", "'changed'");
    let aws = page.aws().await;
    let plan = planned(&page.stack, &aws, 5, &Rules::default()).await.unwrap();
    let refusals: Vec<String> = plan.refusals.iter().map(ToString::to_string).collect();
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert!(refusals[0].contains("another `assets/app-1.js`"), "{refusals:?}");
}

#[tokio::test]
async fn a_page_that_routes_by_itself_answers_every_path_but_files_and_the_api() {
    let mut page = Page::new().await;
    page.deploy().await;
    page.stack.site.as_mut().unwrap().fallback = Some("index.html".to_owned());
    let aws = page.deploy().await;
    assert_eq!(page.changes().await, [] as [&str; 0]);
    for path in ["/", "/memos", "/memos/7"] {
        assert_eq!(
            ask(&aws, &format!("GET {path}"), "").await.body,
            "<script src=/assets/app-1.js></script>",
            "{path}"
        );
    }
    assert_eq!(ask(&aws, "GET /gone.png", "").await.status, 404);
    assert_eq!(ask(&aws, "GET /assets/gone", "").await.status, 404);
    assert_eq!(ask(&aws, "GET /a", "").await.body, "one ");
    page.stack.site.as_mut().unwrap().fallback = None;
    let aws = page.deploy().await;
    assert_eq!(ask(&aws, "GET /memos", "").await.status, 404);
    assert_eq!(page.changes().await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_destroy_leaves_nothing_of_the_page() {
    let page = Page::new().await;
    let before = inventory(&page.aws().await).await;
    let aws = page.deploy().await;
    page.place.destroy(&page.stack).await;
    let left: Vec<String> = inventory(&aws).await;
    assert_eq!(left, before);
    assert!(aws.s3.head_bucket().bucket(aws.scope.site_bucket()).send().await.is_err());
    let distributions = aws.cloudfront.list_distributions().send().await.unwrap().distribution_list.unwrap();
    let controls =
        aws.cloudfront.list_origin_access_controls().send().await.unwrap().origin_access_control_list.unwrap();
    assert_eq!((distributions.quantity, controls.quantity), (0, 0));
}

#[tokio::test]
async fn a_page_that_leaves_the_stack_goes_once_nothing_serves_it_and_the_api_stays() {
    let mut page = Page::new().await;
    page.deploy().await;
    page.stack.site = None;
    let plan = page.changes().await;
    assert!(plan.contains(&"- distribution/memo-dev-site".to_owned()), "{plan:?}");
    let aws = page.deploy().await;
    assert_eq!(page.changes().await, [] as [&str; 0]);
    assert_eq!(page.place.get(&aws, "/a").await, "one ");
}

async fn keys(aws: &Aws) -> Vec<String> {
    let listed = aws.s3.list_objects_v2().bucket(aws.scope.site_bucket()).send().await.unwrap();
    listed.contents.unwrap_or_default().into_iter().filter_map(|object| object.key).collect()
}

fn md5(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.html"), text).unwrap();
    site::read(&site_of(folder.path()), folder.path()).unwrap()["index.html"].md5.clone()
}

fn site_of(folder: &Path) -> Site {
    Site {
        path: folder.to_string_lossy().into_owned(),
        build: None,
        output: None,
        assets: Site::default_assets(),
        fallback: None,
        headers: BTreeMap::new(),
        domain: None,
    }
}
