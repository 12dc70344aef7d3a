//! Which jobs of a subject are not finished, found without a look at all of them: the sweep asks for
//! every subject, and steps ask too.

use sea_orm_migration::prelude::*;

use crate::jobs::OPEN;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0002_open_jobs"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut index = Index::create();
        index.name("ix_jobs_open").table("jobs").col("subject");
        index.and_where(Expr::cust(OPEN));
        manager.create_index(index).await
    }
}
