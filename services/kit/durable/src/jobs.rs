//! Timers and effects: rows written in the transaction of their cause (R4).
//!
//! A job is unique by kind, subject and generation, and carries an absolute instant. Whoever
//! claims it holds a lease and a token; the handler's own transaction makes it `done` only while
//! the token is still its own, and the number of rows decides (R3). A handler reads its aggregate
//! again and does nothing if the need is gone.

mod changes;

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::Value;
use uuid::Uuid;
use visits_core::{
    Fault, SignedDuration, Timestamp, clock::from_micros, kill_point, kill_point_of,
};

use crate::durable::Durable;
use crate::entity::jobs;
use crate::fault::db_fault;
use crate::inbox::ALREADY_HANDLED;
use crate::trace;
use crate::work::panic_text;
use crate::worker::{Verdict, Worker, retry_at, verdict};

pub use changes::JobChange;
pub(crate) use changes::{admit, apply, done};
use changes::{finish, held_by};

/// What is not finished.
pub(crate) const OPEN: &str = "state IN ('armed', 'claimed', 'parked')";
const BATCH_MAX: u64 = 50;
/// As many as there are connections for the loops: more would only wait for them.
const AT_ONCE_MAX: usize = 4;
/// A handler that takes longer loses its claim, and its effect with it: the token decides.
const LEASE: SignedDuration = SignedDuration::from_secs(4);

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
}

/// Does what a kind of job is for.
#[async_trait]
pub trait JobHandler: Send + Sync + 'static {
    /// The kind: `escalation.decision_overdue`.
    fn kind(&self) -> &'static str;
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

    /// Due and armed, or claimed by somebody whose lease has run out.
    fn claimable(now: Timestamp) -> Condition {
        let now = now.as_microsecond();
        Condition::any()
            .add(
                Condition::all()
                    .add(jobs::Column::State.eq("armed"))
                    .add(jobs::Column::NextAttemptAt.lte(now)),
            )
            .add(
                Condition::all()
                    .add(jobs::Column::State.eq("claimed"))
                    .add(jobs::Column::LeaseUntil.lt(now)),
            )
    }

    async fn claim(&self, row: jobs::Model) -> Result<Option<ClaimedJob>, Fault> {
        let (now, token) = (self.durable.now(), self.durable.new_id());
        let (id, attempts) = (row.id, row.attempts + 1);
        self.durable.cuts().pass("claim")?;
        kill_point_of("job.claim.before", || row.kind.clone());
        let claimed = self
            .durable
            .write(move |tx| {
                Box::pin(async move {
                    jobs::Entity::update_many()
                        .set(jobs::ActiveModel {
                            state: Set("claimed".to_owned()),
                            token: Set(Some(token)),
                            lease_until: Set(Some((now + LEASE).as_microsecond())),
                            attempts: Set(attempts),
                            ..Default::default()
                        })
                        .filter(jobs::Column::Id.eq(id))
                        .filter(Self::claimable(now))
                        .exec(tx)
                        .await
                        .map_err(db_fault)
                        .inspect(|_| kill_point("job.claim.before_commit"))
                })
            })
            .await?;
        kill_point_of("job.claim.after", || row.kind.clone());
        Ok((claimed.rows_affected == 1).then_some(ClaimedJob {
            id,
            kind: row.kind,
            subject: row.subject,
            generation: row.generation,
            due_at: from_micros(row.due_at),
            attempts,
            payload: row.payload,
            token,
        }))
    }

    async fn run(&self, job: ClaimedJob) -> Result<(), Fault> {
        let outcome = match self.handlers.get(job.kind.as_str()) {
            Some(handler) => trace::job(&self.durable, &job.kind)
                .within(AssertUnwindSafe(handler.run(job.clone())).catch_unwind())
                .await
                .unwrap_or_else(|panic| {
                    Err(Fault::fatal(format!(
                        "panicked: {}",
                        panic_text(panic.as_ref())
                    )))
                }),
            None => Err(Fault::fatal("no handler for this kind of job")),
        };
        kill_point_of("job.run.after", || job.kind.clone());
        match verdict(outcome, job.attempts) {
            Verdict::Done(note) => {
                let now = self.durable.now();
                let closed = self
                    .durable
                    .write(move |tx| {
                        Box::pin(async move { finish(tx, &job, "done", note, now).await })
                    })
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

    /// What may run side by side. Jobs of one subject take their turns: they would only meet each
    /// other's new version. On SQLite all do, since there is one writer.
    fn apart(&self, due: Vec<jobs::Model>) -> Vec<Vec<jobs::Model>> {
        if self.durable.pools().backend() == DbBackend::Sqlite {
            return vec![due];
        }
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut apart: Vec<Vec<jobs::Model>> = Vec::new();
        for row in due {
            let place = *places.entry(row.subject.clone()).or_insert(apart.len());
            if place == apart.len() {
                apart.push(Vec::new());
            }
            apart[place].push(row);
        }
        apart
    }

    /// Claims and runs these, one after the other; whether there was any.
    async fn run_in_turn(&self, rows: &[jobs::Model]) -> Result<bool, Fault> {
        let mut worked = false;
        for row in rows {
            // An earlier one may have cancelled it: the claim decides.
            if let Some(job) = self.claim(row.clone()).await? {
                worked = true;
                self.run(job).await?;
                kill_point("job.settle.after");
            }
        }
        Ok(worked)
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

#[async_trait]
impl Worker for JobWorker {
    fn name(&self) -> &'static str {
        "jobs"
    }

    async fn tick(&self) -> Result<bool, Fault> {
        let due = jobs::Entity::find()
            .filter(Self::claimable(self.durable.now()))
            .order_by_asc(jobs::Column::NextAttemptAt)
            .order_by_asc(jobs::Column::Id)
            .limit(BATCH_MAX)
            .all(self.durable.reads())
            .await
            .map_err(db_fault)?;
        let mut worked = false;
        for together in self.apart(due).chunks(AT_ONCE_MAX) {
            let running = together.iter().map(|rows| self.run_in_turn(rows));
            // Each to its end: a job that is given up on stays claimed until its lease is over.
            for outcome in join_all(running).await {
                worked |= outcome?;
            }
        }
        Ok(worked)
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, Fault> {
        let next: Option<i64> = jobs::Entity::find()
            .select_only()
            .column(jobs::Column::NextAttemptAt)
            .filter(jobs::Column::State.eq("armed"))
            .order_by_asc(jobs::Column::NextAttemptAt)
            .into_tuple()
            .one(self.durable.reads())
            .await
            .map_err(db_fault)?;
        Ok(next.map(from_micros))
    }
}

/// The kinds of the jobs that are armed or claimed for `subject`: what a sweep compares with what
/// must exist.
pub(crate) async fn pending_kinds(
    reads: &impl ConnectionTrait,
    subject: &str,
) -> Result<Vec<String>, Fault> {
    let mut found = pending_kinds_of(reads, vec![subject.to_owned()]).await?;
    Ok(found.remove(subject).unwrap_or_default())
}

/// As [`pending_kinds`], of many subjects at once.
pub(crate) async fn pending_kinds_of(
    reads: &impl ConnectionTrait,
    subjects: Vec<String>,
) -> Result<HashMap<String, Vec<String>>, Fault> {
    let found: Vec<(String, String)> = jobs::Entity::find()
        .select_only()
        .column(jobs::Column::Subject)
        .column(jobs::Column::Kind)
        .filter(jobs::Column::Subject.is_in(subjects))
        .filter(is_open())
        .order_by_asc(jobs::Column::Kind)
        .into_tuple()
        .all(reads)
        .await
        .map_err(db_fault)?;
    let mut kinds: HashMap<String, Vec<String>> = HashMap::new();
    for (subject, kind) in found {
        kinds.entry(subject).or_default().push(kind);
    }
    Ok(kinds)
}

/// Written out, as the index of open jobs has it: PostgreSQL does not look at a prepared
/// statement's arguments when it asks whether an index holds all that is wanted.
fn is_open() -> SimpleExpr {
    Expr::cust(OPEN)
}

/// How many jobs are overdue at `now`, and how many are parked.
pub(crate) async fn counts(
    reads: &impl ConnectionTrait,
    now: Timestamp,
) -> Result<(u64, u64), Fault> {
    let overdue = jobs::Entity::find()
        .filter(JobWorker::claimable(now))
        .count(reads)
        .await
        .map_err(db_fault)?;
    let parked = jobs::Entity::find()
        .filter(jobs::Column::State.eq("parked"))
        .count(reads)
        .await
        .map_err(db_fault)?;
    Ok((overdue, parked))
}
