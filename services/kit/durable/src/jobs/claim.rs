//! Which jobs can be claimed, and the claim, which lasts for as long as it is renewed.

use std::convert::Infallible;
use std::time::Duration;

use sea_orm::sea_query::{Expr, LockBehavior, LockType, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    QueryTrait,
};
use uuid::Uuid;
use visits_core::{
    Fault, SignedDuration, Timestamp, clock::from_micros, kill_point, kill_point_of,
};

use super::changes::held_by;
use super::{ClaimedJob, JobWorker, OPEN, Settled, WAITING};
use crate::entity::jobs;
use crate::fault::db_fault;

/// Whoever doesn't renew its claim within this loses it, and its effect with it: the token decides.
const LEASE: SignedDuration = SignedDuration::from_secs(4);
/// A claim is renewed this often while its handler works.
const RENEW_EVERY: Duration = Duration::from_secs(1);

impl JobWorker {
    /// Due and armed, or claimed by somebody whose lease has run out.
    pub(super) fn claimable(now: Timestamp) -> Condition {
        Condition::all()
            .add(Expr::cust(WAITING))
            .add(jobs::Column::NextAttemptAt.lte(now.as_microsecond()))
    }

    /// Claimable, and the earliest of its subject's that is due or in somebody's hands. A timer
    /// must not overtake another whose holder has died with it: the end of a call's window would
    /// come before the call itself, which would then never be due. One that failed and waits for
    /// its next try holds up nothing: a deadline doesn't wait for an effect that can't be had.
    pub(super) fn next_of_its_subject(now: Timestamp) -> Condition {
        Self::claimable(now).add(Self::first_in_line(now))
    }

    pub(super) fn first_in_line(now: Timestamp) -> SimpleExpr {
        let is_due = Expr::col(("earlier", jobs::Column::NextAttemptAt)).lte(now.as_microsecond());
        let waits = Expr::cust("earlier.state = 'armed'").and(is_due);
        let earlier = Query::select()
            .expr(Expr::val(1))
            .from_as(jobs::Entity, "earlier")
            .and_where(Expr::cust("earlier.subject = jobs.subject"))
            .and_where(Expr::cust("earlier.due_at < jobs.due_at"))
            .and_where(Expr::cust(format!("earlier.{OPEN}")))
            .and_where(Expr::cust("earlier.state = 'claimed'").or(waits))
            .take();
        Expr::exists(earlier).not()
    }

    /// Those of `ids` that can be claimed and that nobody is claiming, locked: replicas don't wait for
    /// each other's rows (R3). SQLite has one writer, and no such lock.
    fn to_be_had(ids: Vec<Uuid>, now: Timestamp) -> SelectStatement {
        jobs::Entity::find()
            .select_only()
            .column(jobs::Column::Id)
            .filter(jobs::Column::Id.is_in(ids))
            .filter(Self::next_of_its_subject(now))
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .into_query()
    }

    /// Claims what is still to be had of these, in one statement, whose rows decide.
    pub(super) async fn claim(&self, due: Vec<jobs::Model>) -> Result<Vec<ClaimedJob>, Fault> {
        let (now, token) = (self.durable.now(), self.durable.new_id());
        self.durable.cuts().pass("claim")?;
        for row in &due {
            kill_point_of("job.claim.before", || row.kind.clone());
        }
        let lease_until = (now + LEASE).as_microsecond();
        let ids: Vec<Uuid> = due.iter().map(|row| row.id).collect();
        let mut claimed = self
            .durable
            .write(move |tx| {
                Box::pin(async move {
                    jobs::Entity::update_many()
                        .set(jobs::ActiveModel {
                            state: Set("claimed".to_owned()),
                            token: Set(Some(token)),
                            lease_until: Set(Some(lease_until)),
                            next_attempt_at: Set(lease_until),
                            ..Default::default()
                        })
                        .col_expr(
                            jobs::Column::Attempts,
                            Expr::col(jobs::Column::Attempts).add(1),
                        )
                        .filter(jobs::Column::Id.in_subquery(Self::to_be_had(ids, now)))
                        .exec_with_returning(tx)
                        .await
                        .map_err(db_fault)
                        .inspect(|_| kill_point("job.claim.before_commit"))
                })
            })
            .await?;
        claimed.sort_by_key(|row| due.iter().position(|other| other.id == row.id));
        for row in &claimed {
            kill_point_of("job.claim.after", || row.kind.clone());
        }
        Ok(claimed.into_iter().map(|row| in_hand(row, token)).collect())
    }

    /// Renews the claim for as long as it is polled. One that is lost is not taken again.
    pub(super) async fn renew(&self, job: &ClaimedJob) -> Infallible {
        loop {
            tokio::time::sleep(RENEW_EVERY).await;
            let (job, until) = (job.clone(), (self.durable.now() + LEASE).as_microsecond());
            let renewed = self
                .durable
                .write(move |tx| {
                    Box::pin(async move {
                        jobs::Entity::update_many()
                            .set(jobs::ActiveModel {
                                lease_until: Set(Some(until)),
                                next_attempt_at: Set(until),
                                ..Default::default()
                            })
                            .filter(held_by(&job))
                            .exec(tx)
                            .await
                            .map_err(db_fault)
                    })
                })
                .await;
            if let Err(fault) = renewed {
                tracing::debug!("a claim was not renewed: {fault}");
            }
        }
    }
}

fn in_hand(row: jobs::Model, token: Uuid) -> ClaimedJob {
    ClaimedJob {
        id: row.id,
        kind: row.kind,
        subject: row.subject,
        generation: row.generation,
        due_at: from_micros(row.due_at),
        attempts: row.attempts,
        payload: row.payload,
        token,
        settled: Settled::default(),
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::{PostgresQueryBuilder, SqliteQueryBuilder};

    use super::*;

    #[test]
    fn r3_postgresql_is_asked_to_pass_over_what_others_are_claiming() {
        let query = JobWorker::to_be_had(vec![Uuid::from_u128(1)], Timestamp::UNIX_EPOCH);
        let asked = query.to_string(PostgresQueryBuilder);
        assert!(asked.ends_with(" FOR UPDATE SKIP LOCKED"), "{asked}");
        let asked = query.to_string(SqliteQueryBuilder);
        assert!(!asked.contains("LOCK"), "{asked}");
    }
}
