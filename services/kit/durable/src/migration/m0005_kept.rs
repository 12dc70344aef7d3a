//! Marks of requests by their age, so that old ones are forgotten without a walk through all; and
//! which of a subject's jobs an operator has given up on, so that no sweep arms them again.

use sea_orm_migration::prelude::*;

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
        manager.create_index(discarded).await
    }
}
