//! The sweep: what must be there is derived again, and the difference repaired (R5).

use std::collections::HashMap;

use async_trait::async_trait;
use sea_orm::sea_query::{Expr, Order, Query, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter};
use visits_core::{Fault, SignedDuration, kill_point};

use crate::durable::Durable;
use crate::entity::{outbox, requests};
use crate::fault::db_fault;
use crate::parked::messages;
use crate::{inbox, jobs};

const REQUESTS_KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);
/// So many marks are forgotten in one transaction.
const FORGOTTEN_AT_ONCE: u64 = 1_000;
/// While all is well, nothing that is due waits as long as this.
const STUCK_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// A service's own part of the sweep.
#[async_trait]
pub trait Sweep: Send + Sync + 'static {
    /// Compares what must exist with what does, repairs the difference, and says how many repairs
    /// it took. Any is a sign of a fault elsewhere.
    async fn sweep(&self) -> Result<u64, Fault>;
}

/// How much is left to do; all zero once everything has settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Events that the bus has not confirmed.
    pub outbox_unpublished: u64,
    /// Events received and not handled.
    pub inbox_pending: u64,
    /// Events that wait for an operator.
    pub inbox_parked: u64,
    /// Jobs that are due and not done.
    pub jobs_overdue: u64,
    /// Jobs that wait for an operator.
    pub jobs_parked: u64,
    /// Messages of which no event could be made, and that wait for an operator.
    pub messages_parked: u64,
}

impl Health {
    /// Whether nothing is left to do and nothing waits for an operator.
    #[must_use]
    pub fn is_settled(self) -> bool {
        self == Self::default()
    }
}

impl Durable {
    /// How much is left to do.
    pub async fn health(&self) -> Result<Health, Fault> {
        let unpublished = outbox::Entity::find()
            .filter(outbox::Column::PublishedAt.is_null())
            .count(self.loop_reads())
            .await
            .map_err(db_fault)?;
        let (inbox_pending, inbox_parked) = inbox::counts(self.loop_reads()).await?;
        let (jobs_overdue, jobs_parked) = jobs::counts(self.loop_reads(), self.now()).await?;
        Ok(Health {
            outbox_unpublished: unpublished,
            inbox_pending,
            inbox_parked,
            jobs_overdue,
            jobs_parked,
            messages_parked: messages::count(self.loop_reads()).await?,
        })
    }

    /// The kinds of the jobs that exist for `subject` and are not finished.
    pub async fn pending_jobs(&self, subject: &str) -> Result<Vec<String>, Fault> {
        jobs::pending_kinds(self.loop_reads(), subject).await
    }

    /// As [`Durable::pending_jobs`], of many subjects in one question; who has none is missing.
    pub async fn pending_jobs_of(
        &self,
        subjects: Vec<String>,
    ) -> Result<HashMap<String, Vec<String>>, Fault> {
        jobs::pending_kinds_of(self.loop_reads(), subjects).await
    }

    /// Says in the log what has been due for more than a minute (R5): a loop that stands still must not
    /// look like one that has nothing to do.
    pub(crate) async fn tell_what_is_stuck(&self) -> Result<(), Fault> {
        let stuck = self.stuck().await?;
        if !stuck.is_settled() {
            tracing::error!(
                service = self.service(),
                jobs_overdue = stuck.jobs_overdue,
                events_unsent = stuck.outbox_unpublished,
                events_unhandled = stuck.inbox_pending,
                "has waited for more than a minute"
            );
        }
        Ok(())
    }

    /// What has been left undone for more than a minute. What waits for an operator, or behind such an
    /// item, is not stuck: they know of it.
    ///
    /// # Errors
    /// `Transient` if the database can't be read.
    pub async fn stuck(&self) -> Result<Health, Fault> {
        let before = self.now() - STUCK_AFTER;
        let (jobs_overdue, _) = jobs::counts(self.loop_reads(), before).await?;
        let events_unsent = outbox::Entity::find()
            .filter(outbox::Column::PublishedAt.is_null())
            .filter(outbox::Column::RecordedAt.lt(before.as_microsecond()))
            .count(self.loop_reads())
            .await
            .map_err(db_fault)?;
        Ok(Health {
            jobs_overdue,
            outbox_unpublished: events_unsent,
            inbox_pending: inbox::waiting_since(self.loop_reads(), before).await?,
            ..Health::default()
        })
    }

    /// Forgets the marks of requests that no caller repeats any more.
    pub(crate) async fn forget_old_requests(&self) -> Result<(), Fault> {
        let before = (self.now() - REQUESTS_KEPT).as_microsecond();
        loop {
            let forgotten = self
                .write(move |tx| {
                    Box::pin(async move {
                        let forgotten = requests::Entity::delete_many()
                            .filter(key().in_subquery(oldest(before)))
                            .exec(tx)
                            .await
                            .map_err(db_fault)?;
                        kill_point("sweep.forget.before_commit");
                        Ok(forgotten.rows_affected)
                    })
                })
                .await?;
            if forgotten < FORGOTTEN_AT_ONCE {
                return Ok(());
            }
        }
    }
}

/// What a request's mark is known by.
fn key() -> Expr {
    Expr::tuple(KEY.map(Expr::col))
}

const KEY: [requests::Column; 3] = [
    requests::Column::Principal,
    requests::Column::Method,
    requests::Column::RequestId,
];

fn oldest(before: i64) -> SelectStatement {
    Query::select()
        .columns(KEY)
        .from(requests::Entity)
        .and_where(requests::Column::RecordedAt.lt(before))
        .order_by(requests::Column::RecordedAt, Order::Asc)
        .limit(FORGOTTEN_AT_ONCE)
        .take()
}
