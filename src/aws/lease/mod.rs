//! The lease that keeps two deploys of one stage apart: an object in the account's bucket, written on S3's conditions.
//!
//! It is read before what is live is read, and taken when there is something to do, on the condition that it is still
//! what was read: so nobody has changed anything between. Its holder renews it, and changes nothing once it has expired
//! ([`Fence`]). Who finds it expired takes it over when also the last call of its holder must be over. Freeing it writes
//! it once more.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>

mod claim;
mod fence;
mod held;
mod store;

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

pub use claim::{Claim, Holder};
pub use fence::{Fence, Lost};
pub use held::Held;

use self::fence::Moment;
use self::store::{Object, Store, is_open};
use super::{Aws, Error};

/// How long a write is tried whose answers get lost.
const TAKING: Duration = Duration::from_secs(20);

/// Between two tries of a write.
const PAUSE: Duration = Duration::from_millis(500);

/// How far the clocks of two machines may be apart when what one has written is compared with what the other reads.
const SKEW: SignedDuration = SignedDuration::from_secs(5);

/// The lease as it was read.
#[derive(Clone, Debug)]
pub struct Seen {
    object: Object,
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
        async move { Self::read_from(&store).await }
    }

    async fn read_from(store: &Store) -> Result<Self, Error> {
        let object = store.get().await?;
        Ok(Self { object, at: store.now() })
    }

    /// Who holds it; `None` when it can be taken.
    pub fn held(&self) -> Option<&Claim> {
        match &self.object {
            Object::NoBucket | Object::Absent => None,
            Object::There { claim, .. } => claim.free_since(self.at).is_none().then_some(claim),
        }
    }

    /// Whether nobody has held it since `begun`, so that what was read from then on is as good as read after it.
    pub fn quiet_since(&self, begun: Timestamp, aws: &Aws) -> bool {
        match &self.object {
            // A lease is never deleted: nobody ever had it.
            Object::NoBucket | Object::Absent => true,
            Object::There { claim, .. } => {
                // On this machine there is one clock.
                let skew = if aws.scope.local.is_some() { SignedDuration::ZERO } else { SKEW };
                claim.free_since(self.at).is_some_and(|free| begun.duration_since(free) > skew)
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
        let claim = Claim::new(&aws.author.by, doing, store.now(), store.terms)?;
        loop {
            if self.object == Object::NoBucket {
                aws.bucket().ensure().await?;
            }
            let error = match store.put(&claim, self.object.etag()).await {
                Ok(etag) => return Ok(Taking::Held(Held::new(store, &aws.fence, claim, etag, moment))),
                Err(error) if !is_open(&error) => return Err(error),
                Err(error) => error,
            };
            let now = Self::read_from(&store).await?;
            match &now.object {
                Object::There { etag, claim: theirs } if theirs.token == claim.token => {
                    return Ok(Taking::Held(Held::new(store, &aws.fence, claim, etag.clone(), moment)));
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
}
