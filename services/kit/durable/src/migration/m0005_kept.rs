//! Marks of requests by their age, so that old ones are forgotten without a walk through all; which of
//! a subject's jobs an operator has given up on, so that no sweep arms them again; and how soon
//! PostgreSQL looks after the tables that are written all the time.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::jobs::DISCARDED;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0005_kept"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut by_age = Index::create();
        by_age.name("ix_requests_recorded_at").table("requests");
        manager
            .create_index(by_age.col("recorded_at").take())
            .await?;
        let mut discarded = Index::create();
        discarded.name("ix_jobs_discarded").table("jobs");
        discarded.col("subject").and_where(Expr::cust(DISCARDED));
        manager.create_index(discarded).await?;
        look_after(manager).await
    }
}

/// Where each row is written two or three times and dead copies are in the way of who looks for what
/// waits.
pub(crate) const BUSY: [&str; 5] = ["outbox", "inbox", "jobs", "audit", "requests"];

/// After so many rows and not after a fifth of the table, which in the end are millions (B10).
async fn look_after(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    for table in BUSY {
        let often = format!(
            "ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0, \
             autovacuum_vacuum_threshold = 5000, autovacuum_analyze_scale_factor = 0, \
             autovacuum_analyze_threshold = 2500)"
        );
        manager.get_connection().execute_unprepared(&often).await?;
    }
    Ok(())
}
