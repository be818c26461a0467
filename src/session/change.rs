//! How every verb that changes something does it: read the lease, plan, take the lease, walk, free the lease.

use std::cell::Cell;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use tokio::join;

use super::{Exit, Failure, Foresight, Session, assembly};
use crate::apply::{Because, Outcome};
use crate::aws::lease::{Claim, Held, Leavings, Seen, Taking};
use crate::aws::{self, Aws};
use crate::drift::{Last, Left};
use crate::plan::Plan;
use crate::resource::Resource;
use crate::ui::summary::Summary;

/// Between two looks at a lease that is waited for.
const LOOK: Duration = Duration::from_secs(2);

/// How often to plan anew because somebody else was first, before giving up.
const ROUNDS: usize = 10;

/// The flags of every verb that changes something.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct LeaseArgs {
    /// Wait for up to so many seconds while somebody else holds the stage's lease
    #[arg(long, value_name = "SECONDS")]
    pub wait: Option<u64>,
}

/// A change of the cloud that is about to be made.
pub struct Change<'a> {
    pub session: &'a Session,
    pub aws: &'a Aws,
    /// As the lease tells it to others: `deploy`.
    pub verb: &'static str,
    pub lease: &'a LeaseArgs,
}

/// How far the lease is when the plan is made.
#[derive(Debug)]
enum Lease {
    Seen(Seen),
    /// Taken, or not, and what the run before left.
    Taken(Taking, Last),
}

/// A change that was made, as far as it went.
#[derive(Debug)]
pub struct Changed {
    pub plan: Plan<Resource>,
    pub outcome: Outcome<aws::Error>,
    /// It tells the calls of the whole run.
    pub summary: Summary,
}

impl Changed {
    /// The exit code of a verb that did nothing else.
    pub fn exit(&self) -> Exit {
        match (self.outcome.succeeded(), self.outcome.interrupted()) {
            (true, _) => Exit::Done,
            (false, true) => Exit::Interrupted,
            (false, false) => Exit::Failed,
        }
    }
}

impl Change<'_> {
    /// Makes the change that `plan` finds to be made, once `approve` has shown it, and what was found beside it, and has
    /// agreed. Both are asked again when somebody else changed something meanwhile. A plan without work needs no lease
    /// and takes none.
    pub async fn make<T>(
        self,
        plan: impl AsyncFn(&Aws, &Foresight) -> Result<(Plan<Resource>, T), Failure>,
        approve: impl Fn(&Plan<Resource>, &T, &Aws) -> Result<(), Failure>,
    ) -> Result<Changed, Failure> {
        Ok(self.make_and_look(plan, approve, async |_, _| ()).await?.0)
    }

    /// As [`Self::make`], with a `look` at what has become of it, while the lease is freed.
    pub async fn make_and_look<T, R>(
        self,
        plan: impl AsyncFn(&Aws, &Foresight) -> Result<(Plan<Resource>, T), Failure>,
        approve: impl Fn(&Plan<Resource>, &T, &Aws) -> Result<(), Failure>,
        look: impl AsyncFn(&Plan<Resource>, &Outcome<aws::Error>) -> R,
    ) -> Result<(Changed, R), Failure> {
        let begun = Instant::now();
        let asking = Cell::new(Duration::ZERO);
        let approve = |plan: &Plan<Resource>, beside: &T, aws: &Aws| {
            let asked = Instant::now();
            let answer = approve(plan, beside, aws);
            asking.set(asking.get() + asked.elapsed());
            answer
        };
        let (plan, held) = self.prepare(plan, approve).await?;
        let (outcome, looked) = if let Some(held) = held {
            let outcome = self.walk(&plan, &held).await;
            let left = Left::after(held.leavings().left.clone(), &plan, &outcome);
            let (looked, ()) = join!(look(&plan, &outcome), self.free(held, Some(left)));
            (outcome, looked)
        } else {
            let outcome = assembly::walk(&plan, self.session, self.aws, || None).await;
            let looked = look(&plan, &outcome).await;
            (outcome, looked)
        };
        // A person's time to think is none of the run's.
        let time = begun.elapsed().saturating_sub(asking.get());
        let summary = Summary::new(&plan, &outcome, self.aws.counter.count(), time);
        Ok((Changed { plan, outcome, summary }, looked))
    }

    /// A plan that is approved, and the lease for it if there is work.
    async fn prepare<T>(
        &self,
        plan: impl AsyncFn(&Aws, &Foresight) -> Result<(Plan<Resource>, T), Failure>,
        approve: impl Fn(&Plan<Resource>, &T, &Aws) -> Result<(), Failure>,
    ) -> Result<(Plan<Resource>, Option<Held>), Failure> {
        let mut approved = None;
        for _ in 0..ROUNDS {
            let foresight = Foresight::new(!self.session.ui.asks());
            let planning = async {
                let planned = plan(self.aws, &foresight).await;
                foresight.over();
                planned
            };
            let (lease, planned) = join!(self.foresee(&foresight), planning);
            let seen = match lease? {
                Lease::Taken(Taking::Held(held), last) => {
                    let approved = planned.and_then(|(planned, beside)| {
                        let planned = planned.drifted(&last);
                        if approved.as_ref() != Some(&planned) {
                            approve(&planned, &beside, self.aws)?;
                        }
                        Ok(planned)
                    });
                    return match approved {
                        Ok(planned) if !planned.is_empty() => Ok((planned, Some(held))),
                        nothing => {
                            // Roles may have been made while the handlers were built.
                            let left = held.leavings().left.clone().map(|left| left.unsure(&self.aws.directory.made()));
                            self.free(held, left).await;
                            nothing.map(|planned| (planned, None))
                        }
                    };
                }
                Lease::Taken(Taking::First(seen), _) => {
                    self.second(&seen).await?;
                    continue;
                }
                Lease::Seen(seen) => seen,
            };
            if let Some(claim) = seen.held() {
                self.lease.wait(claim, self.session, self.aws).await?;
                self.aws.directory.forget();
                continue;
            }
            let (mut planned, mut beside) = planned?;
            if !planned.is_empty() && !seen.is_quiet(self.aws) {
                // What was read beside the lease may be older than what its last holder did.
                self.aws.directory.forget();
                (planned, beside) = plan(self.aws, &foresight).await?;
            }
            let planned = planned.drifted(&seen.last());
            if approved.as_ref() != Some(&planned) {
                approve(&planned, &beside, self.aws)?;
            }
            if planned.is_empty() {
                return Ok((planned, None));
            }
            // Not to be left halfway by an interrupt: a lease that is taken must be freed.
            match seen.take(self.aws, self.verb).await? {
                Taking::Held(held) => return Ok((planned, Some(held))),
                Taking::First(seen) => self.second(&seen).await?,
            }
            approved = Some(planned);
        }
        Err(Failure::Other {
            error: format!("cannot take the lease of {}: in {ROUNDS} tries somebody else was first", self.stage()),
            hint: Some("run the same command again when less is going on".to_owned()),
        })
    }

    /// Reads the lease, and takes it already when it is certain before the plan is made that there will be work.
    async fn foresee(&self, foresight: &Foresight) -> Result<Lease, Failure> {
        let lease = self.try_foresee(foresight).await;
        foresight.settle(matches!(lease, Ok(Lease::Taken(Taking::Held(_), _))));
        lease
    }

    async fn try_foresee(&self, foresight: &Foresight) -> Result<Lease, Failure> {
        let seen = self.session.interrupt.unless(Seen::reading(self.aws)).await??;
        if seen.held().is_some() || !seen.is_quiet(self.aws) || !foresight.is_work().await {
            return Ok(Lease::Seen(seen));
        }
        // Not to be left halfway by an interrupt: a lease that is taken must be freed.
        let last = seen.last();
        Ok(Lease::Taken(seen.take(self.aws, self.verb).await?, last))
    }

    /// Makes ready to plan again, because somebody else has the lease, or had it meanwhile.
    async fn second(&self, seen: &Seen) -> Result<(), Failure> {
        match seen.held() {
            Some(claim) => self.lease.wait(claim, self.session, self.aws).await?,
            None => self.session.ui.talk("somebody else was first: planning again"),
        }
        self.aws.directory.forget();
        Ok(())
    }

    /// Frees the lease, and leaves beside it what is live then.
    async fn free(&self, held: Held, left: Option<Left>) {
        let granted = self.aws.directory.granted().and_then(|granted| {
            let ago = SignedDuration::try_from(granted.elapsed()).ok()?;
            self.aws.skew.now().checked_sub(ago).ok()
        });
        let held = held.leaving(Leavings { left, granted });
        if let Err(error) = held.free().await {
            let hint = "nobody else can change the stage until it runs out, some minutes from now";
            self.session.ui.error(&error, Some(error.hint.as_deref().unwrap_or(hint)));
        }
    }

    async fn walk(&self, plan: &Plan<Resource>, held: &Held) -> Outcome<aws::Error> {
        let stop = || held.lost().map(|_| Because::LeaseLost);
        let outcome = assembly::walk(plan, self.session, self.aws, stop).await;
        if let Some(lost) = held.lost()
            && !outcome.succeeded()
        {
            self.session.ui.fail(&Failure::Lost { stage: self.stage(), lost });
        }
        outcome
    }

    fn stage(&self) -> String {
        stage(self.aws)
    }
}

impl LeaseArgs {
    /// Waits for as long as `--wait` allows until whoever holds the lease holds it no more.
    pub async fn wait(&self, claim: &Claim, session: &Session, aws: &Aws) -> Result<(), Failure> {
        let held = |claim: &Claim| Failure::Held { stage: stage(aws), claim: Box::new(claim.clone()) };
        let limit = self.wait.map(Duration::from_secs).ok_or_else(|| held(claim))?;
        session.ui.talk(format_args!("waiting up to {} s: {}", limit.as_secs(), held(claim)));
        let begun = Instant::now();
        let mut last = claim.clone();
        while aws.clock.since(begun) < limit {
            session.interrupt.unless(aws.clock.sleep(LOOK)).await?;
            match session.interrupt.unless(Seen::reading(aws)).await??.held() {
                Some(claim) => last = claim.clone(),
                None => return Ok(()),
            }
        }
        Err(held(&last))
    }
}

fn stage(aws: &Aws) -> String {
    format!("{}/{}", aws.scope.stack, aws.scope.stage)
}
