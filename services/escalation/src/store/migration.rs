//! Escalation's own tables. A published migration is never edited: the next one goes beside it.

mod m0102_case_times;
mod m0103_duty;

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, boolean, json_binary, string, string_null, uuid, uuid_null,
};

/// Escalation's migrations, in order.
#[must_use]
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(Escalation),
        Box::new(m0102_case_times::Migration),
        Box::new(m0103_duty::Migration),
    ]
}

struct Escalation;

impl MigrationName for Escalation {
    fn name(&self) -> &'static str {
        "m0101_escalation"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Escalation {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        cases(manager).await?;
        facts(manager).await?;
        desk(manager).await
    }
}

async fn cases(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("cases")
                .col(uuid("id").primary_key())
                .col(big_integer("version"))
                .col(uuid("visit_id"))
                .col(uuid_null("current_for_visit").unique_key())
                .col(string("school_urn"))
                .col(string("region"))
                .col(string("state"))
                .col(boolean("waiting"))
                .col(string_null("section5"))
                .col(json_binary("body"))
                .to_owned(),
        )
        .await?;
    for column in ["visit_id", "region", "state", "waiting", "section5"] {
        manager
            .create_index(
                Index::create()
                    .name(format!("ix_cases_{column}"))
                    .table("cases")
                    .col(column)
                    .to_owned(),
            )
            .await?;
    }
    manager
        .create_table(
            Table::create()
                .table("case_readers")
                .col(uuid("case_id"))
                .col(string("principal"))
                .primary_key(Index::create().col("principal").col("case_id"))
                .to_owned(),
        )
        .await
}

async fn facts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("barriers")
                .col(string("inspector"))
                .col(string("school_urn"))
                .primary_key(Index::create().col("school_urn").col("inspector"))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("visits_begun")
                .col(uuid("visit_id").primary_key())
                .col(big_integer("started_at"))
                .to_owned(),
        )
        .await
}

async fn desk(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("directorships")
                .col(uuid("id").primary_key())
                .col(big_integer("version"))
                .col(string("region"))
                .col(json_binary("body"))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("shifts")
                .col(uuid("id").primary_key())
                .col(big_integer("version"))
                .col(string_null("on_duty").unique_key())
                .col(json_binary("body"))
                .to_owned(),
        )
        .await
}
