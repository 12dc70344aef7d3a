//! What a step does to jobs in its own transaction: its cause marked done, timers armed and
//! cancelled.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, PaginatorTrait,
    QueryFilter,
};
use serde_json::Value;
use uuid::Uuid;
use visits_core::{Fault, Timestamp};

use super::ClaimedJob;
use crate::entity::jobs;
use crate::fault::db_fault;
use crate::inbox::already_handled;

/// What a step wants of an aggregate's timers and effects.
#[derive(Clone, Debug, PartialEq)]
pub enum JobChange {
    /// Arm the job; one of the same kind that is armed is replaced.
    Arm {
        /// Its kind: `escalation.decision_overdue`.
        kind: &'static str,
        /// When it is due; now or earlier for an effect.
        due_at: Timestamp,
        /// What its handler needs besides the aggregate.
        payload: Value,
    },
    /// Cancel the job of that kind, if one is armed.
    Cancel {
        /// Its kind.
        kind: &'static str,
    },
}

/// The row of a job that is still in the hands of this claim (R3).
pub(super) fn held_by(job: &ClaimedJob) -> Condition {
    Condition::all()
        .add(jobs::Column::Id.eq(job.id))
        .add(jobs::Column::State.eq("claimed"))
        .add(jobs::Column::Token.eq(job.token))
}

/// Whether the claim still stands. Nothing is locked yet: a command locks its aggregate first and
/// then that aggregate's jobs, and a job that held its own row while it waits for the aggregate
/// would wait for the command that waits for it.
pub(crate) async fn admit(tx: &DatabaseTransaction, job: &ClaimedJob) -> Result<(), Fault> {
    let claimed = jobs::Entity::find()
        .filter(held_by(job))
        .count(tx)
        .await
        .map_err(db_fault)?;
    if claimed == 1 {
        Ok(())
    } else {
        Err(already_handled())
    }
}

/// Marks the job done, in the transaction of its effect: what decides whether it has one (R3).
pub(crate) async fn done(
    tx: &DatabaseTransaction,
    job: &ClaimedJob,
    now: Timestamp,
) -> Result<(), Fault> {
    finish(tx, job, "done", None, now).await
}

/// Ends a job that is still this claim's.
pub(super) async fn finish(
    tx: &DatabaseTransaction,
    job: &ClaimedJob,
    state: &'static str,
    note: Option<String>,
    now: Timestamp,
) -> Result<(), Fault> {
    let marked = jobs::Entity::update_many()
        .set(jobs::ActiveModel {
            state: Set(state.to_owned()),
            finished_at: Set(Some(now.as_microsecond())),
            note: Set(note),
            ..Default::default()
        })
        .filter(held_by(job))
        .exec(tx)
        .await
        .map_err(db_fault)?;
    if marked.rows_affected == 1 {
        Ok(())
    } else {
        Err(already_handled())
    }
}

pub(crate) async fn apply(
    tx: &DatabaseTransaction,
    id: Uuid,
    now: Timestamp,
    subject: &str,
    generation: i64,
    change: JobChange,
) -> Result<(), Fault> {
    let (JobChange::Arm { kind, .. } | JobChange::Cancel { kind }) = &change;
    jobs::Entity::update_many()
        .set(jobs::ActiveModel {
            state: Set("cancelled".to_owned()),
            finished_at: Set(Some(now.as_microsecond())),
            ..Default::default()
        })
        .filter(jobs::Column::Kind.eq(*kind))
        .filter(jobs::Column::Subject.eq(subject))
        // A parked one too: its aggregate has moved on, so that no operator need bring it back.
        .filter(jobs::Column::State.is_in(["armed", "claimed", "parked"]))
        .exec(tx)
        .await
        .map_err(db_fault)?;
    let JobChange::Arm {
        kind,
        due_at,
        payload,
    } = change
    else {
        return Ok(());
    };
    let row = jobs::ActiveModel {
        id: Set(id),
        kind: Set(kind.to_owned()),
        subject: Set(subject.to_owned()),
        generation: Set(generation),
        state: Set("armed".to_owned()),
        due_at: Set(due_at.as_microsecond()),
        next_attempt_at: Set(due_at.as_microsecond()),
        attempts: Set(0),
        token: Set(None),
        lease_until: Set(None),
        payload: Set(payload),
        created_at: Set(now.as_microsecond()),
        finished_at: Set(None),
        note: Set(None),
    };
    jobs::Entity::insert(row)
        .exec_without_returning(tx)
        .await
        .map_err(db_fault)?;
    Ok(())
}
