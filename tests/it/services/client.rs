//! The Rust client that the repository ships, as `memoctl client rust` writes it, against the deployed services.

use std::collections::BTreeSet;
use std::error::Error as StdError;
use std::sync::{Arc, Mutex};

use http::{Request, Response, StatusCode};
use memo_client::operations::{
    ChangePasswordParameters, CreateMemoParameters, DeleteCurrentUserParameters, DeleteMemoParameters,
    EndAllSessionsParameters, EndSessionParameters, EndSessionRefusal, GetAuthorizationServerParameters,
    GetCurrentUserParameters, GetHealthParameters, GetJwksParameters, GetMemoParameters, GetMemoRefusal,
    IntrospectTokenRefusal, ListMemosParameters, ListSessionsParameters, ListTagsParameters, ReplaceMemoParameters,
    RestoreMemoParameters, UpdateCurrentUserParameters, UpdateMemoParameters, UpdateMemoRefusal,
};
use memo_client::types::{
    Deletion, Login, MemoInput, MemoOrder, MemoPatch, PasswordChange, ProblemCode, RefreshRequest, Registration,
    TokenForm, UserPatch,
};
use memo_client::{Client, Error, Hyper, Transport, operations, types};

use super::person::{PASSWORD, email};
use super::site::{Site, address, shared};

/// A transport that remembers what was asked: `GET /v1/memos`.
#[derive(Clone)]
struct Recording {
    hyper: Hyper,
    base: String,
    asked: Arc<Mutex<BTreeSet<String>>>,
}

impl Transport for Recording {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Box<dyn StdError + Send + Sync>> {
        let uri = request.uri().to_string();
        let path = uri.strip_prefix(&self.base).unwrap().split('?').next().unwrap();
        self.asked.lock().unwrap().insert(format!("{} {path}", request.method()));
        self.hyper.send(request).await
    }
}

fn client(site: &Site) -> (Client<Recording>, Arc<Mutex<BTreeSet<String>>>) {
    let asked = Arc::<Mutex<BTreeSet<String>>>::default();
    let transport = Recording { hyper: Hyper::new().unwrap(), base: site.base.clone(), asked: asked.clone() };
    (Client::new(&*site.base, transport), asked)
}

/// The routes of the stack that none of `asked` is a request of.
fn untried(site: &Site, asked: &BTreeSet<String>) -> Vec<String> {
    let fits = |route: &str, line: &str| {
        let (route, line): (Vec<_>, Vec<_>) = (route.split('/').collect(), line.split('/').collect());
        route.len() == line.len() && route.iter().zip(&line).all(|(part, sent)| part.starts_with('{') || part == sent)
    };
    let routes = site.stack.api.as_ref().unwrap().routes.keys().map(ToString::to_string);
    // `DELETE /v1/users/me` is no `DELETE /v1/users/{id}`, of which there is none.
    routes.filter(|route| !asked.iter().any(|line| fits(route, line))).collect()
}

async fn log_in<T: Transport>(client: &Client<T>, email: &str, password: &str) -> types::TokenResponse {
    let login = Login { email: email.to_owned(), password: password.to_owned(), scope: None };
    client.create_session(&login).await.unwrap().body
}

#[tokio::test]
async fn the_rust_client_drives_the_whole_api() {
    let site = shared();
    let (anybody, asked) = client(&site);
    assert_eq!(anybody.get_health(&GetHealthParameters::default()).await.unwrap().body.status.as_str(), "ok");
    assert_eq!(anybody.get_jwks(&GetJwksParameters::default()).await.unwrap().body.keys[0].kty.as_str(), "OKP");
    assert_eq!(
        anybody.get_authorization_server(&GetAuthorizationServerParameters::default()).await.unwrap().body.issuer,
        site.base
    );

    let email = email(address());
    let registration =
        Registration { email: email.clone(), password: PASSWORD.to_owned(), name: Some("Ada".to_owned()) };
    let user = anybody.register_user(&registration).await.unwrap();
    assert_eq!((user.status, &*user.body.email), (StatusCode::CREATED, &*email));
    let first = log_in(&anybody, &email, PASSWORD).await;
    let person = anybody.clone().with_token(&*first.access_token);

    account(&person).await;
    memos(&person).await;
    tokens(&anybody, &email, first).await;

    assert_eq!(untried(&site, &asked.lock().unwrap()), Vec::<String>::new());
}

/// The account: a name is given and taken away, the password is another.
async fn account<T: Transport>(person: &Client<T>) {
    let me = person.get_current_user(&GetCurrentUserParameters::default()).await.unwrap();
    let seen = UpdateCurrentUserParameters { if_match: me.header("ETag").map(str::to_owned), ..Default::default() };
    let unnamed = person.update_current_user(&seen, &UserPatch { name: Some(None) }).await.unwrap();
    assert_eq!(unnamed.body.name, None);
    let stale =
        person.update_current_user(&seen, &UserPatch { name: Some(Some("Ada L".to_owned())) }).await.unwrap_err();
    assert_eq!(stale.status(), Some(StatusCode::PRECONDITION_FAILED));
    let change = PasswordChange { current: PASSWORD.to_owned(), new: "Coffee at five, please".to_owned() };
    person.change_password(&ChangePasswordParameters::default(), &change).await.unwrap();
}

/// A memo from its beginning to its end, and back.
async fn memos<T: Transport>(person: &Client<T>) {
    let input = MemoInput { title: "Milk".to_owned(), tags: Some(vec!["shopping".to_owned()]), ..Default::default() };
    let once = CreateMemoParameters { idempotency_key: Some("a key".replace(' ', "-")), ..Default::default() };
    let memo = person.create_memo(&once, &input).await.unwrap();
    let again = person.create_memo(&once, &input).await.unwrap();
    assert_eq!((again.header("Idempotency-Replayed"), &again.body), (Some("true"), &memo.body));
    let (tag, id) = (memo.header("ETag").map(str::to_owned), memo.body.id.clone());

    assert_eq!(person.get_memo(&id, &GetMemoParameters::default()).await.unwrap().body, memo.body);
    let known = GetMemoParameters { if_none_match: tag.clone(), ..Default::default() };
    let unchanged = person.get_memo(&id, &known).await.unwrap_err();
    assert_eq!(unchanged.refusal(), Some(&GetMemoRefusal::NotModified));
    let wanted = ListMemosParameters {
        q: Some("mil".to_owned()),
        page_size: Some(1),
        order: Some(MemoOrder::CreatedAsc),
        pinned: Some(false),
        ..Default::default()
    };
    assert_eq!(person.list_memos(&wanted).await.unwrap().body.memos, [memo.body]);
    let tags = person.list_tags(&ListTagsParameters::default()).await.unwrap().body.tags;
    assert_eq!(tags, [types::TagCount { tag: "shopping".to_owned(), count: 1 }]);

    let seen = UpdateMemoParameters { if_match: tag, ..Default::default() };
    let patch = MemoPatch { pinned: Some(Some(true)), tags: Some(None), ..Default::default() };
    let patched = person.update_memo(&id, &seen, &patch).await.unwrap().body;
    assert_eq!((patched.version, patched.pinned, patched.tags), (2, true, Vec::new()));
    let stale = person.update_memo(&id, &seen, &patch).await.unwrap_err();
    let Some(UpdateMemoRefusal::PreconditionFailed(problem)) = stale.refusal() else { panic!("{stale}") };
    assert_eq!(problem.code, ProblemCode::PreconditionFailed);

    let tea = MemoInput { title: "Tea".to_owned(), ..Default::default() };
    let replaced = person.replace_memo(&id, &ReplaceMemoParameters::default(), &tea).await.unwrap();
    assert_eq!((replaced.status, replaced.body.version), (StatusCode::OK, 3));
    person.delete_memo(&id, &DeleteMemoParameters::default()).await.unwrap();
    let gone = person.get_memo(&id, &GetMemoParameters::default()).await.unwrap_err();
    assert!(matches!(gone.refusal(), Some(GetMemoRefusal::NotFound(_))), "{gone}");
    let restored = person.restore_memo(&id, &RestoreMemoParameters::default()).await.unwrap();
    assert_eq!(restored.body.title, "Tea");
}

/// Tokens and sessions, to the account's end.
async fn tokens<T: Transport + Clone>(anybody: &Client<T>, email: &str, first: types::TokenResponse) {
    let refresh = RefreshRequest { refresh_token: first.refresh_token, ..Default::default() };
    let second = anybody.refresh_tokens(&refresh).await.unwrap().body;
    let person = anybody.clone().with_token(&*second.access_token);
    let form = |token: &str| TokenForm { token: token.to_owned(), ..Default::default() };
    assert!(person.introspect_token(&form(&second.refresh_token)).await.unwrap().body.active);
    let refused = anybody.introspect_token(&form(&second.refresh_token)).await.unwrap_err();
    let unauthorized = matches!(
        refused.refusal(),
        Some(IntrospectTokenRefusal::Unauthorized(operations::OAuthUnauthorizedBody::ProblemJson(_)))
    );
    assert!(unauthorized, "{refused}");

    let password = "Coffee at five, please";
    let other = log_in(anybody, email, password).await;
    let third = log_in(anybody, email, password).await;
    let sessions = person.list_sessions(&ListSessionsParameters::default()).await.unwrap().body.sessions;
    assert_eq!((sessions.len(), sessions.iter().filter(|session| session.current).count()), (3, 1));
    person.revoke_token(&form(&other.refresh_token)).await.unwrap();
    let newest = person.list_sessions(&ListSessionsParameters::default()).await.unwrap().body.sessions.remove(0);
    person.end_session(&newest.id, &EndSessionParameters::default()).await.unwrap();
    let ended = person.end_session("../memos", &EndSessionParameters::default()).await.unwrap_err();
    assert!(matches!(ended.refusal(), Some(EndSessionRefusal::NotFound(_))), "{ended}");
    drop(third);

    person.end_all_sessions(&EndAllSessionsParameters::default()).await.unwrap();
    let last = anybody.clone().with_token(log_in(anybody, email, password).await.access_token);
    let deletion = Deletion { password: password.to_owned() };
    last.delete_current_user(&DeleteCurrentUserParameters::default(), &deletion).await.unwrap();
    let login = Login { email: email.to_owned(), password: password.to_owned(), scope: None };
    assert_eq!(anybody.create_session(&login).await.unwrap_err().status(), Some(StatusCode::UNAUTHORIZED));
}

#[tokio::test]
async fn what_cannot_be_a_header_is_told_and_not_sent() {
    let site = shared();
    let (anybody, asked) = client(&site);
    let broken = GetMemoParameters { if_match: Some("a\nb".to_owned()), ..Default::default() };
    let error = anybody.get_memo("x", &broken).await.unwrap_err();
    assert!(matches!(&error, Error::Request(fault) if fault.contains("If-Match")), "{error}");
    let error = anybody.clone().with_token("a\nb").list_sessions(&ListSessionsParameters::default()).await.unwrap_err();
    assert!(matches!(&error, Error::Request(_)), "{error}");
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_api_that_is_not_there_is_an_error_of_the_transport() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let client = Client::new(format!("http://127.0.0.1:{port}"), Hyper::new().unwrap());
    let error = client.get_health(&GetHealthParameters::default()).await.unwrap_err();
    assert!(matches!(error, Error::Transport(_)) && error.status().is_none(), "{error}");
}
