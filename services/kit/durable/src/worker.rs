//! The loops: sequencer, relay, inbox, jobs, sweep.
//!
//! Each is a [`Worker`] whose `tick` finds in the database what is left to do and does some of it.
//! In production a loop ticks until there is nothing, then waits for a signal, the next due
//! instant or at most a second. Tests and the demo drive the same ticks by
//! [`Workers::settle`] instead of waiting.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;
use visits_bus::{EventBus, Subscription};
use visits_core::{ErrorKind, Fault, SignedDuration, Timestamp, kill_point};

use crate::durable::Durable;
use crate::inbox::{ALREADY_HANDLED, Consumer, InboxWorker};
use crate::jobs::{JobHandler, JobWorker};
use crate::own_task::panic_text;
use crate::postgres;
use crate::relay::Relay;
use crate::sequencer::Sequencer;
use crate::sweep::Sweep;

const POLL: Duration = Duration::from_secs(1);
/// A look that found nothing is followed by none for so long: what is committed together is then
/// found together, and who finds what is due in somebody else's hands doesn't ask without a pause.
/// Whoever commits into silence waits for nothing.
const TOGETHER: Duration = Duration::from_millis(4);
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// A retry that comes back this often is not passing: about a quarter of an hour in all.
const ATTEMPTS_MAX: i32 = 12;
/// What is not found may be on its way; not for long.
const NOT_FOUND_ATTEMPTS_MAX: i32 = 5;
/// The reason of a fault that says: the handler came to no end.
const HANDLER_HUNG: &str = "HANDLER_HUNG";
/// What hangs takes up a place each time, and holds up its own aggregate.
const HUNG_ATTEMPTS_MAX: i32 = 3;
const BACKOFF_MAX_SECONDS: i64 = 120;
/// Far more rounds than any chain of events between services has links.
const SETTLE_ROUNDS_MAX: u32 = 100_000;

/// One loop's work.
#[async_trait]
pub trait Worker: Send + Sync + 'static {
    /// Its name in logs.
    fn name(&self) -> &'static str;
    /// Does some of what is left to do; whether there was anything.
    async fn tick(&self) -> Result<bool, Fault>;
    /// What tells it that there may be something to do.
    fn woken_by(&self) -> WokenBy {
        WokenBy::Commits
    }
    /// When there will be something to do, if that is known.
    async fn next_due(&self) -> Result<Option<Timestamp>, Fault> {
        Ok(None)
    }
}

/// What tells a loop to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WokenBy {
    /// A commit, here or in another process.
    Commits,
    /// A new place in the feed.
    Places,
}

/// Everything of a service that runs by itself.
pub struct ServiceParts {
    /// Its database.
    pub durable: Durable,
    /// The kinds of aggregate, of other services, whose events it hears.
    pub consumes: Vec<&'static str>,
    /// What it does about them.
    pub consumers: Vec<Arc<dyn Consumer>>,
    /// What its timers and effects do.
    pub jobs: Vec<Arc<dyn JobHandler>>,
    /// What its sweep derives again.
    pub sweeps: Vec<Arc<dyn Sweep>>,
}

/// The loops of one or more services.
#[derive(Clone, Default)]
pub struct Workers {
    loops: Vec<(Durable, Arc<dyn Worker>)>,
    sweeps: Vec<(Durable, Vec<Arc<dyn Sweep>>)>,
}

impl Workers {
    /// No loops yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a service's loops, and lets it hear what it consumes.
    pub async fn add(&mut self, parts: ServiceParts, bus: Arc<dyn EventBus>) -> Result<(), Fault> {
        let durable = parts.durable;
        if !parts.consumes.is_empty() {
            bus.subscribe(Subscription {
                group: durable.service(),
                aggregates: parts.consumes,
                receiver: durable.receiver(),
            })
            .await?;
        }
        let own: [Arc<dyn Worker>; 4] = [
            Arc::new(Sequencer::new(durable.clone())),
            Arc::new(Relay::new(durable.clone(), bus)),
            Arc::new(InboxWorker::new(durable.clone(), &parts.consumers)),
            Arc::new(JobWorker::new(durable.clone(), &parts.jobs)),
        ];
        self.loops
            .extend(own.into_iter().map(|worker| (durable.clone(), worker)));
        self.sweeps.push((durable, parts.sweeps));
        Ok(())
    }

    /// Runs every loop until none has anything left to do at the present instant.
    pub async fn settle(&self) -> Result<(), Fault> {
        for _ in 0..SETTLE_ROUNDS_MAX {
            let mut worked = false;
            for (_, worker) in &self.loops {
                worked |= worker.tick().await?;
            }
            if !worked {
                return Ok(());
            }
        }
        Err(Fault::fatal("the loops never came to rest"))
    }

    /// When the next timer of any service is due.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, Fault> {
        let mut earliest: Option<Timestamp> = None;
        for (_, worker) in &self.loops {
            if let Some(due) = worker.next_due().await? {
                earliest = Some(earliest.map_or(due, |earliest| earliest.min(due)));
            }
        }
        Ok(earliest)
    }

    /// Derives again what must exist, in every service; how many repairs it took. What one service
    /// can't do now keeps no other from its sweep; a step in the way is looked at next time.
    pub async fn sweep(&self) -> Result<u64, Fault> {
        let (mut repairs, mut failed) = (0, None);
        for (durable, sweeps) in &self.sweeps {
            for sweep in sweeps {
                kill_point("sweep.before");
                match sweep.sweep().await {
                    Ok(repaired) => repairs += repaired,
                    Err(fault) if fault.is_retryable() => {
                        tracing::info!(service = durable.service(), "swept later: {fault}");
                    }
                    Err(fault) => failed = Some(fault),
                }
            }
            if let Err(fault) = durable.forget_old_requests().await {
                failed = Some(fault);
            }
            if let Err(fault) = durable.tell_what_is_stuck().await {
                failed = Some(fault);
            }
            kill_point("sweep.after");
        }
        if repairs > 0 {
            tracing::error!(repairs, "the sweep repaired what must never be missing");
        }
        failed.map_or(Ok(repairs), Err)
    }

    /// Starts the loops; they end when `stop` is cancelled.
    pub fn spawn(&self, tracker: &TaskTracker, stop: &CancellationToken) {
        for (durable, _) in &self.sweeps {
            postgres::spawn_wake_ups(durable, tracker, stop);
        }
        for (durable, worker) in &self.loops {
            let (durable, worker, stop) = (durable.clone(), worker.clone(), stop.clone());
            tracker.spawn(async move {
                stop.run_until_cancelled(run(durable, worker)).await;
            });
        }
        let (all, stop) = (self.clone(), stop.clone());
        tracker.spawn(async move {
            stop.run_until_cancelled(async {
                loop {
                    if let Err(fault) = all.sweep().await {
                        tracing::warn!(reason = fault.reason, "the sweep did not end: {fault}");
                    }
                    tokio::time::sleep(SWEEP_EVERY).await;
                }
            })
            .await;
        });
    }
}

/// One loop, for ever: tick until there is nothing, then wait.
async fn run(durable: Durable, worker: Arc<dyn Worker>) {
    // Asked for before the first look, so that a commit during a look is not missed.
    let (mut commits, mut places) = (durable.commits(), durable.feed_head());
    loop {
        commits.borrow_and_update();
        places.borrow_and_update();
        match worker.tick().await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(fault) => {
                tracing::warn!(
                    worker = worker.name(),
                    service = durable.service(),
                    reason = fault.reason,
                    "will be tried again: {fault}"
                );
                tokio::time::sleep(POLL).await;
                continue;
            }
        }
        let looked = Instant::now();
        let wait = match idle_time(&durable, worker.as_ref()).await {
            Duration::ZERO => TOGETHER,
            wait => wait,
        };
        // Nobody sends any more only when the service is gone; the poll goes on then.
        let woken = async {
            match worker.woken_by() {
                WokenBy::Commits => commits.changed().await.is_ok(),
                WokenBy::Places => places.changed().await.is_ok(),
            }
        };
        let _ = tokio::time::timeout(wait, woken).await;
        tokio::time::sleep_until(looked + TOGETHER.min(wait)).await;
    }
}

async fn idle_time(durable: &Durable, worker: &dyn Worker) -> Duration {
    match worker.next_due().await {
        Ok(Some(due)) => Duration::try_from(due.duration_since(durable.now()))
            .unwrap_or(Duration::ZERO)
            .min(POLL),
        _ => POLL,
    }
}

/// What becomes of an event or a job after its handler has answered (docs/architecture.md).
pub(crate) enum Verdict {
    /// Nothing is left to do; a note if a rule refused.
    Done(Option<String>),
    /// Again, later.
    Retry(Fault),
    /// An operator must look.
    Park(Fault),
}

/// One try of a handler: that it panics, or comes to no end within its time, is a fault like others.
pub(crate) async fn one_try(
    patience: Duration,
    handling: impl Future<Output = Result<(), Fault>>,
) -> Result<(), Fault> {
    let caught = AssertUnwindSafe(handling).catch_unwind();
    match tokio::time::timeout(patience, caught).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => {
            let words = panic_text(panic.as_ref());
            Err(Fault::fatal(format!("panicked: {words}")))
        }
        Err(_) => {
            let words = format!("no end after {patience:?}");
            Err(Fault::new(ErrorKind::TimedOut, HANDLER_HUNG, words))
        }
    }
}

pub(crate) fn verdict(outcome: Result<(), Fault>, attempts: i32) -> Verdict {
    let Err(fault) = outcome else {
        return Verdict::Done(None);
    };
    match fault.kind {
        _ if fault.reason == ALREADY_HANDLED => Verdict::Done(None),
        ErrorKind::WrongState | ErrorKind::AlreadyExists => {
            Verdict::Done(Some(format!("refused, {}: {fault}", fault.reason)))
        }
        _ if fault.reason == HANDLER_HUNG && attempts >= HUNG_ATTEMPTS_MAX => Verdict::Park(fault),
        ErrorKind::NotFound if attempts < NOT_FOUND_ATTEMPTS_MAX => Verdict::Retry(fault),
        ErrorKind::Transient
        | ErrorKind::TimedOut
        | ErrorKind::Conflict
        | ErrorKind::LimitReached
            if attempts < ATTEMPTS_MAX =>
        {
            Verdict::Retry(fault)
        }
        _ => Verdict::Park(fault),
    }
}

/// Doubling from one second to two minutes, spread by a part that the item's own id decides, so
/// that what failed together doesn't come back together.
pub(crate) fn retry_at(now: Timestamp, attempts: i32, id: Uuid) -> Timestamp {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(7);
    let seconds = (1_i64 << doublings).min(BACKOFF_MAX_SECONDS);
    let spread_millis = i64::try_from(id.as_u128() % 500).unwrap_or(0);
    now + SignedDuration::from_millis(seconds * 1_000 + spread_millis)
}
