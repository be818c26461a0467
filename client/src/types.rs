//! What requests and answers are made of.

use serde::{Deserialize, Serialize};

/// Metadata of RFC 8414.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct AuthorizationServer {
    pub grant_types_supported: Vec<String>,
    pub introspection_endpoint: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introspection_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// The tokens' `iss`, to the letter.
    pub issuer: String,
    pub jwks_uri: String,
    pub response_types_supported: Vec<String>,
    pub revocation_endpoint: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation_endpoint_auth_methods_supported: Option<Vec<String>>,
    pub scopes_supported: Vec<String>,
    pub token_endpoint: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// At most 64 KiB of UTF-8.
pub type Content = String;

#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Deletion {
    pub password: Password,
}

/// An ASCII dot-atom before the `@`, a domain behind it. It is kept in lower case, the domain in A-labels.
pub type Email = String;

#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Health {
    pub status: HealthStatus,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum HealthStatus {
    /// `ok`
    #[default]
    #[serde(rename = "ok")]
    Ok,
}

impl HealthStatus {
    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Ok => "ok",
        }
    }
}

impl std::fmt::Display for HealthStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// RFC 3339, in UTC.
pub type Instant = String;

/// RFC 7662 section 2.2. `active` alone stands unless it is true.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Introspection {
    pub active: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aud: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti: Option<Ulid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<Ulid>,
    /// Of an access token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_type: Option<IntrospectionTokenType>,
}

/// Of an access token.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum IntrospectionTokenType {
    /// `Bearer`
    #[default]
    Bearer,
}

impl IntrospectionTokenType {
    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Bearer => "Bearer",
        }
    }
}

impl std::fmt::Display for IntrospectionTokenType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct InvalidMember {
    pub detail: String,
    /// A JSON Pointer as a URI fragment (RFC 6901 section 6).
    pub pointer: String,
}

/// An Ed25519 key (RFC 8037).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Jwk {
    pub alg: JwkAlg,
    pub crv: JwkCrv,
    /// The RFC 7638 thumbprint.
    pub kid: String,
    pub kty: JwkKty,
    pub r#use: JwkUse,
    pub x: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum JwkAlg {
    /// `EdDSA`
    #[default]
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl JwkAlg {
    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::EdDsa => "EdDSA",
        }
    }
}

impl std::fmt::Display for JwkAlg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum JwkCrv {
    /// `Ed25519`
    #[default]
    Ed25519,
}

impl JwkCrv {
    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Ed25519 => "Ed25519",
        }
    }
}

impl std::fmt::Display for JwkCrv {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum JwkKty {
    /// `OKP`
    #[default]
    #[serde(rename = "OKP")]
    Okp,
}

impl JwkKty {
    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Okp => "OKP",
        }
    }
}

impl std::fmt::Display for JwkKty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum JwkUse {
    /// `sig`
    #[default]
    #[serde(rename = "sig")]
    Sig,
}

impl JwkUse {
    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Sig => "sig",
        }
    }
}

impl std::fmt::Display for JwkUse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Jwks {
    pub keys: Vec<Jwk>,
}

#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Login {
    pub email: Email,
    pub password: Password,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
}

#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Memo {
    /// Lists leave it out unless asked.
    pub archived: bool,
    pub content: Content,
    pub created_at: Instant,
    pub id: Ulid,
    pub pinned: bool,
    pub tags: Tags,
    pub title: Title,
    pub updated_at: Instant,
    /// One more with every write.
    pub version: i64,
}

/// What is absent is empty, or false.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct MemoInput {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
    pub title: Title,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum MemoOrder {
    /// `created_desc`
    CreatedDesc,
    /// `created_asc`
    CreatedAsc,
    /// One that the description did not have.
    Other(String),
}

impl MemoOrder {
    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::CreatedDesc => "created_desc",
            Self::CreatedAsc => "created_asc",
            Self::Other(text) => text,
        }
    }
}

impl std::fmt::Display for MemoOrder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<String> for MemoOrder {
    fn from(text: String) -> Self {
        match &*text {
            "created_desc" => Self::CreatedDesc,
            "created_asc" => Self::CreatedAsc,
            _ => Self::Other(text),
        }
    }
}
impl From<MemoOrder> for String {
    fn from(word: MemoOrder) -> Self {
        word.as_str().to_owned()
    }
}

#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct MemoPage {
    pub memos: Vec<Memo>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct MemoPatch {
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub archived: Option<Option<bool>>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub content: Option<Option<Content>>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub pinned: Option<Option<bool>>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub tags: Option<Option<Tags>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Title>,
}

/// Not all blank, no control characters.
pub type Name = String;

/// Any characters. Not one that many people have, no pattern, not with the e-mail address in it.
pub type NewPassword = String;

/// An error of RFC 6749 section 5.2.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OAuthError {
    /// The last two are section 4.1.2.1's.
    pub error: OAuthErrorError,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
}

/// The last two are section 4.1.2.1's.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum OAuthErrorError {
    /// `invalid_request`
    InvalidRequest,
    /// `invalid_grant`
    InvalidGrant,
    /// `invalid_scope`
    InvalidScope,
    /// `invalid_token`
    InvalidToken,
    /// `unsupported_grant_type`
    UnsupportedGrantType,
    /// `server_error`
    ServerError,
    /// `temporarily_unavailable`
    TemporarilyUnavailable,
    /// One that the description did not have.
    Other(String),
}

impl OAuthErrorError {
    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidToken => "invalid_token",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::Other(text) => text,
        }
    }
}

impl std::fmt::Display for OAuthErrorError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<String> for OAuthErrorError {
    fn from(text: String) -> Self {
        match &*text {
            "invalid_request" => Self::InvalidRequest,
            "invalid_grant" => Self::InvalidGrant,
            "invalid_scope" => Self::InvalidScope,
            "invalid_token" => Self::InvalidToken,
            "unsupported_grant_type" => Self::UnsupportedGrantType,
            "server_error" => Self::ServerError,
            "temporarily_unavailable" => Self::TemporarilyUnavailable,
            _ => Self::Other(text),
        }
    }
}
impl From<OAuthErrorError> for String {
    fn from(word: OAuthErrorError) -> Self {
        word.as_str().to_owned()
    }
}

/// At most 1,024 bytes.
pub type Password = String;

#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct PasswordChange {
    pub current: Password,
    pub new: NewPassword,
}

/// Problem details (RFC 9457).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    pub code: ProblemCode,
    /// What is wrong with this request.
    pub detail: String,
    /// Each invalid member of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<InvalidMember>>,
    /// This occurrence, by the request's id.
    pub instance: String,
    /// The status; absent in some answers of API Gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
    /// The status's phrase.
    pub title: String,
    /// `code` tells the cases apart.
    pub r#type: ProblemType,
}

/// Which case it is. There may be further ones later.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum ProblemCode {
    /// `account-deleted`
    AccountDeleted,
    /// `body-too-large`
    BodyTooLarge,
    /// `email-taken`
    EmailTaken,
    /// `idempotency-conflict`
    IdempotencyConflict,
    /// `idempotency-key-reused`
    IdempotencyKeyReused,
    /// `insufficient-scope`
    InsufficientScope,
    /// `internal`
    Internal,
    /// `invalid-body`
    InvalidBody,
    /// `invalid-credentials`
    InvalidCredentials,
    /// `invalid-idempotency-key`
    InvalidIdempotencyKey,
    /// `invalid-query`
    InvalidQuery,
    /// `invalid-token`
    InvalidToken,
    /// `not-deleted`
    NotDeleted,
    /// `not-found`
    NotFound,
    /// `precondition-failed`
    PreconditionFailed,
    /// `quota-exceeded`
    QuotaExceeded,
    /// `refused`
    Refused,
    /// `repeated-header`
    RepeatedHeader,
    /// `too-many-attempts`
    TooManyAttempts,
    /// `too-many-requests`
    TooManyRequests,
    /// `unavailable`
    Unavailable,
    /// `unreadable-body`
    UnreadableBody,
    /// `unsupported-media-type`
    UnsupportedMediaType,
    /// `wrong-password`
    WrongPassword,
    /// One that the description did not have.
    Other(String),
}

impl ProblemCode {
    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::AccountDeleted => "account-deleted",
            Self::BodyTooLarge => "body-too-large",
            Self::EmailTaken => "email-taken",
            Self::IdempotencyConflict => "idempotency-conflict",
            Self::IdempotencyKeyReused => "idempotency-key-reused",
            Self::InsufficientScope => "insufficient-scope",
            Self::Internal => "internal",
            Self::InvalidBody => "invalid-body",
            Self::InvalidCredentials => "invalid-credentials",
            Self::InvalidIdempotencyKey => "invalid-idempotency-key",
            Self::InvalidQuery => "invalid-query",
            Self::InvalidToken => "invalid-token",
            Self::NotDeleted => "not-deleted",
            Self::NotFound => "not-found",
            Self::PreconditionFailed => "precondition-failed",
            Self::QuotaExceeded => "quota-exceeded",
            Self::Refused => "refused",
            Self::RepeatedHeader => "repeated-header",
            Self::TooManyAttempts => "too-many-attempts",
            Self::TooManyRequests => "too-many-requests",
            Self::Unavailable => "unavailable",
            Self::UnreadableBody => "unreadable-body",
            Self::UnsupportedMediaType => "unsupported-media-type",
            Self::WrongPassword => "wrong-password",
            Self::Other(text) => text,
        }
    }
}

impl std::fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<String> for ProblemCode {
    fn from(text: String) -> Self {
        match &*text {
            "account-deleted" => Self::AccountDeleted,
            "body-too-large" => Self::BodyTooLarge,
            "email-taken" => Self::EmailTaken,
            "idempotency-conflict" => Self::IdempotencyConflict,
            "idempotency-key-reused" => Self::IdempotencyKeyReused,
            "insufficient-scope" => Self::InsufficientScope,
            "internal" => Self::Internal,
            "invalid-body" => Self::InvalidBody,
            "invalid-credentials" => Self::InvalidCredentials,
            "invalid-idempotency-key" => Self::InvalidIdempotencyKey,
            "invalid-query" => Self::InvalidQuery,
            "invalid-token" => Self::InvalidToken,
            "not-deleted" => Self::NotDeleted,
            "not-found" => Self::NotFound,
            "precondition-failed" => Self::PreconditionFailed,
            "quota-exceeded" => Self::QuotaExceeded,
            "refused" => Self::Refused,
            "repeated-header" => Self::RepeatedHeader,
            "too-many-attempts" => Self::TooManyAttempts,
            "too-many-requests" => Self::TooManyRequests,
            "unavailable" => Self::Unavailable,
            "unreadable-body" => Self::UnreadableBody,
            "unsupported-media-type" => Self::UnsupportedMediaType,
            "wrong-password" => Self::WrongPassword,
            _ => Self::Other(text),
        }
    }
}
impl From<ProblemCode> for String {
    fn from(word: ProblemCode) -> Self {
        word.as_str().to_owned()
    }
}

/// `code` tells the cases apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum ProblemType {
    /// `about:blank`
    #[default]
    #[serde(rename = "about:blank")]
    AboutBlank,
}

impl ProblemType {
    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::AboutBlank => "about:blank",
        }
    }
}

impl std::fmt::Display for ProblemType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Unknown parameters are left alone, but none may stand twice.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct RefreshRequest {
    pub grant_type: RefreshRequestGrantType,
    pub refresh_token: String,
    /// What the access token is to hold of the session's scope; all of it when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// All other members.
    #[serde(flatten)]
    pub rest: std::collections::BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum RefreshRequestGrantType {
    /// `refresh_token`
    #[default]
    #[serde(rename = "refresh_token")]
    RefreshToken,
}

impl RefreshRequestGrantType {
    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::RefreshToken => "refresh_token",
        }
    }
}

impl std::fmt::Display for RefreshRequestGrantType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Registration {
    pub email: Email,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    pub password: NewPassword,
}

/// Scopes, separated by single spaces.
pub type Scope = String;

#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Session {
    pub created_at: Instant,
    /// Whether the request's token is of this session.
    pub current: bool,
    /// When it ends unless it is refreshed.
    pub expires_at: Instant,
    pub id: Ulid,
    pub scope: Scope,
}

#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct SessionList {
    pub sessions: Vec<Session>,
}

#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct TagCount {
    pub count: i64,
    pub tag: String,
}

#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct TagPage {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    pub tags: Vec<TagCount>,
}

/// Kept in NFC and without blanks around them; case counts.
pub type Tags = Vec<String>;

pub type Title = String;

/// Unknown parameters are left alone, and so is the hint, but none may stand twice.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct TokenForm {
    pub token: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_type_hint: Option<String>,
    /// All other members.
    #[serde(flatten)]
    pub rest: std::collections::BTreeMap<String, String>,
}

/// RFC 6749 section 5.1.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct TokenResponse {
    /// A JWT (RFC 9068).
    pub access_token: String,
    /// Seconds.
    pub expires_in: i64,
    pub refresh_token: String,
    pub scope: Scope,
    pub token_type: TokenResponseTokenType,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum TokenResponseTokenType {
    /// `Bearer`
    #[default]
    Bearer,
}

impl TokenResponseTokenType {
    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Bearer => "Bearer",
        }
    }
}

impl std::fmt::Display for TokenResponseTokenType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A ULID in its canonical, upper-case form.
pub type Ulid = String;

#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct User {
    pub created_at: Instant,
    pub email: Email,
    pub id: Ulid,
    pub name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct UserPatch {
    /// `null` takes the name away.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub name: Option<Option<Name>>,
}

/// Reads a member that is there, be it null.
fn present<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(reader: D) -> Result<Option<T>, D::Error> {
    T::deserialize(reader).map(Some)
}
