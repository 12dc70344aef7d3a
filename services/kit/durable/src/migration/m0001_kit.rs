//! Outbox, inbox, jobs, requests, audit and leases. Instants are microseconds UTC (R6).

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, integer, json_binary, json_binary_null, string, string_null,
    text_null, uuid, uuid_null,
};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0001_kit"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        outbox(manager).await?;
        inbox(manager).await?;
        jobs(manager).await?;
        audit(manager).await?;
        requests_and_leases(manager).await
    }
}

fn serial(name: &'static str) -> ColumnDef {
    ColumnDef::new(name)
        .big_integer()
        .not_null()
        .auto_increment()
        .primary_key()
        .to_owned()
}

fn index(
    name: &str,
    table: &'static str,
    columns: &[&'static str],
    unique: bool,
) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(*column);
    }
    if unique {
        index.unique();
    }
    index
}

async fn outbox(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("outbox")
                .col(serial("serial"))
                .col(uuid("id").unique_key())
                .col(big_integer_null("position").unique_key())
                .col(string("event_type"))
                .col(string("subject"))
                .col(string("aggregate"))
                .col(uuid("aggregate_id"))
                .col(big_integer("aggregate_sequence"))
                .col(string("correlation_id"))
                .col(uuid_null("causation_id"))
                .col(string("actor"))
                .col(string_null("traceparent"))
                .col(json_binary("data"))
                .col(big_integer("occurred_at"))
                .col(big_integer("recorded_at"))
                .col(big_integer_null("published_at"))
                .to_owned(),
        )
        .await?;
    manager
        .create_index(index(
            "uq_outbox_aggregate_sequence",
            "outbox",
            &["aggregate", "aggregate_id", "aggregate_sequence"],
            true,
        ))
        .await?;
    manager
        .create_index(
            index("ix_outbox_unpublished", "outbox", &["serial"], false)
                .and_where(Expr::col("published_at").is_null())
                .to_owned(),
        )
        .await
}

async fn inbox(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("inbox")
                .col(serial("serial"))
                .col(uuid("event_id").unique_key())
                .col(string("event_type"))
                .col(string("aggregate"))
                .col(uuid("aggregate_id"))
                .col(big_integer("aggregate_sequence"))
                .col(json_binary("envelope"))
                .col(string("state"))
                .col(integer("attempts"))
                .col(big_integer("next_attempt_at"))
                .col(big_integer("received_at"))
                .col(big_integer_null("handled_at"))
                .col(text_null("note"))
                .to_owned(),
        )
        .await?;
    manager
        .create_index(index(
            "ix_inbox_state",
            "inbox",
            &["state", "serial"],
            false,
        ))
        .await?;
    manager
        .create_table(
            Table::create()
                .table("inbox_progress")
                .col(string("aggregate"))
                .col(uuid("aggregate_id"))
                .col(big_integer("last_sequence"))
                .primary_key(Index::create().col("aggregate").col("aggregate_id"))
                .to_owned(),
        )
        .await
}

async fn jobs(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("jobs")
                .col(uuid("id").primary_key())
                .col(string("kind"))
                .col(string("subject"))
                .col(big_integer("generation"))
                .col(string("state"))
                .col(big_integer("due_at"))
                .col(big_integer("next_attempt_at"))
                .col(integer("attempts"))
                .col(uuid_null("token"))
                .col(big_integer_null("lease_until"))
                .col(json_binary("payload"))
                .col(big_integer("created_at"))
                .col(big_integer_null("finished_at"))
                .col(text_null("note"))
                .to_owned(),
        )
        .await?;
    manager
        .create_index(index(
            "uq_jobs_kind_subject_generation",
            "jobs",
            &["kind", "subject", "generation"],
            true,
        ))
        .await?;
    manager
        .create_index(index(
            "ix_jobs_due",
            "jobs",
            &["state", "next_attempt_at"],
            false,
        ))
        .await
}

async fn audit(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("audit")
                .col(serial("serial"))
                .col(big_integer_null("position").unique_key())
                .col(big_integer("at"))
                .col(string("actor"))
                .col(string("cause"))
                .col(string("action"))
                .col(string("resource"))
                .col(string("outcome"))
                .col(string_null("reason"))
                .col(json_binary("detail"))
                .col(string_null("hash"))
                .to_owned(),
        )
        .await?;
    manager
        .create_index(index("ix_audit_resource", "audit", &["resource"], false))
        .await
}

async fn requests_and_leases(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("requests")
                .col(string("principal"))
                .col(string("method"))
                .col(uuid("request_id"))
                .col(string("fingerprint"))
                .col(json_binary_null("answer"))
                .col(big_integer("recorded_at"))
                .primary_key(
                    Index::create()
                        .col("principal")
                        .col("method")
                        .col("request_id"),
                )
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("leases")
                .col(ColumnDef::new("name").string().not_null().primary_key())
                .col(uuid("holder"))
                .col(big_integer("term"))
                .col(big_integer("expires_at"))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("counters")
                .col(ColumnDef::new("name").string().not_null().primary_key())
                .col(big_integer("value"))
                .col(string_null("text"))
                .to_owned(),
        )
        .await
}
