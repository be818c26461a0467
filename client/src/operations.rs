//! What the API does: a method of [`Client`] each, what it takes, and how it may be refused.

use http::Method;

#[allow(unused_imports, reason = "not every description has the like of all of them")]
use crate::client::{Client, Request, bytes, is_of, joined, json, refused, segment, text};
use crate::transport::Transport;
#[allow(unused_imports, reason = "not every description has schemas")]
use crate::types;
use crate::{Answer, Error};

impl<T: Transport> Client<T> {
    /// Get the keys that verify access tokens (RFC 7517).
    ///
    /// `GET /.well-known/jwks.json`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn get_jwks(&self, parameters: &GetJwksParameters) -> Result<Answer<types::Jwks>, Error<GetJwksRefusal>> {
        let mut request =
            Request::new(Method::GET, "/.well-known/jwks.json").accept("application/json, application/problem+json");
        if let Some(value) = &parameters.if_match {
            request = request.header("If-Match", value);
        }
        if let Some(value) = &parameters.if_none_match {
            request = request.header("If-None-Match", value);
        }

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            200 => json(answer, "application/json"),
            304 => Err(refused(answer.map(|_| GetJwksRefusal::NotModified))),
            400 => Err(refused(json(answer, "application/problem+json")?.map(GetJwksRefusal::BadRequest))),
            412 => Err(refused(json(answer, "application/problem+json")?.map(GetJwksRefusal::PreconditionFailed))),
            429 => Err(refused(json(answer, "application/problem+json")?.map(GetJwksRefusal::TooManyRequests))),
            503 => Err(refused(json(answer, "application/problem+json")?.map(GetJwksRefusal::ServiceUnavailable))),
            500..=599 => Err(refused(json(answer, "application/problem+json")?.map(GetJwksRefusal::ServerError))),
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }

    /// Get the authorization server's metadata (RFC 8414).
    ///
    /// It stands below the issuer, so an issuer with a path differs from RFC 8414 section 3 in where it is found.
    ///
    /// `GET /.well-known/oauth-authorization-server`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn get_authorization_server(
        &self,
        parameters: &GetAuthorizationServerParameters,
    ) -> Result<Answer<types::AuthorizationServer>, Error<GetAuthorizationServerRefusal>> {
        let mut request = Request::new(Method::GET, "/.well-known/oauth-authorization-server")
            .accept("application/json, application/problem+json");
        if let Some(value) = &parameters.if_match {
            request = request.header("If-Match", value);
        }
        if let Some(value) = &parameters.if_none_match {
            request = request.header("If-None-Match", value);
        }

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            200 => json(answer, "application/json"),
            304 => Err(refused(answer.map(|_| GetAuthorizationServerRefusal::NotModified))),
            400 => {
                Err(refused(json(answer, "application/problem+json")?.map(GetAuthorizationServerRefusal::BadRequest)))
            }
            412 => Err(refused(
                json(answer, "application/problem+json")?.map(GetAuthorizationServerRefusal::PreconditionFailed),
            )),
            429 => Err(refused(
                json(answer, "application/problem+json")?.map(GetAuthorizationServerRefusal::TooManyRequests),
            )),
            503 => Err(refused(
                json(answer, "application/problem+json")?.map(GetAuthorizationServerRefusal::ServiceUnavailable),
            )),
            500..=599 => {
                Err(refused(json(answer, "application/problem+json")?.map(GetAuthorizationServerRefusal::ServerError)))
            }
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }

    /// Tell whether the service answers.
    ///
    /// `GET /healthz`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn get_health(
        &self,
        parameters: &GetHealthParameters,
    ) -> Result<Answer<types::Health>, Error<GetHealthRefusal>> {
        let mut request = Request::new(Method::GET, "/healthz").accept("application/json, application/problem+json");
        if let Some(value) = &parameters.if_match {
            request = request.header("If-Match", value);
        }
        if let Some(value) = &parameters.if_none_match {
            request = request.header("If-None-Match", value);
        }

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            200 => json(answer, "application/json"),
            304 => Err(refused(answer.map(|_| GetHealthRefusal::NotModified))),
            400 => Err(refused(json(answer, "application/problem+json")?.map(GetHealthRefusal::BadRequest))),
            412 => Err(refused(json(answer, "application/problem+json")?.map(GetHealthRefusal::PreconditionFailed))),
            429 => Err(refused(json(answer, "application/problem+json")?.map(GetHealthRefusal::TooManyRequests))),
            503 => Err(refused(json(answer, "application/problem+json")?.map(GetHealthRefusal::ServiceUnavailable))),
            500..=599 => Err(refused(json(answer, "application/problem+json")?.map(GetHealthRefusal::ServerError))),
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }

    /// Tell what is known of one of the caller's own tokens (RFC 7662).
    ///
    /// Any access token opens it, whatever its scope. Of others' tokens it tells what it tells of none.
    ///
    /// `POST /oauth/introspect`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn introspect_token(
        &self,
        body: &types::TokenForm,
    ) -> Result<Answer<types::Introspection>, Error<IntrospectTokenRefusal>> {
        let request = Request::new(Method::POST, "/oauth/introspect")
            .secured()
            .accept("application/json, application/problem+json")
            .form(body);

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            200 => json(answer, "application/json"),
            400 => Err(refused(json(answer, "application/json")?.map(IntrospectTokenRefusal::BadRequest))),
            401 => Err(refused(OAuthUnauthorizedBody::read(answer)?.map(IntrospectTokenRefusal::Unauthorized))),
            413 => Err(refused(json(answer, "application/json")?.map(IntrospectTokenRefusal::PayloadTooLarge))),
            429 => Err(refused(json(answer, "application/problem+json")?.map(IntrospectTokenRefusal::TooManyRequests))),
            503 => Err(refused(OAuthUnavailableBody::read(answer)?.map(IntrospectTokenRefusal::ServiceUnavailable))),
            500..=599 => Err(refused(OAuthFaultBody::read(answer)?.map(IntrospectTokenRefusal::ServerError))),
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }

    /// End the session of a token (RFC 7009).
    ///
    /// Refresh and access tokens alike, however old. Of a token that is none, nothing else is told.
    ///
    /// `POST /oauth/revoke`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn revoke_token(&self, body: &types::TokenForm) -> Result<Answer<()>, Error<RevokeTokenRefusal>> {
        let request =
            Request::new(Method::POST, "/oauth/revoke").accept("application/json, application/problem+json").form(body);

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            200 => Ok(answer.map(|_| ())),
            400 => Err(refused(json(answer, "application/json")?.map(RevokeTokenRefusal::BadRequest))),
            413 => Err(refused(json(answer, "application/json")?.map(RevokeTokenRefusal::PayloadTooLarge))),
            429 => Err(refused(json(answer, "application/problem+json")?.map(RevokeTokenRefusal::TooManyRequests))),
            503 => Err(refused(OAuthUnavailableBody::read(answer)?.map(RevokeTokenRefusal::ServiceUnavailable))),
            500..=599 => Err(refused(OAuthFaultBody::read(answer)?.map(RevokeTokenRefusal::ServerError))),
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }

    /// Exchange a refresh token for new tokens (RFC 6749 section 6).
    ///
    /// A refresh token is good once. One that is used twice ends its session.
    ///
    /// `POST /oauth/token`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn refresh_tokens(
        &self,
        body: &types::RefreshRequest,
    ) -> Result<Answer<types::TokenResponse>, Error<RefreshTokensRefusal>> {
        let request =
            Request::new(Method::POST, "/oauth/token").accept("application/json, application/problem+json").form(body);

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            200 => json(answer, "application/json"),
            400 => Err(refused(json(answer, "application/json")?.map(RefreshTokensRefusal::BadRequest))),
            413 => Err(refused(json(answer, "application/json")?.map(RefreshTokensRefusal::PayloadTooLarge))),
            429 => Err(refused(json(answer, "application/problem+json")?.map(RefreshTokensRefusal::TooManyRequests))),
            503 => Err(refused(RefreshUnavailableBody::read(answer)?.map(RefreshTokensRefusal::ServiceUnavailable))),
            500..=599 => Err(refused(OAuthFaultBody::read(answer)?.map(RefreshTokensRefusal::ServerError))),
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }

    /// List the user's memos, a page at a time.
    ///
    /// A page may have fewer memos than asked for, or none, and still a `next_cursor`: the list ends where there is none.
    /// A cursor is good for the list that gave it, with the same filter and order.
    ///
    /// `GET /v1/memos`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn list_memos(
        &self,
        parameters: &ListMemosParameters,
    ) -> Result<Answer<types::MemoPage>, Error<ListMemosRefusal>> {
        let mut request =
            Request::new(Method::GET, "/v1/memos").secured().accept("application/json, application/problem+json");
        if let Some(value) = &parameters.page_size {
            request = request.query("page_size", value);
        }
        if let Some(value) = &parameters.cursor {
            request = request.query("cursor", value);
        }
        if let Some(value) = &parameters.tag {
            request = request.query("tag", value);
        }
        if let Some(value) = &parameters.pinned {
            request = request.query("pinned", value);
        }
        if let Some(value) = &parameters.archived {
            request = request.query("archived", value);
        }
        if let Some(value) = &parameters.q {
            request = request.query("q", value);
        }
        if let Some(value) = &parameters.order {
            request = request.query("order", value);
        }
        if let Some(value) = &parameters.if_match {
            request = request.header("If-Match", value);
        }
        if let Some(value) = &parameters.if_none_match {
            request = request.header("If-None-Match", value);
        }

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            200 => json(answer, "application/json"),
            304 => Err(refused(answer.map(|_| ListMemosRefusal::NotModified))),
            400 => Err(refused(json(answer, "application/problem+json")?.map(ListMemosRefusal::BadRequest))),
            401 => Err(refused(json(answer, "application/problem+json")?.map(ListMemosRefusal::Unauthorized))),
            403 => Err(refused(json(answer, "application/problem+json")?.map(ListMemosRefusal::Forbidden))),
            412 => Err(refused(json(answer, "application/problem+json")?.map(ListMemosRefusal::PreconditionFailed))),
            429 => Err(refused(json(answer, "application/problem+json")?.map(ListMemosRefusal::TooManyRequests))),
            503 => Err(refused(json(answer, "application/problem+json")?.map(ListMemosRefusal::ServiceUnavailable))),
            500..=599 => Err(refused(json(answer, "application/problem+json")?.map(ListMemosRefusal::ServerError))),
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }

    /// Make a memo.
    ///
    /// With an `Idempotency-Key`, a repetition within 24 hours gets the first answer again, marked `Idempotency-Replayed`.
    /// `code` is `quota-exceeded` (403: 10,000 memos or 1,000 distinct tags), `idempotency-key-reused` (422: the key came
    /// with another body), `idempotency-conflict` (409: another request of the key is being answered).
    ///
    /// `POST /v1/memos`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn create_memo(
        &self,
        parameters: &CreateMemoParameters,
        body: &types::MemoInput,
    ) -> Result<Answer<types::Memo>, Error<CreateMemoRefusal>> {
        let mut request = Request::new(Method::POST, "/v1/memos")
            .secured()
            .accept("application/json, application/problem+json")
            .json("application/json", body);
        if let Some(value) = &parameters.idempotency_key {
            request = request.header("Idempotency-Key", value);
        }
        if let Some(value) = &parameters.if_match {
            request = request.header("If-Match", value);
        }
        if let Some(value) = &parameters.if_none_match {
            request = request.header("If-None-Match", value);
        }

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            201 => json(answer, "application/json"),
            400 => Err(refused(json(answer, "application/problem+json")?.map(CreateMemoRefusal::BadRequest))),
            401 => Err(refused(json(answer, "application/problem+json")?.map(CreateMemoRefusal::Unauthorized))),
            403 => Err(refused(json(answer, "application/problem+json")?.map(CreateMemoRefusal::Forbidden))),
            409 => Err(refused(json(answer, "application/problem+json")?.map(CreateMemoRefusal::Conflict))),
            412 => Err(refused(json(answer, "application/problem+json")?.map(CreateMemoRefusal::PreconditionFailed))),
            413 => Err(refused(json(answer, "application/problem+json")?.map(CreateMemoRefusal::PayloadTooLarge))),
            415 => Err(refused(json(answer, "application/problem+json")?.map(CreateMemoRefusal::UnsupportedMediaType))),
            422 => Err(refused(json(answer, "application/problem+json")?.map(CreateMemoRefusal::UnprocessableEntity))),
            429 => Err(refused(json(answer, "application/problem+json")?.map(CreateMemoRefusal::TooManyRequests))),
            503 => Err(refused(json(answer, "application/problem+json")?.map(CreateMemoRefusal::ServiceUnavailable))),
            500..=599 => Err(refused(json(answer, "application/problem+json")?.map(CreateMemoRefusal::ServerError))),
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }

    /// Get a memo.
    ///
    /// `GET /v1/memos/{id}`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn get_memo(
        &self,
        id: &str,
        parameters: &GetMemoParameters,
    ) -> Result<Answer<types::Memo>, Error<GetMemoRefusal>> {
        let mut request = Request::new(Method::GET, format!("/v1/memos/{}", segment(id)))
            .secured()
            .accept("application/json, application/problem+json");
        if let Some(value) = &parameters.if_match {
            request = request.header("If-Match", value);
        }
        if let Some(value) = &parameters.if_none_match {
            request = request.header("If-None-Match", value);
        }

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            200 => json(answer, "application/json"),
            304 => Err(refused(answer.map(|_| GetMemoRefusal::NotModified))),
            400 => Err(refused(json(answer, "application/problem+json")?.map(GetMemoRefusal::BadRequest))),
            401 => Err(refused(json(answer, "application/problem+json")?.map(GetMemoRefusal::Unauthorized))),
            403 => Err(refused(json(answer, "application/problem+json")?.map(GetMemoRefusal::Forbidden))),
            404 => Err(refused(json(answer, "application/problem+json")?.map(GetMemoRefusal::NotFound))),
            412 => Err(refused(json(answer, "application/problem+json")?.map(GetMemoRefusal::PreconditionFailed))),
            429 => Err(refused(json(answer, "application/problem+json")?.map(GetMemoRefusal::TooManyRequests))),
            503 => Err(refused(json(answer, "application/problem+json")?.map(GetMemoRefusal::ServiceUnavailable))),
            500..=599 => Err(refused(json(answer, "application/problem+json")?.map(GetMemoRefusal::ServerError))),
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }

    /// Replace a memo, or make one under an id of the client's.
    ///
    /// A missing id is 404; with `If-None-Match: *` it is made instead, and an id that is taken, by a deleted memo too, is
    /// 412.
    ///
    /// A memo whose id's time is 15 days or more from now begins at another version than 1, since one that is gone for good
    /// may have had the id: entity tags are never used again.
    ///
    /// `PUT /v1/memos/{id}`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn replace_memo(
        &self,
        id: &str,
        parameters: &ReplaceMemoParameters,
        body: &types::MemoInput,
    ) -> Result<Answer<types::Memo>, Error<ReplaceMemoRefusal>> {
        let mut request = Request::new(Method::PUT, format!("/v1/memos/{}", segment(id)))
            .secured()
            .accept("application/json, application/problem+json")
            .json("application/json", body);
        if let Some(value) = &parameters.if_match {
            request = request.header("If-Match", value);
        }
        if let Some(value) = &parameters.if_none_match {
            request = request.header("If-None-Match", value);
        }

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            200 | 201 => json(answer, "application/json"),
            400 => Err(refused(json(answer, "application/problem+json")?.map(ReplaceMemoRefusal::BadRequest))),
            401 => Err(refused(json(answer, "application/problem+json")?.map(ReplaceMemoRefusal::Unauthorized))),
            403 => Err(refused(json(answer, "application/problem+json")?.map(ReplaceMemoRefusal::Forbidden))),
            404 => Err(refused(json(answer, "application/problem+json")?.map(ReplaceMemoRefusal::NotFound))),
            412 => Err(refused(json(answer, "application/problem+json")?.map(ReplaceMemoRefusal::PreconditionFailed))),
            413 => Err(refused(json(answer, "application/problem+json")?.map(ReplaceMemoRefusal::PayloadTooLarge))),
            415 => {
                Err(refused(json(answer, "application/problem+json")?.map(ReplaceMemoRefusal::UnsupportedMediaType)))
            }
            422 => Err(refused(json(answer, "application/problem+json")?.map(ReplaceMemoRefusal::UnprocessableEntity))),
            429 => Err(refused(json(answer, "application/problem+json")?.map(ReplaceMemoRefusal::TooManyRequests))),
            503 => Err(refused(json(answer, "application/problem+json")?.map(ReplaceMemoRefusal::ServiceUnavailable))),
            500..=599 => Err(refused(json(answer, "application/problem+json")?.map(ReplaceMemoRefusal::ServerError))),
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }

    /// Delete a memo; it can be restored for 30 days.
    ///
    /// `DELETE /v1/memos/{id}`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn delete_memo(
        &self,
        id: &str,
        parameters: &DeleteMemoParameters,
    ) -> Result<Answer<()>, Error<DeleteMemoRefusal>> {
        let mut request = Request::new(Method::DELETE, format!("/v1/memos/{}", segment(id)))
            .secured()
            .accept("application/problem+json");
        if let Some(value) = &parameters.if_match {
            request = request.header("If-Match", value);
        }
        if let Some(value) = &parameters.if_none_match {
            request = request.header("If-None-Match", value);
        }

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            204 => Ok(answer.map(|_| ())),
            400 => Err(refused(json(answer, "application/problem+json")?.map(DeleteMemoRefusal::BadRequest))),
            401 => Err(refused(json(answer, "application/problem+json")?.map(DeleteMemoRefusal::Unauthorized))),
            403 => Err(refused(json(answer, "application/problem+json")?.map(DeleteMemoRefusal::Forbidden))),
            404 => Err(refused(json(answer, "application/problem+json")?.map(DeleteMemoRefusal::NotFound))),
            412 => Err(refused(json(answer, "application/problem+json")?.map(DeleteMemoRefusal::PreconditionFailed))),
            429 => Err(refused(json(answer, "application/problem+json")?.map(DeleteMemoRefusal::TooManyRequests))),
            503 => Err(refused(json(answer, "application/problem+json")?.map(DeleteMemoRefusal::ServiceUnavailable))),
            500..=599 => Err(refused(json(answer, "application/problem+json")?.map(DeleteMemoRefusal::ServerError))),
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }

    /// Change a memo, by a merge patch (RFC 7396).
    ///
    /// `null` brings a member's default back. `id`, `version` and the times are the service's: 422.
    ///
    /// `PATCH /v1/memos/{id}`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn update_memo(
        &self,
        id: &str,
        parameters: &UpdateMemoParameters,
        body: &types::MemoPatch,
    ) -> Result<Answer<types::Memo>, Error<UpdateMemoRefusal>> {
        let mut request = Request::new(Method::PATCH, format!("/v1/memos/{}", segment(id)))
            .secured()
            .accept("application/json, application/problem+json")
            .json("application/merge-patch+json", body);
        if let Some(value) = &parameters.if_match {
            request = request.header("If-Match", value);
        }
        if let Some(value) = &parameters.if_none_match {
            request = request.header("If-None-Match", value);
        }

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            200 => json(answer, "application/json"),
            400 => Err(refused(json(answer, "application/problem+json")?.map(UpdateMemoRefusal::BadRequest))),
            401 => Err(refused(json(answer, "application/problem+json")?.map(UpdateMemoRefusal::Unauthorized))),
            403 => Err(refused(json(answer, "application/problem+json")?.map(UpdateMemoRefusal::Forbidden))),
            404 => Err(refused(json(answer, "application/problem+json")?.map(UpdateMemoRefusal::NotFound))),
            412 => Err(refused(json(answer, "application/problem+json")?.map(UpdateMemoRefusal::PreconditionFailed))),
            413 => Err(refused(json(answer, "application/problem+json")?.map(UpdateMemoRefusal::PayloadTooLarge))),
            415 => Err(refused(json(answer, "application/problem+json")?.map(UpdateMemoRefusal::UnsupportedMediaType))),
            422 => Err(refused(json(answer, "application/problem+json")?.map(UpdateMemoRefusal::UnprocessableEntity))),
            429 => Err(refused(json(answer, "application/problem+json")?.map(UpdateMemoRefusal::TooManyRequests))),
            503 => Err(refused(json(answer, "application/problem+json")?.map(UpdateMemoRefusal::ServiceUnavailable))),
            500..=599 => Err(refused(json(answer, "application/problem+json")?.map(UpdateMemoRefusal::ServerError))),
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }

    /// Restore a deleted memo, as it was, in its next version.
    ///
    /// `code` is `not-deleted` (409: the memo is there), `quota-exceeded` (403).
    ///
    /// `POST /v1/memos/{id}/restore`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn restore_memo(
        &self,
        id: &str,
        parameters: &RestoreMemoParameters,
    ) -> Result<Answer<types::Memo>, Error<RestoreMemoRefusal>> {
        let mut request = Request::new(Method::POST, format!("/v1/memos/{}/restore", segment(id)))
            .secured()
            .accept("application/json, application/problem+json");
        if let Some(value) = &parameters.if_match {
            request = request.header("If-Match", value);
        }
        if let Some(value) = &parameters.if_none_match {
            request = request.header("If-None-Match", value);
        }

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            200 => json(answer, "application/json"),
            400 => Err(refused(json(answer, "application/problem+json")?.map(RestoreMemoRefusal::BadRequest))),
            401 => Err(refused(json(answer, "application/problem+json")?.map(RestoreMemoRefusal::Unauthorized))),
            403 => Err(refused(json(answer, "application/problem+json")?.map(RestoreMemoRefusal::Forbidden))),
            404 => Err(refused(json(answer, "application/problem+json")?.map(RestoreMemoRefusal::NotFound))),
            409 => Err(refused(json(answer, "application/problem+json")?.map(RestoreMemoRefusal::Conflict))),
            412 => Err(refused(json(answer, "application/problem+json")?.map(RestoreMemoRefusal::PreconditionFailed))),
            429 => Err(refused(json(answer, "application/problem+json")?.map(RestoreMemoRefusal::TooManyRequests))),
            503 => Err(refused(json(answer, "application/problem+json")?.map(RestoreMemoRefusal::ServiceUnavailable))),
            500..=599 => Err(refused(json(answer, "application/problem+json")?.map(RestoreMemoRefusal::ServerError))),
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }

    /// List the user's sessions, the newest first.
    ///
    /// A user has 50 at most, so there are no pages.
    ///
    /// `GET /v1/sessions`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn list_sessions(
        &self,
        parameters: &ListSessionsParameters,
    ) -> Result<Answer<types::SessionList>, Error<ListSessionsRefusal>> {
        let mut request =
            Request::new(Method::GET, "/v1/sessions").secured().accept("application/json, application/problem+json");
        if let Some(value) = &parameters.if_match {
            request = request.header("If-Match", value);
        }
        if let Some(value) = &parameters.if_none_match {
            request = request.header("If-None-Match", value);
        }

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            200 => json(answer, "application/json"),
            304 => Err(refused(answer.map(|_| ListSessionsRefusal::NotModified))),
            400 => Err(refused(json(answer, "application/problem+json")?.map(ListSessionsRefusal::BadRequest))),
            401 => Err(refused(json(answer, "application/problem+json")?.map(ListSessionsRefusal::Unauthorized))),
            403 => Err(refused(json(answer, "application/problem+json")?.map(ListSessionsRefusal::Forbidden))),
            412 => Err(refused(json(answer, "application/problem+json")?.map(ListSessionsRefusal::PreconditionFailed))),
            429 => Err(refused(json(answer, "application/problem+json")?.map(ListSessionsRefusal::TooManyRequests))),
            503 => Err(refused(json(answer, "application/problem+json")?.map(ListSessionsRefusal::ServiceUnavailable))),
            500..=599 => Err(refused(json(answer, "application/problem+json")?.map(ListSessionsRefusal::ServerError))),
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }

    /// Log in.
    ///
    /// 401 (`invalid-credentials`) does not tell an unknown address from a wrong password. 429 (`too-many-attempts`) comes
    /// after five attempts at one address from one place, after fifty an hour from one place, and after a hundred an hour
    /// at one address from anywhere; of these a place waits a minute, whatever others do. `Retry-After` tells when the
    /// next attempt is heard.
    ///
    /// `POST /v1/sessions`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn create_session(
        &self,
        body: &types::Login,
    ) -> Result<Answer<types::TokenResponse>, Error<CreateSessionRefusal>> {
        let request = Request::new(Method::POST, "/v1/sessions")
            .accept("application/json, application/problem+json")
            .json("application/json", body);

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            200 => json(answer, "application/json"),
            400 => Err(refused(json(answer, "application/problem+json")?.map(CreateSessionRefusal::BadRequest))),
            401 => Err(refused(json(answer, "application/problem+json")?.map(CreateSessionRefusal::Unauthorized))),
            413 => Err(refused(json(answer, "application/problem+json")?.map(CreateSessionRefusal::PayloadTooLarge))),
            415 => {
                Err(refused(json(answer, "application/problem+json")?.map(CreateSessionRefusal::UnsupportedMediaType)))
            }
            422 => {
                Err(refused(json(answer, "application/problem+json")?.map(CreateSessionRefusal::UnprocessableEntity)))
            }
            429 => Err(refused(json(answer, "application/problem+json")?.map(CreateSessionRefusal::TooManyRequests))),
            503 => {
                Err(refused(json(answer, "application/problem+json")?.map(CreateSessionRefusal::ServiceUnavailable)))
            }
            500..=599 => Err(refused(json(answer, "application/problem+json")?.map(CreateSessionRefusal::ServerError))),
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }

    /// End all sessions of the user, this one among them.
    ///
    /// `DELETE /v1/sessions`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn end_all_sessions(
        &self,
        parameters: &EndAllSessionsParameters,
    ) -> Result<Answer<()>, Error<EndAllSessionsRefusal>> {
        let mut request = Request::new(Method::DELETE, "/v1/sessions").secured().accept("application/problem+json");
        if let Some(value) = &parameters.if_match {
            request = request.header("If-Match", value);
        }
        if let Some(value) = &parameters.if_none_match {
            request = request.header("If-None-Match", value);
        }

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            204 => Ok(answer.map(|_| ())),
            400 => Err(refused(json(answer, "application/problem+json")?.map(EndAllSessionsRefusal::BadRequest))),
            401 => Err(refused(json(answer, "application/problem+json")?.map(EndAllSessionsRefusal::Unauthorized))),
            403 => Err(refused(json(answer, "application/problem+json")?.map(EndAllSessionsRefusal::Forbidden))),
            412 => {
                Err(refused(json(answer, "application/problem+json")?.map(EndAllSessionsRefusal::PreconditionFailed)))
            }
            429 => Err(refused(json(answer, "application/problem+json")?.map(EndAllSessionsRefusal::TooManyRequests))),
            503 => {
                Err(refused(json(answer, "application/problem+json")?.map(EndAllSessionsRefusal::ServiceUnavailable)))
            }
            500..=599 => {
                Err(refused(json(answer, "application/problem+json")?.map(EndAllSessionsRefusal::ServerError)))
            }
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }

    /// End one of the user's sessions.
    ///
    /// Its access tokens open memos for what is left of their ten minutes.
    ///
    /// `DELETE /v1/sessions/{id}`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn end_session(
        &self,
        id: &str,
        parameters: &EndSessionParameters,
    ) -> Result<Answer<()>, Error<EndSessionRefusal>> {
        let mut request = Request::new(Method::DELETE, format!("/v1/sessions/{}", segment(id)))
            .secured()
            .accept("application/problem+json");
        if let Some(value) = &parameters.if_match {
            request = request.header("If-Match", value);
        }
        if let Some(value) = &parameters.if_none_match {
            request = request.header("If-None-Match", value);
        }

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            204 => Ok(answer.map(|_| ())),
            400 => Err(refused(json(answer, "application/problem+json")?.map(EndSessionRefusal::BadRequest))),
            401 => Err(refused(json(answer, "application/problem+json")?.map(EndSessionRefusal::Unauthorized))),
            403 => Err(refused(json(answer, "application/problem+json")?.map(EndSessionRefusal::Forbidden))),
            404 => Err(refused(json(answer, "application/problem+json")?.map(EndSessionRefusal::NotFound))),
            412 => Err(refused(json(answer, "application/problem+json")?.map(EndSessionRefusal::PreconditionFailed))),
            429 => Err(refused(json(answer, "application/problem+json")?.map(EndSessionRefusal::TooManyRequests))),
            503 => Err(refused(json(answer, "application/problem+json")?.map(EndSessionRefusal::ServiceUnavailable))),
            500..=599 => Err(refused(json(answer, "application/problem+json")?.map(EndSessionRefusal::ServerError))),
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }

    /// List the user's tags, each with how many memos have it, a page at a time.
    ///
    /// `GET /v1/tags`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn list_tags(
        &self,
        parameters: &ListTagsParameters,
    ) -> Result<Answer<types::TagPage>, Error<ListTagsRefusal>> {
        let mut request =
            Request::new(Method::GET, "/v1/tags").secured().accept("application/json, application/problem+json");
        if let Some(value) = &parameters.page_size {
            request = request.query("page_size", value);
        }
        if let Some(value) = &parameters.cursor {
            request = request.query("cursor", value);
        }
        if let Some(value) = &parameters.if_match {
            request = request.header("If-Match", value);
        }
        if let Some(value) = &parameters.if_none_match {
            request = request.header("If-None-Match", value);
        }

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            200 => json(answer, "application/json"),
            304 => Err(refused(answer.map(|_| ListTagsRefusal::NotModified))),
            400 => Err(refused(json(answer, "application/problem+json")?.map(ListTagsRefusal::BadRequest))),
            401 => Err(refused(json(answer, "application/problem+json")?.map(ListTagsRefusal::Unauthorized))),
            403 => Err(refused(json(answer, "application/problem+json")?.map(ListTagsRefusal::Forbidden))),
            412 => Err(refused(json(answer, "application/problem+json")?.map(ListTagsRefusal::PreconditionFailed))),
            429 => Err(refused(json(answer, "application/problem+json")?.map(ListTagsRefusal::TooManyRequests))),
            503 => Err(refused(json(answer, "application/problem+json")?.map(ListTagsRefusal::ServiceUnavailable))),
            500..=599 => Err(refused(json(answer, "application/problem+json")?.map(ListTagsRefusal::ServerError))),
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }

    /// Register a user.
    ///
    /// `code` is `email-taken` (409), `too-many-attempts` (429: 20 registrations an hour from one place). A password that
    /// many people have, that is a pattern, or that holds the e-mail address is 422.
    ///
    /// `POST /v1/users`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn register_user(
        &self,
        body: &types::Registration,
    ) -> Result<Answer<types::User>, Error<RegisterUserRefusal>> {
        let request = Request::new(Method::POST, "/v1/users")
            .accept("application/json, application/problem+json")
            .json("application/json", body);

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            201 => json(answer, "application/json"),
            400 => Err(refused(json(answer, "application/problem+json")?.map(RegisterUserRefusal::BadRequest))),
            409 => Err(refused(json(answer, "application/problem+json")?.map(RegisterUserRefusal::Conflict))),
            413 => Err(refused(json(answer, "application/problem+json")?.map(RegisterUserRefusal::PayloadTooLarge))),
            415 => {
                Err(refused(json(answer, "application/problem+json")?.map(RegisterUserRefusal::UnsupportedMediaType)))
            }
            422 => {
                Err(refused(json(answer, "application/problem+json")?.map(RegisterUserRefusal::UnprocessableEntity)))
            }
            429 => Err(refused(json(answer, "application/problem+json")?.map(RegisterUserRefusal::TooManyRequests))),
            503 => Err(refused(json(answer, "application/problem+json")?.map(RegisterUserRefusal::ServiceUnavailable))),
            500..=599 => Err(refused(json(answer, "application/problem+json")?.map(RegisterUserRefusal::ServerError))),
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }

    /// Get the token's user.
    ///
    /// `GET /v1/users/me`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn get_current_user(
        &self,
        parameters: &GetCurrentUserParameters,
    ) -> Result<Answer<types::User>, Error<GetCurrentUserRefusal>> {
        let mut request =
            Request::new(Method::GET, "/v1/users/me").secured().accept("application/json, application/problem+json");
        if let Some(value) = &parameters.if_match {
            request = request.header("If-Match", value);
        }
        if let Some(value) = &parameters.if_none_match {
            request = request.header("If-None-Match", value);
        }

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            200 => json(answer, "application/json"),
            304 => Err(refused(answer.map(|_| GetCurrentUserRefusal::NotModified))),
            400 => Err(refused(json(answer, "application/problem+json")?.map(GetCurrentUserRefusal::BadRequest))),
            401 => Err(refused(json(answer, "application/problem+json")?.map(GetCurrentUserRefusal::Unauthorized))),
            403 => Err(refused(json(answer, "application/problem+json")?.map(GetCurrentUserRefusal::Forbidden))),
            412 => {
                Err(refused(json(answer, "application/problem+json")?.map(GetCurrentUserRefusal::PreconditionFailed)))
            }
            429 => Err(refused(json(answer, "application/problem+json")?.map(GetCurrentUserRefusal::TooManyRequests))),
            503 => {
                Err(refused(json(answer, "application/problem+json")?.map(GetCurrentUserRefusal::ServiceUnavailable)))
            }
            500..=599 => {
                Err(refused(json(answer, "application/problem+json")?.map(GetCurrentUserRefusal::ServerError)))
            }
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }

    /// Delete the account, its sessions and its memos.
    ///
    /// The memos follow within seconds. `code` is `wrong-password` (403), or `too-many-attempts` (429) after five wrong
    /// ones.
    ///
    /// `DELETE /v1/users/me`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn delete_current_user(
        &self,
        parameters: &DeleteCurrentUserParameters,
        body: &types::Deletion,
    ) -> Result<Answer<()>, Error<DeleteCurrentUserRefusal>> {
        let mut request = Request::new(Method::DELETE, "/v1/users/me")
            .secured()
            .accept("application/problem+json")
            .json("application/json", body);
        if let Some(value) = &parameters.if_match {
            request = request.header("If-Match", value);
        }
        if let Some(value) = &parameters.if_none_match {
            request = request.header("If-None-Match", value);
        }

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            204 => Ok(answer.map(|_| ())),
            400 => Err(refused(json(answer, "application/problem+json")?.map(DeleteCurrentUserRefusal::BadRequest))),
            401 => Err(refused(json(answer, "application/problem+json")?.map(DeleteCurrentUserRefusal::Unauthorized))),
            403 => Err(refused(json(answer, "application/problem+json")?.map(DeleteCurrentUserRefusal::Forbidden))),
            412 => Err(refused(
                json(answer, "application/problem+json")?.map(DeleteCurrentUserRefusal::PreconditionFailed),
            )),
            413 => {
                Err(refused(json(answer, "application/problem+json")?.map(DeleteCurrentUserRefusal::PayloadTooLarge)))
            }
            415 => Err(refused(
                json(answer, "application/problem+json")?.map(DeleteCurrentUserRefusal::UnsupportedMediaType),
            )),
            422 => Err(refused(
                json(answer, "application/problem+json")?.map(DeleteCurrentUserRefusal::UnprocessableEntity),
            )),
            429 => {
                Err(refused(json(answer, "application/problem+json")?.map(DeleteCurrentUserRefusal::TooManyRequests)))
            }
            503 => Err(refused(
                json(answer, "application/problem+json")?.map(DeleteCurrentUserRefusal::ServiceUnavailable),
            )),
            500..=599 => {
                Err(refused(json(answer, "application/problem+json")?.map(DeleteCurrentUserRefusal::ServerError)))
            }
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }

    /// Change the user's name, by a merge patch (RFC 7396).
    ///
    /// `PATCH /v1/users/me`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn update_current_user(
        &self,
        parameters: &UpdateCurrentUserParameters,
        body: &types::UserPatch,
    ) -> Result<Answer<types::User>, Error<UpdateCurrentUserRefusal>> {
        let mut request = Request::new(Method::PATCH, "/v1/users/me")
            .secured()
            .accept("application/json, application/problem+json")
            .json("application/merge-patch+json", body);
        if let Some(value) = &parameters.if_match {
            request = request.header("If-Match", value);
        }
        if let Some(value) = &parameters.if_none_match {
            request = request.header("If-None-Match", value);
        }

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            200 => json(answer, "application/json"),
            400 => Err(refused(json(answer, "application/problem+json")?.map(UpdateCurrentUserRefusal::BadRequest))),
            401 => Err(refused(json(answer, "application/problem+json")?.map(UpdateCurrentUserRefusal::Unauthorized))),
            403 => Err(refused(json(answer, "application/problem+json")?.map(UpdateCurrentUserRefusal::Forbidden))),
            412 => Err(refused(
                json(answer, "application/problem+json")?.map(UpdateCurrentUserRefusal::PreconditionFailed),
            )),
            413 => {
                Err(refused(json(answer, "application/problem+json")?.map(UpdateCurrentUserRefusal::PayloadTooLarge)))
            }
            415 => Err(refused(
                json(answer, "application/problem+json")?.map(UpdateCurrentUserRefusal::UnsupportedMediaType),
            )),
            422 => Err(refused(
                json(answer, "application/problem+json")?.map(UpdateCurrentUserRefusal::UnprocessableEntity),
            )),
            429 => {
                Err(refused(json(answer, "application/problem+json")?.map(UpdateCurrentUserRefusal::TooManyRequests)))
            }
            503 => Err(refused(
                json(answer, "application/problem+json")?.map(UpdateCurrentUserRefusal::ServiceUnavailable),
            )),
            500..=599 => {
                Err(refused(json(answer, "application/problem+json")?.map(UpdateCurrentUserRefusal::ServerError)))
            }
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }

    /// Change the password, and end the other sessions.
    ///
    /// `code` is `wrong-password` (403), or `too-many-attempts` (429) after five wrong ones. Which new passwords are 422:
    /// as at the registration.
    ///
    /// `PUT /v1/users/me/password`
    ///
    /// # Errors
    ///
    /// Where the API refuses, or no answer comes that its description has.
    pub async fn change_password(
        &self,
        parameters: &ChangePasswordParameters,
        body: &types::PasswordChange,
    ) -> Result<Answer<()>, Error<ChangePasswordRefusal>> {
        let mut request = Request::new(Method::PUT, "/v1/users/me/password")
            .secured()
            .accept("application/problem+json")
            .json("application/json", body);
        if let Some(value) = &parameters.if_match {
            request = request.header("If-Match", value);
        }
        if let Some(value) = &parameters.if_none_match {
            request = request.header("If-None-Match", value);
        }

        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            204 => Ok(answer.map(|_| ())),
            400 => Err(refused(json(answer, "application/problem+json")?.map(ChangePasswordRefusal::BadRequest))),
            401 => Err(refused(json(answer, "application/problem+json")?.map(ChangePasswordRefusal::Unauthorized))),
            403 => Err(refused(json(answer, "application/problem+json")?.map(ChangePasswordRefusal::Forbidden))),
            412 => {
                Err(refused(json(answer, "application/problem+json")?.map(ChangePasswordRefusal::PreconditionFailed)))
            }
            413 => Err(refused(json(answer, "application/problem+json")?.map(ChangePasswordRefusal::PayloadTooLarge))),
            415 => {
                Err(refused(json(answer, "application/problem+json")?.map(ChangePasswordRefusal::UnsupportedMediaType)))
            }
            422 => {
                Err(refused(json(answer, "application/problem+json")?.map(ChangePasswordRefusal::UnprocessableEntity)))
            }
            429 => Err(refused(json(answer, "application/problem+json")?.map(ChangePasswordRefusal::TooManyRequests))),
            503 => {
                Err(refused(json(answer, "application/problem+json")?.map(ChangePasswordRefusal::ServiceUnavailable)))
            }
            500..=599 => {
                Err(refused(json(answer, "application/problem+json")?.map(ChangePasswordRefusal::ServerError)))
            }
            _ => Err(Error::Undescribed(Box::new(answer))),
        }
    }
}

/// What [`Client::get_jwks`] takes besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GetJwksParameters {
    /// Entity tags of which one has to be the current one, or `*` (RFC 9110 section 13.1.1).
    pub if_match: Option<String>,
    /// Entity tags of which none may be the current one, or `*` (RFC 9110 section 13.1.2).
    pub if_none_match: Option<String>,
}

/// How [`Client::get_jwks`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum GetJwksRefusal {
    /// They are those that the client has.
    NotModified,
    /// The body is no strict JSON, or the query or a header cannot be read.
    BadRequest(types::Problem),
    /// If-Match or If-None-Match does not hold.
    PreconditionFailed(types::Problem),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, or cannot tell whether the token is good. The same request may be sent again.
    ServiceUnavailable(types::Problem),
    /// The fault is the service's, or it took too long.
    ServerError(types::Problem),
}

/// What [`Client::get_authorization_server`] takes besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GetAuthorizationServerParameters {
    /// Entity tags of which one has to be the current one, or `*` (RFC 9110 section 13.1.1).
    pub if_match: Option<String>,
    /// Entity tags of which none may be the current one, or `*` (RFC 9110 section 13.1.2).
    pub if_none_match: Option<String>,
}

/// How [`Client::get_authorization_server`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum GetAuthorizationServerRefusal {
    /// It is there, and `If-None-Match` was `*`.
    NotModified,
    /// The body is no strict JSON, or the query or a header cannot be read.
    BadRequest(types::Problem),
    /// If-Match or If-None-Match does not hold.
    PreconditionFailed(types::Problem),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, or cannot tell whether the token is good. The same request may be sent again.
    ServiceUnavailable(types::Problem),
    /// The fault is the service's, or it took too long.
    ServerError(types::Problem),
}

/// What [`Client::get_health`] takes besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GetHealthParameters {
    /// Entity tags of which one has to be the current one, or `*` (RFC 9110 section 13.1.1).
    pub if_match: Option<String>,
    /// Entity tags of which none may be the current one, or `*` (RFC 9110 section 13.1.2).
    pub if_none_match: Option<String>,
}

/// How [`Client::get_health`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum GetHealthRefusal {
    /// It is there, and `If-None-Match` was `*`.
    NotModified,
    /// The body is no strict JSON, or the query or a header cannot be read.
    BadRequest(types::Problem),
    /// If-Match or If-None-Match does not hold.
    PreconditionFailed(types::Problem),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, or cannot tell whether the token is good. The same request may be sent again.
    ServiceUnavailable(types::Problem),
    /// The fault is the service's, or it took too long.
    ServerError(types::Problem),
}

/// How [`Client::introspect_token`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum IntrospectTokenRefusal {
    /// The request is refused, for the reason that `error` names (RFC 6749 section 5.2).
    BadRequest(types::OAuthError),
    /// The access token is missing, invalid or expired, or its session has ended.
    Unauthorized(OAuthUnauthorizedBody),
    /// The body is too large. Above 10 MB API Gateway answers by itself, with `application/json` and a `message`.
    PayloadTooLarge(types::OAuthError),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, or cannot tell whether the token is good. The same request may be sent again. `error` is
    /// `temporarily_unavailable`; of what API Gateway answers by itself there are problem details.
    ServiceUnavailable(OAuthUnavailableBody),
    /// The fault is the service's (`error` is `server_error`), or it took too long (problem details).
    ServerError(OAuthFaultBody),
}

/// How [`Client::revoke_token`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum RevokeTokenRefusal {
    /// The request is refused, for the reason that `error` names (RFC 6749 section 5.2).
    BadRequest(types::OAuthError),
    /// The body is too large. Above 10 MB API Gateway answers by itself, with `application/json` and a `message`.
    PayloadTooLarge(types::OAuthError),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, or cannot tell whether the token is good. The same request may be sent again. `error` is
    /// `temporarily_unavailable`; of what API Gateway answers by itself there are problem details.
    ServiceUnavailable(OAuthUnavailableBody),
    /// The fault is the service's (`error` is `server_error`), or it took too long (problem details).
    ServerError(OAuthFaultBody),
}

/// How [`Client::refresh_tokens`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum RefreshTokensRefusal {
    /// The request is refused, for the reason that `error` names (RFC 6749 section 5.2).
    BadRequest(types::OAuthError),
    /// The body is too large. Above 10 MB API Gateway answers by itself, with `application/json` and a `message`.
    PayloadTooLarge(types::OAuthError),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, `error` is `temporarily_unavailable`. The same request may be sent again, once: as a rule the
    /// refresh token has not been used, and where the store lost its answer but could be asked again, this is a 200. Only
    /// where the store told neither what came of the exchange nor, afterwards, what is stored, the token may be spent: then
    /// the second request is refused as one with a used token, and the session ends: the user logs in again. Of what API
    /// Gateway answers by itself there are problem details.
    ServiceUnavailable(RefreshUnavailableBody),
    /// The fault is the service's (`error` is `server_error`), or it took too long (problem details).
    ServerError(OAuthFaultBody),
}

/// What [`Client::list_memos`] takes besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListMemosParameters {
    /// How many items to answer with at most. 0 is 20; over 100 counts as 100.
    pub page_size: Option<i64>,
    /// The `next_cursor` of the page before. Anything else is 400.
    pub cursor: Option<String>,
    /// Only memos with this tag, case and all.
    pub tag: Option<String>,
    /// Only memos that are pinned, or that are not; both when absent.
    pub pinned: Option<bool>,
    /// Archived memos in place of the others.
    pub archived: Option<bool>,
    /// Only memos whose title or content has this text, whatever its case.
    pub q: Option<String>,
    /// By the time at which they were made.
    pub order: Option<types::MemoOrder>,
    /// Entity tags of which one has to be the current one, or `*` (RFC 9110 section 13.1.1).
    pub if_match: Option<String>,
    /// Entity tags of which none may be the current one, or `*` (RFC 9110 section 13.1.2).
    pub if_none_match: Option<String>,
}

/// How [`Client::list_memos`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum ListMemosRefusal {
    /// It is there, and `If-None-Match` was `*`.
    NotModified,
    /// The body is no strict JSON, or the query or a header cannot be read.
    BadRequest(types::Problem),
    /// The access token is missing, invalid or expired, or its session ended; at a login, the credentials are wrong.
    Unauthorized(types::Problem),
    /// The token's scope does not open it (`insufficient-scope`), or what `code` says stands against it.
    Forbidden(types::Problem),
    /// If-Match or If-None-Match does not hold.
    PreconditionFailed(types::Problem),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, or cannot tell whether the token is good. The same request may be sent again.
    ServiceUnavailable(types::Problem),
    /// The fault is the service's, or it took too long.
    ServerError(types::Problem),
}

/// What [`Client::create_memo`] takes besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreateMemoParameters {
    /// Names the request, so that it can be sent again when its answer was lost. A UUID, say.
    pub idempotency_key: Option<String>,
    /// Entity tags of which one has to be the current one, or `*` (RFC 9110 section 13.1.1).
    pub if_match: Option<String>,
    /// Entity tags of which none may be the current one, or `*` (RFC 9110 section 13.1.2).
    pub if_none_match: Option<String>,
}

/// How [`Client::create_memo`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum CreateMemoRefusal {
    /// The body is no strict JSON, or the query or a header cannot be read.
    BadRequest(types::Problem),
    /// The access token is missing, invalid or expired, or its session ended; at a login, the credentials are wrong.
    Unauthorized(types::Problem),
    /// The token's scope does not open it (`insufficient-scope`), or what `code` says stands against it.
    Forbidden(types::Problem),
    /// It stands against what is there; `code` tells.
    Conflict(types::Problem),
    /// If-Match or If-None-Match does not hold.
    PreconditionFailed(types::Problem),
    /// The body is too large. Above 10 MB API Gateway answers by itself, with `application/json` and a `message`.
    PayloadTooLarge(types::Problem),
    /// The body's media type is another one.
    UnsupportedMediaType(types::Problem),
    /// Members of the body are invalid or unknown; `errors` has all of them.
    UnprocessableEntity(types::Problem),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, or cannot tell whether the token is good. The same request may be sent again.
    ServiceUnavailable(types::Problem),
    /// The fault is the service's, or it took too long.
    ServerError(types::Problem),
}

/// What [`Client::get_memo`] takes besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GetMemoParameters {
    /// Entity tags of which one has to be the current one, or `*` (RFC 9110 section 13.1.1).
    pub if_match: Option<String>,
    /// Entity tags of which none may be the current one, or `*` (RFC 9110 section 13.1.2).
    pub if_none_match: Option<String>,
}

/// How [`Client::get_memo`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum GetMemoRefusal {
    /// The client has the current version.
    NotModified,
    /// The body is no strict JSON, or the query or a header cannot be read.
    BadRequest(types::Problem),
    /// The access token is missing, invalid or expired, or its session ended; at a login, the credentials are wrong.
    Unauthorized(types::Problem),
    /// The token's scope does not open it (`insufficient-scope`), or what `code` says stands against it.
    Forbidden(types::Problem),
    /// There is no such thing, or it is somebody else's.
    NotFound(types::Problem),
    /// If-Match or If-None-Match does not hold.
    PreconditionFailed(types::Problem),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, or cannot tell whether the token is good. The same request may be sent again.
    ServiceUnavailable(types::Problem),
    /// The fault is the service's, or it took too long.
    ServerError(types::Problem),
}

/// What [`Client::replace_memo`] takes besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReplaceMemoParameters {
    /// Entity tags of which one has to be the current one, or `*` (RFC 9110 section 13.1.1).
    pub if_match: Option<String>,
    /// Entity tags of which none may be the current one, or `*` (RFC 9110 section 13.1.2).
    pub if_none_match: Option<String>,
}

/// How [`Client::replace_memo`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum ReplaceMemoRefusal {
    /// The body is no strict JSON, or the query or a header cannot be read.
    BadRequest(types::Problem),
    /// The access token is missing, invalid or expired, or its session ended; at a login, the credentials are wrong.
    Unauthorized(types::Problem),
    /// The token's scope does not open it (`insufficient-scope`), or what `code` says stands against it.
    Forbidden(types::Problem),
    /// There is no such thing, or it is somebody else's.
    NotFound(types::Problem),
    /// If-Match or If-None-Match does not hold.
    PreconditionFailed(types::Problem),
    /// The body is too large. Above 10 MB API Gateway answers by itself, with `application/json` and a `message`.
    PayloadTooLarge(types::Problem),
    /// The body's media type is another one.
    UnsupportedMediaType(types::Problem),
    /// Members of the body are invalid or unknown; `errors` has all of them.
    UnprocessableEntity(types::Problem),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, or cannot tell whether the token is good. The same request may be sent again.
    ServiceUnavailable(types::Problem),
    /// The fault is the service's, or it took too long.
    ServerError(types::Problem),
}

/// What [`Client::delete_memo`] takes besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteMemoParameters {
    /// Entity tags of which one has to be the current one, or `*` (RFC 9110 section 13.1.1).
    pub if_match: Option<String>,
    /// Entity tags of which none may be the current one, or `*` (RFC 9110 section 13.1.2).
    pub if_none_match: Option<String>,
}

/// How [`Client::delete_memo`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum DeleteMemoRefusal {
    /// The body is no strict JSON, or the query or a header cannot be read.
    BadRequest(types::Problem),
    /// The access token is missing, invalid or expired, or its session ended; at a login, the credentials are wrong.
    Unauthorized(types::Problem),
    /// The token's scope does not open it (`insufficient-scope`), or what `code` says stands against it.
    Forbidden(types::Problem),
    /// There is no such thing, or it is somebody else's.
    NotFound(types::Problem),
    /// If-Match or If-None-Match does not hold.
    PreconditionFailed(types::Problem),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, or cannot tell whether the token is good. The same request may be sent again.
    ServiceUnavailable(types::Problem),
    /// The fault is the service's, or it took too long.
    ServerError(types::Problem),
}

/// What [`Client::update_memo`] takes besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UpdateMemoParameters {
    /// Entity tags of which one has to be the current one, or `*` (RFC 9110 section 13.1.1).
    pub if_match: Option<String>,
    /// Entity tags of which none may be the current one, or `*` (RFC 9110 section 13.1.2).
    pub if_none_match: Option<String>,
}

/// How [`Client::update_memo`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum UpdateMemoRefusal {
    /// The body is no strict JSON, or the query or a header cannot be read.
    BadRequest(types::Problem),
    /// The access token is missing, invalid or expired, or its session ended; at a login, the credentials are wrong.
    Unauthorized(types::Problem),
    /// The token's scope does not open it (`insufficient-scope`), or what `code` says stands against it.
    Forbidden(types::Problem),
    /// There is no such thing, or it is somebody else's.
    NotFound(types::Problem),
    /// If-Match or If-None-Match does not hold.
    PreconditionFailed(types::Problem),
    /// The body is too large. Above 10 MB API Gateway answers by itself, with `application/json` and a `message`.
    PayloadTooLarge(types::Problem),
    /// The body's media type is another one.
    UnsupportedMediaType(types::Problem),
    /// Members of the body are invalid or unknown; `errors` has all of them.
    UnprocessableEntity(types::Problem),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, or cannot tell whether the token is good. The same request may be sent again.
    ServiceUnavailable(types::Problem),
    /// The fault is the service's, or it took too long.
    ServerError(types::Problem),
}

/// What [`Client::restore_memo`] takes besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RestoreMemoParameters {
    /// Entity tags of which one has to be the current one, or `*` (RFC 9110 section 13.1.1).
    pub if_match: Option<String>,
    /// Entity tags of which none may be the current one, or `*` (RFC 9110 section 13.1.2).
    pub if_none_match: Option<String>,
}

/// How [`Client::restore_memo`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum RestoreMemoRefusal {
    /// The body is no strict JSON, or the query or a header cannot be read.
    BadRequest(types::Problem),
    /// The access token is missing, invalid or expired, or its session ended; at a login, the credentials are wrong.
    Unauthorized(types::Problem),
    /// The token's scope does not open it (`insufficient-scope`), or what `code` says stands against it.
    Forbidden(types::Problem),
    /// There is no such thing, or it is somebody else's.
    NotFound(types::Problem),
    /// It stands against what is there; `code` tells.
    Conflict(types::Problem),
    /// If-Match or If-None-Match does not hold.
    PreconditionFailed(types::Problem),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, or cannot tell whether the token is good. The same request may be sent again.
    ServiceUnavailable(types::Problem),
    /// The fault is the service's, or it took too long.
    ServerError(types::Problem),
}

/// What [`Client::list_sessions`] takes besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListSessionsParameters {
    /// Entity tags of which one has to be the current one, or `*` (RFC 9110 section 13.1.1).
    pub if_match: Option<String>,
    /// Entity tags of which none may be the current one, or `*` (RFC 9110 section 13.1.2).
    pub if_none_match: Option<String>,
}

/// How [`Client::list_sessions`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum ListSessionsRefusal {
    /// It is there, and `If-None-Match` was `*`.
    NotModified,
    /// The body is no strict JSON, or the query or a header cannot be read.
    BadRequest(types::Problem),
    /// The access token is missing, invalid or expired, or its session ended; at a login, the credentials are wrong.
    Unauthorized(types::Problem),
    /// The token's scope does not open it (`insufficient-scope`), or what `code` says stands against it.
    Forbidden(types::Problem),
    /// If-Match or If-None-Match does not hold.
    PreconditionFailed(types::Problem),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, or cannot tell whether the token is good. The same request may be sent again.
    ServiceUnavailable(types::Problem),
    /// The fault is the service's, or it took too long.
    ServerError(types::Problem),
}

/// How [`Client::create_session`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum CreateSessionRefusal {
    /// The body is no strict JSON, or the query or a header cannot be read.
    BadRequest(types::Problem),
    /// The access token is missing, invalid or expired, or its session ended; at a login, the credentials are wrong.
    Unauthorized(types::Problem),
    /// The body is too large. Above 10 MB API Gateway answers by itself, with `application/json` and a `message`.
    PayloadTooLarge(types::Problem),
    /// The body's media type is another one.
    UnsupportedMediaType(types::Problem),
    /// Members of the body are invalid or unknown; `errors` has all of them.
    UnprocessableEntity(types::Problem),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, or cannot tell whether the token is good. The same request may be sent again.
    ServiceUnavailable(types::Problem),
    /// The fault is the service's, or it took too long.
    ServerError(types::Problem),
}

/// What [`Client::end_all_sessions`] takes besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndAllSessionsParameters {
    /// Entity tags of which one has to be the current one, or `*` (RFC 9110 section 13.1.1).
    pub if_match: Option<String>,
    /// Entity tags of which none may be the current one, or `*` (RFC 9110 section 13.1.2).
    pub if_none_match: Option<String>,
}

/// How [`Client::end_all_sessions`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum EndAllSessionsRefusal {
    /// The body is no strict JSON, or the query or a header cannot be read.
    BadRequest(types::Problem),
    /// The access token is missing, invalid or expired, or its session ended; at a login, the credentials are wrong.
    Unauthorized(types::Problem),
    /// The token's scope does not open it (`insufficient-scope`), or what `code` says stands against it.
    Forbidden(types::Problem),
    /// If-Match or If-None-Match does not hold.
    PreconditionFailed(types::Problem),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, or cannot tell whether the token is good. The same request may be sent again.
    ServiceUnavailable(types::Problem),
    /// The fault is the service's, or it took too long.
    ServerError(types::Problem),
}

/// What [`Client::end_session`] takes besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndSessionParameters {
    /// Entity tags of which one has to be the current one, or `*` (RFC 9110 section 13.1.1).
    pub if_match: Option<String>,
    /// Entity tags of which none may be the current one, or `*` (RFC 9110 section 13.1.2).
    pub if_none_match: Option<String>,
}

/// How [`Client::end_session`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum EndSessionRefusal {
    /// The body is no strict JSON, or the query or a header cannot be read.
    BadRequest(types::Problem),
    /// The access token is missing, invalid or expired, or its session ended; at a login, the credentials are wrong.
    Unauthorized(types::Problem),
    /// The token's scope does not open it (`insufficient-scope`), or what `code` says stands against it.
    Forbidden(types::Problem),
    /// There is no such thing, or it is somebody else's.
    NotFound(types::Problem),
    /// If-Match or If-None-Match does not hold.
    PreconditionFailed(types::Problem),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, or cannot tell whether the token is good. The same request may be sent again.
    ServiceUnavailable(types::Problem),
    /// The fault is the service's, or it took too long.
    ServerError(types::Problem),
}

/// What [`Client::list_tags`] takes besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListTagsParameters {
    /// How many items to answer with at most. 0 is 20; over 100 counts as 100.
    pub page_size: Option<i64>,
    /// The `next_cursor` of the page before. Anything else is 400.
    pub cursor: Option<String>,
    /// Entity tags of which one has to be the current one, or `*` (RFC 9110 section 13.1.1).
    pub if_match: Option<String>,
    /// Entity tags of which none may be the current one, or `*` (RFC 9110 section 13.1.2).
    pub if_none_match: Option<String>,
}

/// How [`Client::list_tags`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum ListTagsRefusal {
    /// It is there, and `If-None-Match` was `*`.
    NotModified,
    /// The body is no strict JSON, or the query or a header cannot be read.
    BadRequest(types::Problem),
    /// The access token is missing, invalid or expired, or its session ended; at a login, the credentials are wrong.
    Unauthorized(types::Problem),
    /// The token's scope does not open it (`insufficient-scope`), or what `code` says stands against it.
    Forbidden(types::Problem),
    /// If-Match or If-None-Match does not hold.
    PreconditionFailed(types::Problem),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, or cannot tell whether the token is good. The same request may be sent again.
    ServiceUnavailable(types::Problem),
    /// The fault is the service's, or it took too long.
    ServerError(types::Problem),
}

/// How [`Client::register_user`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum RegisterUserRefusal {
    /// The body is no strict JSON, or the query or a header cannot be read.
    BadRequest(types::Problem),
    /// It stands against what is there; `code` tells.
    Conflict(types::Problem),
    /// The body is too large. Above 10 MB API Gateway answers by itself, with `application/json` and a `message`.
    PayloadTooLarge(types::Problem),
    /// The body's media type is another one.
    UnsupportedMediaType(types::Problem),
    /// Members of the body are invalid or unknown; `errors` has all of them.
    UnprocessableEntity(types::Problem),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, or cannot tell whether the token is good. The same request may be sent again.
    ServiceUnavailable(types::Problem),
    /// The fault is the service's, or it took too long.
    ServerError(types::Problem),
}

/// What [`Client::get_current_user`] takes besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GetCurrentUserParameters {
    /// Entity tags of which one has to be the current one, or `*` (RFC 9110 section 13.1.1).
    pub if_match: Option<String>,
    /// Entity tags of which none may be the current one, or `*` (RFC 9110 section 13.1.2).
    pub if_none_match: Option<String>,
}

/// How [`Client::get_current_user`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum GetCurrentUserRefusal {
    /// The client has the current version.
    NotModified,
    /// The body is no strict JSON, or the query or a header cannot be read.
    BadRequest(types::Problem),
    /// The access token is missing, invalid or expired, or its session ended; at a login, the credentials are wrong.
    Unauthorized(types::Problem),
    /// The token's scope does not open it (`insufficient-scope`), or what `code` says stands against it.
    Forbidden(types::Problem),
    /// If-Match or If-None-Match does not hold.
    PreconditionFailed(types::Problem),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, or cannot tell whether the token is good. The same request may be sent again.
    ServiceUnavailable(types::Problem),
    /// The fault is the service's, or it took too long.
    ServerError(types::Problem),
}

/// What [`Client::delete_current_user`] takes besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteCurrentUserParameters {
    /// Entity tags of which one has to be the current one, or `*` (RFC 9110 section 13.1.1).
    pub if_match: Option<String>,
    /// Entity tags of which none may be the current one, or `*` (RFC 9110 section 13.1.2).
    pub if_none_match: Option<String>,
}

/// How [`Client::delete_current_user`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum DeleteCurrentUserRefusal {
    /// The body is no strict JSON, or the query or a header cannot be read.
    BadRequest(types::Problem),
    /// The access token is missing, invalid or expired, or its session ended; at a login, the credentials are wrong.
    Unauthorized(types::Problem),
    /// The token's scope does not open it (`insufficient-scope`), or what `code` says stands against it.
    Forbidden(types::Problem),
    /// If-Match or If-None-Match does not hold.
    PreconditionFailed(types::Problem),
    /// The body is too large. Above 10 MB API Gateway answers by itself, with `application/json` and a `message`.
    PayloadTooLarge(types::Problem),
    /// The body's media type is another one.
    UnsupportedMediaType(types::Problem),
    /// Members of the body are invalid or unknown; `errors` has all of them.
    UnprocessableEntity(types::Problem),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, or cannot tell whether the token is good. The same request may be sent again.
    ServiceUnavailable(types::Problem),
    /// The fault is the service's, or it took too long.
    ServerError(types::Problem),
}

/// What [`Client::update_current_user`] takes besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UpdateCurrentUserParameters {
    /// Entity tags of which one has to be the current one, or `*` (RFC 9110 section 13.1.1).
    pub if_match: Option<String>,
    /// Entity tags of which none may be the current one, or `*` (RFC 9110 section 13.1.2).
    pub if_none_match: Option<String>,
}

/// How [`Client::update_current_user`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum UpdateCurrentUserRefusal {
    /// The body is no strict JSON, or the query or a header cannot be read.
    BadRequest(types::Problem),
    /// The access token is missing, invalid or expired, or its session ended; at a login, the credentials are wrong.
    Unauthorized(types::Problem),
    /// The token's scope does not open it (`insufficient-scope`), or what `code` says stands against it.
    Forbidden(types::Problem),
    /// If-Match or If-None-Match does not hold.
    PreconditionFailed(types::Problem),
    /// The body is too large. Above 10 MB API Gateway answers by itself, with `application/json` and a `message`.
    PayloadTooLarge(types::Problem),
    /// The body's media type is another one.
    UnsupportedMediaType(types::Problem),
    /// Members of the body are invalid or unknown; `errors` has all of them.
    UnprocessableEntity(types::Problem),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, or cannot tell whether the token is good. The same request may be sent again.
    ServiceUnavailable(types::Problem),
    /// The fault is the service's, or it took too long.
    ServerError(types::Problem),
}

/// What [`Client::change_password`] takes besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangePasswordParameters {
    /// Entity tags of which one has to be the current one, or `*` (RFC 9110 section 13.1.1).
    pub if_match: Option<String>,
    /// Entity tags of which none may be the current one, or `*` (RFC 9110 section 13.1.2).
    pub if_none_match: Option<String>,
}

/// How [`Client::change_password`] may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum ChangePasswordRefusal {
    /// The body is no strict JSON, or the query or a header cannot be read.
    BadRequest(types::Problem),
    /// The access token is missing, invalid or expired, or its session ended; at a login, the credentials are wrong.
    Unauthorized(types::Problem),
    /// The token's scope does not open it (`insufficient-scope`), or what `code` says stands against it.
    Forbidden(types::Problem),
    /// If-Match or If-None-Match does not hold.
    PreconditionFailed(types::Problem),
    /// The body is too large. Above 10 MB API Gateway answers by itself, with `application/json` and a `message`.
    PayloadTooLarge(types::Problem),
    /// The body's media type is another one.
    UnsupportedMediaType(types::Problem),
    /// Members of the body are invalid or unknown; `errors` has all of them.
    UnprocessableEntity(types::Problem),
    /// Too many attempts, or more requests than the API takes.
    TooManyRequests(types::Problem),
    /// The service is busy, or cannot tell whether the token is good. The same request may be sent again.
    ServiceUnavailable(types::Problem),
    /// The fault is the service's, or it took too long.
    ServerError(types::Problem),
}

/// An answer's body, by its media type.
#[derive(Clone, Debug, PartialEq)]
pub enum OAuthFaultBody {
    /// `application/json`
    Json(types::OAuthError),
    /// `application/problem+json`
    ProblemJson(types::Problem),
}

impl OAuthFaultBody {
    fn read<E>(answer: Answer<Vec<u8>>) -> Result<Answer<Self>, Error<E>> {
        if is_of(&answer, "application/json") {
            return Ok(json(answer, "application/json")?.map(Self::Json));
        }
        if is_of(&answer, "application/problem+json") {
            return Ok(json(answer, "application/problem+json")?.map(Self::ProblemJson));
        }

        Err(Error::Undescribed(Box::new(answer)))
    }
}

/// An answer's body, by its media type.
#[derive(Clone, Debug, PartialEq)]
pub enum OAuthUnauthorizedBody {
    /// `application/json`
    Json(types::OAuthError),
    /// `application/problem+json`
    ProblemJson(types::Problem),
}

impl OAuthUnauthorizedBody {
    fn read<E>(answer: Answer<Vec<u8>>) -> Result<Answer<Self>, Error<E>> {
        if is_of(&answer, "application/json") {
            return Ok(json(answer, "application/json")?.map(Self::Json));
        }
        if is_of(&answer, "application/problem+json") {
            return Ok(json(answer, "application/problem+json")?.map(Self::ProblemJson));
        }

        Err(Error::Undescribed(Box::new(answer)))
    }
}

/// An answer's body, by its media type.
#[derive(Clone, Debug, PartialEq)]
pub enum OAuthUnavailableBody {
    /// `application/json`
    Json(types::OAuthError),
    /// `application/problem+json`
    ProblemJson(types::Problem),
}

impl OAuthUnavailableBody {
    fn read<E>(answer: Answer<Vec<u8>>) -> Result<Answer<Self>, Error<E>> {
        if is_of(&answer, "application/json") {
            return Ok(json(answer, "application/json")?.map(Self::Json));
        }
        if is_of(&answer, "application/problem+json") {
            return Ok(json(answer, "application/problem+json")?.map(Self::ProblemJson));
        }

        Err(Error::Undescribed(Box::new(answer)))
    }
}

/// An answer's body, by its media type.
#[derive(Clone, Debug, PartialEq)]
pub enum RefreshUnavailableBody {
    /// `application/json`
    Json(types::OAuthError),
    /// `application/problem+json`
    ProblemJson(types::Problem),
}

impl RefreshUnavailableBody {
    fn read<E>(answer: Answer<Vec<u8>>) -> Result<Answer<Self>, Error<E>> {
        if is_of(&answer, "application/json") {
            return Ok(json(answer, "application/json")?.map(Self::Json));
        }
        if is_of(&answer, "application/problem+json") {
            return Ok(json(answer, "application/problem+json")?.map(Self::ProblemJson));
        }

        Err(Error::Undescribed(Box::new(answer)))
    }
}
