//! A token that a client presents to be revoked or looked at.

use jwt::{Claims, Demand, Error};
use service::{Problem, Request};

use crate::Auth;
use crate::refresh::RefreshToken;

/// What a text is, as far as its signature tells: not whether it is still good.
#[derive(Clone, Debug)]
pub(crate) enum Presented {
    Access(Claims),
    Refresh(RefreshToken),
    Neither,
}

impl Presented {
    /// Reads `text`: hints of its type are not needed, as the two share no form.
    pub(crate) async fn read(auth: &Auth, request: &Request, text: &str) -> Result<Self, Problem> {
        let now = request.seconds();
        if let Some(token) = RefreshToken::parse(text, &*auth.refresh.get(now).await?) {
            return Ok(Self::Refresh(token));
        }
        let issuer = request.issuer()?;
        let demand = Demand { issuer, audiences: &[issuer], now };
        let claims = match Claims::authenticate(text, auth.signing.get(now).await?.public(), &demand) {
            // Another instance may sign with a key that was made after the last look.
            Err(Error::UnknownKey) => Claims::authenticate(text, auth.signing.refresh(now).await?.public(), &demand),
            known => known,
        };
        Ok(claims.map_or(Self::Neither, Self::Access))
    }
}
