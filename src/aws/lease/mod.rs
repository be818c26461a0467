//! The lease that keeps two deploys of one stage apart: an object in the account's bucket, written on S3's conditions.
//!
//! It is read before what is live is read, and taken when there is something to do, on the condition that it is still
//! what was read: so nobody has changed anything between. Its holder renews it, and changes nothing once it has expired
//! ([`Fence`]). Who finds it expired takes it over when also the last call of its holder must be over. Freeing it writes
//! it once more, with what the run leaves to the next one ([`Leavings`]).
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>

mod claim;
mod content;
mod fence;
mod held;
mod rfc3339;
mod store;

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

pub use claim::{Claim, Holder};
pub use content::Leavings;
pub use fence::{Fence, Lost};
pub use held::Held;

use self::fence::Moment;
use self::store::{Object, Store, is_open};
use super::{Aws, Error};
use crate::drift::Last;

/// How long a write is tried whose answers get lost.
const TAKING: Duration = Duration::from_secs(20);

/// Between two tries of a write.
const PAUSE: Duration = Duration::from_millis(500);

/// How far apart two machines may take the cloud's clock to be.
const UNSURE: SignedDuration = SignedDuration::from_secs(5);

/// The lease as it was read.
#[derive(Clone, Debug)]
pub struct Seen {
    object: Object,
    /// When it was asked for, and when it was there.
    asked: Timestamp,
    at: Timestamp,
}

/// What became of an attempt to take the lease.
#[derive(Debug)]
pub enum Taking {
    Held(Held),
    /// Somebody was first, so that what was read before may not be true any more. Their lease may be over already.
    First(Seen),
}

impl Seen {
    /// Reads the lease.
    pub fn reading(aws: &Aws) -> impl Future<Output = Result<Self, Error>> + use<> {
        let store = Store::of(aws);
        let asked = store.now();
        async move { Self::read_from(&store, asked).await }
    }

    async fn read_from(store: &Store, asked: Timestamp) -> Result<Self, Error> {
        let object = store.get().await?;
        Ok(Self { object, asked, at: store.now() })
    }

    /// Who holds it; `None` when it can be taken.
    pub fn held(&self) -> Option<&Claim> {
        match &self.object {
            Object::NoBucket | Object::Absent => None,
            Object::There { content, .. } => content.claim.free_since(self.at).is_none().then_some(&content.claim),
        }
    }

    /// What is known of the run that had it last.
    pub fn last(&self) -> Last {
        match &self.object {
            Object::NoBucket | Object::Absent => Last::Untold,
            Object::There { content, .. } => match (&content.leavings.left, &content.claim) {
                (_, Claim { freed: None, holder, since, doing, .. }) => {
                    Last::Unfinished(format!("{holder} since {since:.0}, to {doing}"))
                }
                (Some(left), _) => Last::Left(left.clone()),
                (None, _) => Last::Untold,
            },
        }
    }

    /// The claim of the run that had it last, when that has not ended: it was killed, or is at work.
    pub fn unfinished(&self) -> Option<&Claim> {
        match &self.object {
            Object::NoBucket | Object::Absent => None,
            Object::There { content, .. } => content.claim.freed.is_none().then_some(&content.claim),
        }
    }

    /// What [`Self::last`] tells, for who has read what is live beside the lease: where that may be older than what the
    /// run left, it tells nothing.
    pub fn last_beside(&self, aws: &Aws) -> Last {
        match self.last() {
            Last::Left(_) if !self.is_quiet(aws) => Last::Untold,
            last => last,
        }
    }

    /// Whether nobody has held it since it was asked for, so that what was read beside it is as good as read after it.
    pub fn is_quiet(&self, aws: &Aws) -> bool {
        match &self.object {
            // A lease is never deleted: nobody ever had it.
            Object::NoBucket | Object::Absent => true,
            Object::There { content, .. } => {
                // On this machine there is one clock.
                let unsure = if aws.scope.local.is_some() { SignedDuration::ZERO } else { UNSURE };
                content.claim.free_since(self.at).is_some_and(|free| self.asked.duration_since(free) > unsure)
            }
        }
    }

    /// Takes the lease if it still is what was read, and holds it from then on, to do `doing`. [`Self::held`] must say
    /// that it can be taken.
    pub async fn take(mut self, aws: &Aws, doing: &str) -> Result<Taking, Error> {
        let store = Store::of(aws);
        let begun = Instant::now();
        // The lease is counted from before it is written, and all tries are one claim: any of them may be the one that
        // is written.
        let moment = Moment::now();
        let claim = Claim::new(&aws.author().await?.by, doing, store.now(), store.terms)?;
        let mut closed = Ok(());
        let held = |etag, before: &Object| {
            let before = before.leavings();
            if let Some(granted) = before.granted {
                let ago = store.now().duration_since(granted);
                aws.directory.put_earlier_grant(ago.try_into().unwrap_or_default());
            }
            Held::new(store.clone(), &aws.fence, (claim.clone(), etag), moment, before)
        };
        loop {
            let (written, now_closed) = self.write(&claim, &store, aws).await?;
            closed = closed.and(now_closed);
            let error = match written {
                Ok(etag) => return hold(held(etag, &self.object), closed, aws).await,
                Err(error) if !is_open(&error) => return Err(error),
                Err(error) => error,
            };
            let now = Self::read_from(&store, store.now()).await?;
            match &now.object {
                Object::There { etag, content } if content.claim.token == claim.token => {
                    return hold(held(etag.clone(), &self.object), closed, aws).await;
                }
                other if other.etag() != self.object.etag() => return Ok(Taking::First(now)),
                Object::There { .. } | Object::NoBucket | Object::Absent => {}
            }
            // Nothing has changed: the write did not happen, or not yet.
            if begun.elapsed() > TAKING {
                return Err(error);
            }
            self = now;
            store.clock.sleep(PAUSE).await;
        }
    }

    /// Writes `claim` over what was read, in a bucket that is made for it where there is none, and closed meanwhile.
    async fn write(&self, claim: &Claim, store: &Store, aws: &Aws) -> Result<(Result<String, Error>, Closed), Error> {
        let bucket = aws.bucket();
        let makes = self.object == Object::NoBucket;
        if makes {
            bucket.create().await?;
        }
        let close = async { if makes { bucket.close().await } else { Ok(()) } };
        let content = claim.clone().into();
        Ok(tokio::join!(store.put(&content, self.object.etag()), close))
    }
}

/// Whether a bucket that was made is closed to the public.
type Closed = Result<(), Error>;

/// Goes on with a lease that was taken, in a bucket that must be closed.
async fn hold(held: Held, closed: Closed, aws: &Aws) -> Result<Taking, Error> {
    match closed {
        Ok(()) => {
            aws.has_bucket.store(true, Ordering::Relaxed);
            Ok(Taking::Held(held))
        }
        Err(error) => held.free().await.and(Err(error)),
    }
}
