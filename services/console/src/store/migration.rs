//! The tables. Forward only; instants are microseconds of UTC (R6).

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, binary, string};

pub(super) struct Migrations;

impl MigratorTrait for Migrations {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Sessions), Box::new(AtIssuer)]
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

/// By what the issuer ends a session.
struct AtIssuer;

impl MigrationName for AtIssuer {
    fn name(&self) -> &'static str {
        "m0002_at_issuer"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for AtIssuer {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One column at a time: SQLite adds no two.
        for column in ["subject", "issuer_session"] {
            let mut table = Table::alter();
            table
                .table("sessions")
                .add_column(string(column).default(""));
            manager.alter_table(table).await?;
        }
        let mut by_subject = Index::create();
        by_subject
            .name("ix_sessions_subject")
            .table("sessions")
            .col("subject");
        manager.create_index(by_subject).await?;
        let mut by_session = Index::create();
        by_session
            .name("ix_sessions_issuer_session")
            .table("sessions")
            .col("issuer_session");
        manager.create_index(by_session).await
    }
}
