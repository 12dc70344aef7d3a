//! What is asked about jobs beside their running: which are open, and how many wait.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use visits_core::{Fault, Timestamp};

use super::{DISCARDED, JobWorker, OPEN, PARKED};
use crate::entity::jobs;
use crate::fault::db_fault;

/// The kinds of the jobs of `subject` that are not finished, or that an operator has given up on:
/// what a sweep compares with what must exist.
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
    let mut kinds: HashMap<String, Vec<String>> = HashMap::new();
    // One question each: each has its index.
    for which in [is_open(), Expr::cust(DISCARDED)] {
        let found: Vec<(String, String)> = jobs::Entity::find()
            .select_only()
            .column(jobs::Column::Subject)
            .column(jobs::Column::Kind)
            .filter(jobs::Column::Subject.is_in(subjects.clone()))
            .filter(which)
            .order_by_asc(jobs::Column::Kind)
            .into_tuple()
            .all(reads)
            .await
            .map_err(db_fault)?;
        for (subject, kind) in found {
            kinds.entry(subject).or_default().push(kind);
        }
    }
    Ok(kinds)
}

/// Written out, as the index of open jobs has it: PostgreSQL does not look at a prepared
/// statement's arguments when it asks whether an index holds all that is wanted.
pub(super) fn is_open() -> SimpleExpr {
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
        .filter(is_parked())
        .count(reads)
        .await
        .map_err(db_fault)?;
    Ok((overdue, parked))
}

/// Written out, as its index has it.
pub(crate) fn is_parked() -> SimpleExpr {
    Expr::cust(PARKED)
}
