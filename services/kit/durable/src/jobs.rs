//! Timers and effects: rows written in the transaction of their cause (R4).
//!
//! A job is unique by kind, subject and generation, and carries an absolute instant. Whoever
//! claims it holds a lease and a token; the handler's own transaction makes it `done` only while
//! the token is still its own, and the number of rows decides (R3). A handler reads its aggregate
//! again and does nothing if the need is gone.

mod changes;
mod claim;
mod open;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;
use uuid::Uuid;
use visits_core::{Fault, Timestamp, clock::from_micros, kill_point, kill_point_of};

use crate::beside::Beside;
use crate::durable::Durable;
use crate::entity::jobs;
use crate::fault::db_fault;
use crate::inbox::ALREADY_HANDLED;
use crate::trace;
use crate::worker::{Verdict, Worker, one_try, retry_at, verdict};

pub use changes::JobChange;
pub(crate) use changes::{armed, cancelled, done, was_held};
use changes::{finish, held_by};
pub(crate) use open::{counts, is_parked, pending_kinds, pending_kinds_of};

/// What is not finished.
pub(crate) const OPEN: &str = "state IN ('armed', 'claimed', 'parked')";
/// What the clock brings back: at its instant, or when the lease of whoever claimed it is over.
pub(crate) const WAITING: &str = "state IN ('armed', 'claimed')";
/// What waits for an operator.
pub(crate) const PARKED: &str = "state = 'parked'";
/// What an operator has given up on.
pub(crate) const DISCARDED: &str = "state = 'discarded'";
/// Claimed together and run side by side, so that each begins as soon as it is claimed.
const BATCH_MAX: u64 = 12;
/// With those that are slow. If all of these hang, the rest waits for the first that is given up on.
const RUNNING_MAX: usize = 48;
/// Longer than any handler takes: its statements and its calls have limits of their own.
const PATIENCE: Duration = Duration::from_secs(120);

/// A job in the hands of its handler.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimedJob {
    /// Its identifier.
    pub id: Uuid,
    /// Its kind.
    pub kind: String,
    /// The aggregate's resource name.
    pub subject: String,
    /// The version of the aggregate that armed it.
    pub generation: i64,
    /// When it was due.
    pub due_at: Timestamp,
    /// How often it was tried, this time included.
    pub attempts: i32,
    /// What its handler needs besides the aggregate.
    pub payload: Value,
    pub(crate) token: Uuid,
    pub(crate) settled: Settled,
}

/// Whether a step has committed that ended the job. All copies of a job share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settled(Arc<AtomicBool>);

impl Settled {
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Two copies of a job are the same job.
impl PartialEq for Settled {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Does what a kind of job is for.
#[async_trait]
pub trait JobHandler: Send + Sync + 'static {
    /// The kind: `escalation.decision_overdue`.
    fn kind(&self) -> &'static str;
    /// How long one try may take: one that hangs must not keep everything else waiting.
    fn patience(&self) -> Duration {
        PATIENCE
    }
    /// Handles the job, ending in a unit of work with [`crate::Cause::Job`]; or returns without
    /// one if the need is gone.
    async fn run(&self, job: ClaimedJob) -> Result<(), Fault>;
}

/// Claims due jobs and hands them to their handlers, earliest first.
pub(crate) struct JobWorker {
    durable: Durable,
    handlers: HashMap<&'static str, Arc<dyn JobHandler>>,
}

impl JobWorker {
    pub(crate) fn new(durable: Durable, handlers: &[Arc<dyn JobHandler>]) -> Self {
        let handlers = handlers
            .iter()
            .map(|handler| (handler.kind(), handler.clone()))
            .collect();
        Self { durable, handlers }
    }

    async fn run(&self, job: ClaimedJob) -> Result<(), Fault> {
        let outcome = match self.handlers.get(job.kind.as_str()) {
            Some(handler) => self.handle(handler.as_ref(), &job).await,
            None => Err(Fault::fatal("no handler for this kind of job")),
        };
        kill_point_of("job.run.after", || job.kind.clone());
        if outcome.is_ok() && job.settled.is_set() {
            return Ok(());
        }
        match verdict(outcome, job.attempts) {
            Verdict::Done(note) => {
                let now = self.durable.now();
                let closed = self
                    .durable
                    .write(move |tx| Box::pin(async move { finish(tx, &job, note, now).await }))
                    .await;
                match closed {
                    Err(fault) if fault.reason == ALREADY_HANDLED => Ok(()),
                    closed => closed,
                }
            }
            Verdict::Retry(fault) => {
                let at = retry_at(self.durable.now(), job.attempts, job.id);
                self.give_back(job, "armed", at, &fault).await
            }
            Verdict::Park(fault) => {
                tracing::error!(
                    job.kind,
                    job.id = %job.id,
                    job.subject,
                    reason = fault.reason,
                    "job parked: {fault}"
                );
                let at = self.durable.now();
                self.give_back(job, "parked", at, &fault).await
            }
        }
    }

    /// Lets the handler work, with its claim renewed until it ends or takes too long. What it has begun
    /// to write then ends all the same, and finds that the claim is gone or is its own.
    async fn handle(&self, handler: &dyn JobHandler, job: &ClaimedJob) -> Result<(), Fault> {
        let handling = one_try(handler.patience(), handler.run(job.clone()));
        tokio::select! {
            outcome = trace::job(&self.durable, &job.kind).within(handling) => outcome,
            never = self.renew(job) => match never {},
        }
    }

    /// The next that are due, claimed.
    async fn claim_some(&self, room: usize) -> Result<Vec<ClaimedJob>, Fault> {
        let due = jobs::Entity::find()
            .filter(Self::next_of_its_subject(self.durable.now()))
            .order_by_asc(jobs::Column::NextAttemptAt)
            .order_by_asc(jobs::Column::Id)
            .limit(BATCH_MAX.min(room as u64))
            .all(self.durable.loop_reads())
            .await
            .map_err(db_fault)?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        self.claim(due).await
    }

    /// Runs these for a while: side by side, or one by one on SQLite, since there is one writer.
    async fn run_some<'a>(
        &'a self,
        claimed: Vec<ClaimedJob>,
        beside: &mut Beside<'a, Result<(), Fault>>,
    ) {
        let one_by_one = self.durable.pools().backend() == DbBackend::Sqlite;
        let slow = beside.len();
        for jobs in apart(claimed) {
            let running = self.run_in_turn(jobs).boxed();
            if one_by_one {
                beside.run(running).await;
            } else {
                beside.begin(running);
            }
        }
        if !one_by_one {
            beside.until_left(slow).await;
        }
    }

    /// Runs these, one after the other. One that an earlier one has cancelled has no effect: its
    /// claim no longer stands when it is to be marked done.
    async fn run_in_turn(&self, jobs: Vec<ClaimedJob>) -> Result<(), Fault> {
        for job in jobs {
            self.run(job).await?;
            kill_point("job.settle.after");
        }
        Ok(())
    }

    async fn give_back(
        &self,
        job: ClaimedJob,
        state: &'static str,
        next_attempt_at: Timestamp,
        fault: &Fault,
    ) -> Result<(), Fault> {
        let note = format!("{}: {fault}", fault.reason);
        self.durable
            .write(move |tx| {
                Box::pin(async move {
                    jobs::Entity::update_many()
                        .set(jobs::ActiveModel {
                            state: Set(state.to_owned()),
                            next_attempt_at: Set(next_attempt_at.as_microsecond()),
                            token: Set(None),
                            lease_until: Set(None),
                            note: Set(Some(note)),
                            ..Default::default()
                        })
                        .filter(held_by(&job))
                        .exec(tx)
                        .await
                        .map_err(db_fault)?;
                    Ok(())
                })
            })
            .await
    }
}

/// Jobs by subject, in the order of the first of each. Those of one subject take their turns: side by
/// side they would only meet each other's new version.
fn apart(claimed: Vec<ClaimedJob>) -> Vec<Vec<ClaimedJob>> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut apart: Vec<Vec<ClaimedJob>> = Vec::new();
    for job in claimed {
        let place = *places.entry(job.subject.clone()).or_insert(apart.len());
        if place == apart.len() {
            apart.push(Vec::new());
        }
        apart[place].push(job);
    }
    apart
}

#[async_trait]
impl Worker for JobWorker {
    fn name(&self) -> &'static str {
        "jobs"
    }

    /// Claims what is due, a batch at a time, until nothing is. A batch is waited for a while; what
    /// takes longer goes on beside the next ones.
    async fn tick(&self) -> Result<bool, Fault> {
        let mut beside = Beside::new();
        let (mut worked, mut failed) = (false, None);
        loop {
            let room = RUNNING_MAX.saturating_sub(beside.len());
            match self.claim_some(room).await {
                Ok(claimed) if !claimed.is_empty() => {
                    worked = true;
                    self.run_some(claimed, &mut beside).await;
                }
                outcome => {
                    failed = outcome.err().or(failed);
                    beside.until_left(beside.len().saturating_sub(1)).await;
                }
            }
            // Each to its end: a job that is given up on stays claimed until its lease is over.
            failed = beside.ended().into_iter().find_map(Result::err).or(failed);
            if beside.is_empty() {
                return failed.map_or(Ok(worked), Err);
            }
        }
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, Fault> {
        let next: Option<i64> = jobs::Entity::find()
            .select_only()
            .column(jobs::Column::NextAttemptAt)
            .filter(Expr::cust(WAITING))
            .filter(Self::first_in_line(self.durable.now()))
            .order_by_asc(jobs::Column::NextAttemptAt)
            .into_tuple()
            .one(self.durable.loop_reads())
            .await
            .map_err(db_fault)?;
        Ok(next.map(from_micros))
    }
}
