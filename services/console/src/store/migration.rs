//! The tables. Forward only; instants are microseconds of UTC (R6).

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, binary, string};

pub(super) struct Migrations;

impl MigratorTrait for Migrations {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Sessions)]
    }
}

struct Sessions;

impl MigrationName for Sessions {
    fn name(&self) -> &'static str {
        "m0001_sessions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Sessions {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut sessions = Table::create();
        sessions
            .table("sessions")
            .col(string("id").primary_key())
            .col(string("principal"))
            .col(big_integer("begun_at"))
            .col(big_integer("idle_until"))
            .col(big_integer("ends_at"))
            .col(big_integer("token_ends_at"))
            .col(big_integer("renewing_until"))
            .col(binary("sealed"));
        manager.create_table(sessions).await?;
        let mut by_principal = Index::create();
        by_principal
            .name("ix_sessions_principal")
            .table("sessions")
            .col("principal");
        manager.create_index(by_principal).await?;
        let mut drafts = Table::create();
        drafts
            .table("drafts")
            .col(string("principal"))
            .col(string("path"))
            .col(big_integer("kept_at"))
            .col(binary("sealed"))
            .primary_key(Index::create().col("principal").col("path"));
        manager.create_table(drafts).await
    }
}
