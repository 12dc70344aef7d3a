//! What a step does to jobs in its own transaction: its cause marked done, timers armed and
//! cancelled.

use sea_orm::sea_query::UpdateStatement;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryTrait, UpdateMany,
};
use serde_json::Value;
use uuid::Uuid;
use visits_core::{Fault, Timestamp};

use super::ClaimedJob;
use crate::entity::jobs;
use crate::fault::db_fault;
use crate::inbox::already_handled;
use crate::unwritten::Wish;

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

impl JobChange {
    /// The kind of job that it is about.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Arm { kind, .. } | Self::Cancel { kind } => kind,
        }
    }
}

/// The row of a job that is still in the hands of this claim (R3).
pub(super) fn held_by(job: &ClaimedJob) -> Condition {
    Condition::all()
        .add(jobs::Column::Id.eq(job.id))
        .add(jobs::Column::State.eq("claimed"))
        .add(jobs::Column::Token.eq(job.token))
}

/// Ends a job that is still this claim's.
fn ended(job: &ClaimedJob, note: Option<String>, now: Timestamp) -> UpdateMany<jobs::Entity> {
    jobs::Entity::update_many()
        .set(jobs::ActiveModel {
            state: Set("done".to_owned()),
            finished_at: Set(Some(now.as_microsecond())),
            note: Set(note),
            ..Default::default()
        })
        .filter(held_by(job))
}

/// Marks the job done, in the transaction of its effect: what decides whether it has one (R3). It
/// comes last: a step locks its aggregate first and then that aggregate's jobs, and a job that held
/// its own row while it waits for the aggregate would wait for the command that waits for it.
pub(crate) fn done(job: &ClaimedJob, now: Timestamp) -> UpdateStatement {
    ended(job, None, now).into_query()
}

/// Ends a job that had no effect, with a note if a rule refused.
pub(super) async fn finish(
    tx: &DatabaseTransaction,
    job: &ClaimedJob,
    note: Option<String>,
    now: Timestamp,
) -> Result<(), Fault> {
    let marked = ended(job, note, now).exec(tx).await.map_err(db_fault)?;
    was_held(marked.rows_affected)
}

/// The number of rows that were marked says whether the claim still stood.
pub(crate) fn was_held(marked: u64) -> Result<(), Fault> {
    if marked == 1 {
        Ok(())
    } else {
        Err(already_handled())
    }
}

/// Cancels what there is of these kinds, but the job that causes the step.
pub(crate) fn cancelled(
    subject: &str,
    kinds: Vec<&'static str>,
    own_job: Option<Uuid>,
    now: Timestamp,
) -> UpdateStatement {
    let mut cancel = jobs::Entity::update_many()
        .set(jobs::ActiveModel {
            state: Set("cancelled".to_owned()),
            finished_at: Set(Some(now.as_microsecond())),
            ..Default::default()
        })
        .filter(jobs::Column::Kind.is_in(kinds))
        .filter(jobs::Column::Subject.eq(subject))
        // A parked one too: its aggregate has moved on, so that no operator need bring it back.
        .filter(super::open::is_open());
    if let Some(own_job) = own_job {
        cancel = cancel.filter(jobs::Column::Id.ne(own_job));
    }
    cancel.into_query()
}

/// The row of a job, if the wish is for one.
pub(crate) fn armed(wish: Wish, now: Timestamp) -> Option<jobs::ActiveModel> {
    let JobChange::Arm {
        kind,
        due_at,
        payload,
    } = wish.change
    else {
        return None;
    };
    Some(jobs::ActiveModel {
        id: Set(wish.id),
        kind: Set(kind.to_owned()),
        subject: Set(wish.subject),
        generation: Set(wish.generation),
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
    })
}
