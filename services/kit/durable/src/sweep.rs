//! The sweep: what must be there is derived again, and the difference repaired (R5).

use std::collections::HashMap;

use async_trait::async_trait;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use visits_core::{Fault, SignedDuration, kill_point};

use crate::durable::Durable;
use crate::entity::{outbox, requests};
use crate::fault::db_fault;
use crate::{inbox, jobs};

const REQUESTS_KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

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
            .count(self.reads())
            .await
            .map_err(db_fault)?;
        let (inbox_pending, inbox_parked) = inbox::counts(self.reads()).await?;
        let (jobs_overdue, jobs_parked) = jobs::counts(self.reads(), self.now()).await?;
        Ok(Health {
            outbox_unpublished: unpublished,
            inbox_pending,
            inbox_parked,
            jobs_overdue,
            jobs_parked,
        })
    }

    /// The kinds of the jobs that exist for `subject` and are not finished.
    pub async fn pending_jobs(&self, subject: &str) -> Result<Vec<String>, Fault> {
        jobs::pending_kinds(self.reads(), subject).await
    }

    /// As [`Durable::pending_jobs`], of many subjects in one question; who has none is missing.
    pub async fn pending_jobs_of(
        &self,
        subjects: Vec<String>,
    ) -> Result<HashMap<String, Vec<String>>, Fault> {
        jobs::pending_kinds_of(self.reads(), subjects).await
    }

    /// Forgets the marks of requests that no caller repeats any more.
    pub(crate) async fn forget_old_requests(&self) -> Result<(), Fault> {
        let before = (self.now() - REQUESTS_KEPT).as_microsecond();
        self.write(move |tx| {
            Box::pin(async move {
                requests::Entity::delete_many()
                    .filter(requests::Column::RecordedAt.lt(before))
                    .exec(tx)
                    .await
                    .map_err(db_fault)?;
                kill_point("sweep.forget.before_commit");
                Ok(())
            })
        })
        .await
    }
}
