//! The unit of work: the one way to write (R1).
//!
//! It runs in a task of its own, so that a caller who gives up can't leave a connection behind
//! inside an open transaction, and it takes the write lock first on SQLite (R2). Inside, the cause
//! is admitted (once), the work is done, and everything it said is committed together.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use futures_util::future::BoxFuture;
use sea_orm::sea_query::UpdateStatement;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;
use visits_core::{Actor, ErrorKind, Fault, Timestamp, kill_point, kill_point_of};

use crate::audit::AuditEntry;
use crate::cause::Cause;
use crate::database::begin;
use crate::durable::{Durable, json_fault};
use crate::fault::db_fault;
use crate::inbox;
use crate::jobs::{self, JobChange};
use crate::outbox::{AggregateRef, PublicEvent, Saying, Speaker};
use crate::own_task::in_own_task;
use crate::requests;
use crate::silence::Pool;
use crate::together::{self, Change};
use crate::trace;
use crate::unwritten::{Save, Unwritten, Wish};

/// A step under way: what the work may do inside its transaction.
pub struct Step {
    tx: DatabaseTransaction,
    durable: Durable,
    cause: Cause,
    actor: Actor,
    now: Timestamp,
    unwritten: Mutex<Unwritten>,
}

impl Step {
    /// The transaction, for the service's own store.
    #[must_use]
    pub fn tx(&self) -> &DatabaseTransaction {
        &self.tx
    }

    /// The instant of this step: one for everything that it writes.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// A new identifier.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        self.durable.new_id()
    }

    /// Saves the next state of an aggregate that this step has read and locked: `row` updates one
    /// row, of the version that was read. On PostgreSQL it is written at the step's end, with all that the
    /// step says; what the step reads of that row before then is as it was.
    ///
    /// # Errors
    /// `Conflict` about `resource`, now or at the step's end, if no row has that version.
    pub async fn save(&self, row: UpdateStatement, resource: String) -> Result<(), Fault> {
        if self.tx.get_database_backend() == DbBackend::Postgres {
            let is_second = |save: &Save| save.resource == resource;
            if self.unwritten().saves.iter().any(is_second) {
                // One statement can't change a row twice.
                self.write_so_far().await?;
            }
            self.say(|unwritten| unwritten.saves.push(Save { row, resource }))
                .await?;
        } else {
            let saved = self.tx.execute(&row).await.map_err(db_fault)?;
            if saved.rows_affected() != 1 {
                return Err(Fault::conflict(resource));
            }
        }
        kill_point("store.save.after");
        Ok(())
    }

    /// Says a public event: one outbox row, written at the step's end.
    pub async fn publish(&self, of: &AggregateRef, event: PublicEvent) -> Result<(), Fault> {
        self.durable.cuts().pass("publish")?;
        self.kill_point("step.outbox.before");
        let saying = Saying {
            id: self.new_id(),
            of: of.clone(),
            event,
            traceparent: visits_trace::Trace::current().traceparent(),
        };
        self.say(|unwritten| unwritten.events.push(saying)).await?;
        self.kill_point("step.outbox.after");
        Ok(())
    }

    /// Arms and cancels timers and effects of `subject`. At most one of a kind is armed at a time;
    /// `generation` is the version that the aggregate gets with this step, which has locked it:
    /// aggregate first, jobs at the step's end is the one order of all steps.
    pub async fn apply_jobs(
        &self,
        subject: &str,
        generation: i64,
        changes: Vec<JobChange>,
    ) -> Result<(), Fault> {
        for change in changes {
            self.durable.cuts().pass("jobs")?;
            self.kill_point("step.jobs.before");
            let wish = Wish {
                id: self.new_id(),
                subject: subject.to_owned(),
                generation,
                change,
            };
            self.say(|unwritten| unwritten.wish(wish)).await?;
            self.kill_point("step.jobs.after");
        }
        Ok(())
    }

    /// Records what this step did. `detail` holds ids, codes and versions only.
    pub async fn audit(&self, action: &str, resource: &str, detail: Value) -> Result<(), Fault> {
        self.durable.cuts().pass("audit")?;
        self.kill_point("step.audit.before");
        let entry = AuditEntry::done(
            self.now,
            &self.actor,
            &self.cause.label(),
            action,
            resource,
            detail,
        );
        self.say(|unwritten| unwritten.audit.push(entry)).await?;
        self.kill_point("step.audit.after");
        Ok(())
    }

    /// Notes what is to be written at the end, or writes it now if there is much of it.
    async fn say(&self, note: impl FnOnce(&mut Unwritten)) -> Result<(), Fault> {
        let much = {
            let mut unwritten = self.unwritten();
            note(&mut unwritten);
            unwritten.is_much().then(|| std::mem::take(&mut *unwritten))
        };
        match much {
            Some(much) => self.make(much, None).await.map(|_| ()),
            None => Ok(()),
        }
    }

    /// Writes what was saved and said so far, for a step that goes on to read it.
    ///
    /// # Errors
    /// As at the step's end.
    pub async fn write_so_far(&self) -> Result<(), Fault> {
        let so_far = std::mem::take(&mut *self.unwritten());
        self.make(so_far, None).await.map(|_| ())
    }

    /// Makes all of it, and `last`; how many rows that one touched.
    async fn make(
        &self,
        mut unwritten: Unwritten,
        last: Option<UpdateStatement>,
    ) -> Result<u64, Fault> {
        let saves = std::mem::take(&mut unwritten.saves);
        let mut changes = self.changes(unwritten);
        if saves.is_empty() {
            return match last.map(Change::Update).or_else(|| changes.pop()) {
                Some(last) => together::make(&self.tx, changes, last).await,
                None => Ok(0),
            };
        }
        let names: Vec<String> = saves.iter().map(|save| save.resource.clone()).collect();
        let rows: Vec<UpdateStatement> = saves.into_iter().map(|save| save.row).collect();
        let wanted = rows.len() as u64;
        let (saved, ended) = together::save_and_make(&self.tx, rows, changes, last).await?;
        if saved == wanted {
            Ok(ended)
        } else {
            Err(Fault::conflict(names.join(", ")))
        }
    }

    fn unwritten(&self) -> MutexGuard<'_, Unwritten> {
        self.unwritten
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn changes(&self, unwritten: Unwritten) -> Vec<Change> {
        let speaker = Speaker {
            actor: &self.actor.principal,
            causation_id: self.cause.causation_id(),
            recorded_at: self.now,
        };
        let own_job = match &self.cause {
            Cause::Job(job) => Some(job.id),
            _ => None,
        };
        unwritten.into_changes(speaker, own_job, self.now)
    }

    /// Writes what the step has said, keeps its answer for repeats and ends the job that caused it.
    async fn write(&self, answer: &Value) -> Result<(), Fault> {
        self.durable.cuts().pass("write")?;
        self.kill_point("step.write.before");
        let unwritten = std::mem::take(&mut *self.unwritten());
        let last = match &self.cause {
            Cause::Request { .. } => self.request().map(|key| requests::answered(&key, answer)),
            Cause::Job(job) => Some(jobs::done(job, self.now)),
            Cause::Event { .. } | Cause::System => None,
        };
        let written = self.make(unwritten, last).await?;
        if matches!(self.cause, Cause::Job(_)) {
            jobs::was_held(written)?;
        }
        self.kill_point("step.write.after");
        Ok(())
    }

    /// A point at which a test may end this process, for this cause.
    fn kill_point(&self, name: &'static str) {
        kill_point_of(name, || self.cause.label());
    }

    /// The mark of the request that causes this step, if one does.
    fn request(&self) -> Option<requests::Key<'_>> {
        let Cause::Request {
            actor,
            method,
            request_id,
            ..
        } = &self.cause
        else {
            return None;
        };
        Some(requests::Key {
            principal: &actor.principal,
            method,
            request_id: *request_id,
        })
    }

    /// Lets the cause in, once. `Some` is the answer that an earlier run of it has given. Whether a
    /// job's claim still stands is found when it is marked done.
    async fn admit(&self) -> Result<Option<Value>, Fault> {
        self.durable.cuts().pass("admit")?;
        match (&self.cause, self.request()) {
            (Cause::Request { fingerprint, .. }, Some(key)) => {
                requests::admit(&self.tx, key, *fingerprint, self.now).await
            }
            (Cause::Event { envelope, .. }, _) => {
                inbox::admit(&self.tx, envelope, self.now).await?;
                Ok(None)
            }
            _ => Ok(None),
        }
    }
}

impl Durable {
    /// Runs `work` for `cause` in one transaction and commits what it said.
    ///
    /// A request that was carried out before gets the answer of that time; an event or a job that
    /// was handled before gets a fault with the reason [`inbox::ALREADY_HANDLED`]. A refusal is
    /// recorded in the audit. Once begun the work ends, whether or not the caller still waits; a
    /// request whose caller has gone before that is let go, for under a flood of callers who give up
    /// the others would wait for what nobody does.
    pub async fn unit_of_work<T, F>(&self, cause: Cause, work: F) -> Result<T, Fault>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: for<'a> FnOnce(&'a Step) -> BoxFuture<'a, Result<T, Fault>> + Send + 'static,
    {
        let durable = self.clone();
        // Dropped with this future, when the caller is answered or gives up.
        let waits = Arc::new(());
        let caller = Arc::downgrade(&waits);
        in_own_task(self.pool_for(&cause), async move {
            let label = cause.label();
            let actor = cause.actor(durable.service());
            let is_request = matches!(cause, Cause::Request { .. });
            let span = trace::step(&durable, &label);
            let step = Box::pin(durable.step(cause, work, caller));
            let outcome = span.within(step).await;
            if let Err(fault) = &outcome
                && is_request
                && is_worth_recording(fault)
            {
                let resource = fault.metadata.get("resource").cloned().unwrap_or_default();
                let action = label.trim_start_matches("request:").to_owned();
                let entry =
                    AuditEntry::refused(durable.now(), &actor, &label, &action, &resource, fault);
                durable.audit_outside(entry).await?;
            }
            outcome
        })
        .await
    }

    fn pool_for(&self, cause: &Cause) -> &Pool {
        match cause {
            Cause::Request { .. } => &self.pools().writes,
            _ => &self.pools().loops,
        }
    }

    async fn step<T, F>(&self, cause: Cause, work: F, caller: Weak<()>) -> Result<T, Fault>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: for<'a> FnOnce(&'a Step) -> BoxFuture<'a, Result<T, Fault>> + Send + 'static,
    {
        self.cuts().pass("begin")?;
        kill_point_of("step.begin.before", || cause.label());
        let tx = begin(self.pool_for(&cause)).await?;
        if matches!(cause, Cause::Request { .. }) && caller.strong_count() == 0 {
            tx.rollback().await.map_err(db_fault)?;
            return Err(Fault::transient("nobody waits for this any more"));
        }
        let step = Step {
            tx,
            durable: self.clone(),
            actor: cause.actor(self.service()),
            cause,
            now: self.now(),
            unwritten: Mutex::default(),
        };
        step.kill_point("step.begin.after");
        let admitted = step.admit().await?;
        step.kill_point("step.admit.after");
        let answer = match admitted {
            Some(kept) => serde_json::from_value(kept).map_err(json_fault("a kept answer"))?,
            None => {
                let answer = work(&step).await?;
                step.kill_point("step.work.after");
                let kept = serde_json::to_value(&answer).map_err(json_fault("an answer"))?;
                step.write(&kept).await?;
                answer
            }
        };
        self.cuts().pass("before_commit")?;
        step.kill_point("step.commit.before");
        step.tx.commit().await.map_err(db_fault)?;
        if let Cause::Job(job) = &step.cause {
            job.settled.set();
        }
        kill_point_of("step.commit.after", || step.cause.label());
        self.announce_commit();
        kill_point_of("step.answer.before", || step.cause.label());
        self.cuts().pass("after_commit")?;
        Ok(answer)
    }
}

/// Refusals that the audit keeps: who was denied what, and what a rule refused. A request with
/// fields at fault never got to a rule; a reused mark did (R17), and so did a third area (M26).
fn is_worth_recording(fault: &Fault) -> bool {
    match fault.kind {
        ErrorKind::Forbidden | ErrorKind::NotFound | ErrorKind::WrongState => true,
        ErrorKind::InvalidInput => fault.violations.is_empty(),
        _ => false,
    }
}
