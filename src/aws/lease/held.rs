//! A lease that this process holds, and its heartbeat.

use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::claim::{Claim, EXPIRY};
use super::content::{Content, Leavings};
use super::fence::{Fence, Lost, Moment};
use super::store::{Object, Store, is_open};
use super::{PAUSE, TAKING};
use crate::aws::Error;

/// Between two renewals: three may fail before the lease expires.
const BEAT: Duration = Duration::from_secs(EXPIRY.as_secs() / 4);

/// Between a renewal that failed and the next.
const SOON: Duration = Duration::from_secs(1);

/// The lease, held and renewed until it is freed. Dropping it stops the renewals, as a kill would.
#[derive(Debug)]
pub struct Held {
    fence: Fence,
    leavings: Leavings,
    stop: watch::Sender<bool>,
    /// Gives the lease back when it is told to stop.
    beating: Option<JoinHandle<Beating>>,
}

/// What the heartbeat works on.
#[derive(Debug)]
struct Beating {
    store: Store,
    fence: Fence,
    claim: Claim,
    etag: String,
}

impl Held {
    /// A lease that was written at `moment` with the etag `etag`. What `before` has was left by the run before.
    pub(super) fn new(
        store: Store,
        fence: &Fence,
        (claim, etag): (Claim, String),
        moment: Moment,
        before: Leavings,
    ) -> Self {
        let fence = fence.clone();
        // A fence of an earlier lease of this run.
        fence.open();
        fence.hold(moment.after(store.terms.expiry));
        let (stop, stopped) = watch::channel(false);
        let beating = Beating { store, fence: fence.clone(), claim, etag };
        Self { fence, leavings: before, stop, beating: Some(tokio::spawn(beating.run(stopped))) }
    }

    /// What is left to the next run when the lease is freed: what the run before left, until [`Self::leaving`] says
    /// otherwise.
    pub fn leavings(&self) -> &Leavings {
        &self.leavings
    }

    /// Leaves `leavings` to the next run.
    #[must_use]
    pub fn leaving(mut self, leavings: Leavings) -> Self {
        self.leavings = leavings;
        self
    }

    /// Whether the lease was lost: by the clocks, or because the heartbeat found somebody else's.
    pub fn lost(&self) -> Option<Lost> {
        self.fence.check().err()
    }

    /// Frees the lease, so that others need not wait until it expires. One that was lost is left alone.
    pub async fn free(mut self) -> Result<(), Error> {
        self.stop.send_replace(true);
        let Some(beating) = self.beating.take() else { return Ok(()) };
        let freed = match beating.await {
            Ok(beating) => beating.free(std::mem::take(&mut self.leavings)).await,
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        };
        // Who has lost the lease has nothing more to change.
        if self.lost().is_none() {
            self.fence.open();
        }
        freed
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(beating) = &self.beating {
            beating.abort();
        }
    }
}

impl Beating {
    /// Renews the lease until it is told to stop, or it is lost.
    async fn run(mut self, mut stopped: watch::Receiver<bool>) -> Self {
        let mut pause = BEAT;
        loop {
            tokio::select! {
                _ = stopped.wait_for(|stop| *stop) => return self,
                () = self.store.clock.sleep(pause) => {}
            }
            pause = match self.renew().await {
                Ok(()) => BEAT,
                Err(error) => {
                    self.fence.complain(&error);
                    SOON
                }
            };
            if self.fence.check().is_err() {
                // The sender lives until this is told to stop, or dropped.
                let _ = stopped.wait_for(|stop| *stop).await;
                return self;
            }
        }
    }

    async fn renew(&mut self) -> Result<(), Error> {
        let moment = Moment::now();
        let renewed = self.claim.renewed(self.store.now(), self.store.terms);
        match self.store.put(&renewed.clone().into(), Some(&self.etag)).await {
            Ok(etag) => {
                self.etag = etag;
                self.claim = renewed;
                self.fence.hold(moment.after(self.store.terms.expiry));
                Ok(())
            }
            // An earlier renewal may have happened though its answer got lost.
            Err(error) if is_open(&error) => self.find().await.and(Err(error)),
            Err(error) => Err(error),
        }
    }

    /// Reads the lease; `None`, and a closed fence, when it is not ours any more.
    async fn find(&mut self) -> Result<Option<Claim>, Error> {
        match self.store.get().await? {
            Object::There { etag, content } if content.claim.token == self.claim.token => {
                self.etag = etag;
                return Ok(Some(content.claim));
            }
            Object::There { content, .. } => self.fence.close(Lost::To(Box::new(content.claim))),
            Object::Absent | Object::NoBucket => self.fence.close(Lost::Deleted),
        }
        Ok(None)
    }

    async fn free(mut self, leavings: Leavings) -> Result<(), Error> {
        let begun = Instant::now();
        let mut freed = Content { claim: self.claim.clone(), leavings };
        loop {
            freed.claim = self.claim.freed(self.store.now());
            let error = match self.store.put(&freed, Some(&self.etag)).await {
                Ok(_) => return Ok(()),
                Err(error) if is_open(&error) => error,
                Err(error) => return Err(error),
            };
            let known = self.etag.clone();
            // It is somebody else's now, or it was freed though the answer got lost.
            if self.find().await?.is_none_or(|claim| claim.freed.is_some()) {
                return Ok(());
            }
            if begun.elapsed() > TAKING {
                return Err(error);
            }
            if known == self.etag {
                self.store.clock.sleep(PAUSE).await;
            }
        }
    }
}
