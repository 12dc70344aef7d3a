//! What waits, found without a look at what has waited before: events without a place, events that
//! the bus has not confirmed, audit rows without a place, and jobs by the instant that brings them
//! back. A loop asks for each many times a second, for as long as the tables grow.

use sea_orm_migration::prelude::*;

use crate::jobs::{PARKED, WAITING};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0003_waiting"
    }
}

/// Name, table, columns, and which rows.
const INDEXES: [(&str, &str, &[&str], &str); 4] = [
    (
        "ix_outbox_unplaced",
        "outbox",
        &["serial"],
        "position IS NULL",
    ),
    (
        "ix_outbox_unsent",
        "outbox",
        &["position"],
        "published_at IS NULL",
    ),
    (
        "ix_audit_unplaced",
        "audit",
        &["serial"],
        "position IS NULL",
    ),
    (
        "ix_jobs_waiting",
        "jobs",
        &["next_attempt_at", "id"],
        WAITING,
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table, columns, which) in INDEXES {
            let mut index = Index::create();
            index.name(name).table(table);
            for column in columns {
                index.col(*column);
            }
            index.and_where(Expr::cust(which));
            manager.create_index(index).await?;
        }
        let mut parked = Index::create();
        parked.name("ix_jobs_parked").table("jobs").col("id");
        parked.and_where(Expr::cust(PARKED));
        manager.create_index(parked).await?;
        // What these were for is found by the ones above.
        for (name, table) in [("ix_outbox_unpublished", "outbox"), ("ix_jobs_due", "jobs")] {
            let old = Index::drop().name(name).table(table).to_owned();
            manager.drop_index(old).await?;
        }
        Ok(())
    }
}
