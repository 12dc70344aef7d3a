//! The service's own tables. Instants are microseconds UTC (R6), dates ISO text that sorts.

use visits_durable::sea_orm_migration::prelude::*;
use visits_durable::sea_orm_migration::schema::{
    big_integer, boolean, integer_null, json_binary, string, string_null, text_null, uuid,
};

/// The states of a visit that is ahead or under way.
const LIVE: [&str; 5] = [
    "PLANNED",
    "CALLED",
    "DEFERRAL_REQUESTED",
    "READY",
    "IN_PROGRESS",
];

pub(crate) struct Tables;

impl MigrationName for Tables {
    fn name(&self) -> &'static str {
        "m1001_scheduling"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Tables {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        schools(manager).await?;
        inspectors(manager).await?;
        visits(manager).await?;
        around_visits(manager).await?;
        reference_data(manager).await
    }
}

fn index(name: &str, table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(*column);
    }
    index
}

async fn schools(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("schools")
        .col(string("urn").primary_key())
        .col(big_integer("version"))
        .col(string("name"))
        .col(string_null("local_authority_code"))
        .col(string_null("local_authority"))
        .col(string_null("region"))
        .col(string("phase"))
        .col(string_null("school_type"))
        .col(string("status"))
        .col(integer_null("pupils_on_roll"))
        .col(integer_null("idaci_quintile"))
        .col(string("previous_grade"))
        .col(text_null("previous_report_uri"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .to_owned();
    manager.create_table(table).await?;
    manager
        .create_index(index(
            "ix_schools_authority",
            "schools",
            &["local_authority_code", "urn"],
        ))
        .await
}

async fn inspectors(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("inspectors")
        .col(string("code").primary_key())
        .col(uuid("id").unique_key())
        .col(big_integer("version"))
        .col(string("region"))
        .col(json_binary("body"))
        .to_owned();
    manager.create_table(table).await?;
    let barrier = Table::create()
        .table("routine_inspections")
        .col(string("inspector"))
        .col(string("urn"))
        .col(big_integer("assigned_at"))
        .primary_key(Index::create().col("inspector").col("urn"))
        .to_owned();
    manager.create_table(barrier).await
}

async fn visits(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("visits")
        .col(uuid("id").primary_key())
        .col(big_integer("version"))
        .col(string("urn"))
        .col(string("region"))
        .col(string("state"))
        .col(string("visit_date"))
        .col(string("call_date"))
        .col(string("call_state"))
        .col(boolean("is_flagged"))
        .col(json_binary("body"))
        .to_owned();
    manager.create_table(table).await?;
    let indexes = [
        // A school has one visit at most that is ahead or under way.
        index("uq_visits_live_school", "visits", &["urn"])
            .unique()
            .and_where(Expr::col("state").is_in(LIVE))
            .to_owned(),
        index("ix_visits_state", "visits", &["state", "visit_date", "id"]),
        index("ix_visits_date", "visits", &["visit_date", "id"]),
        index(
            "ix_visits_call",
            "visits",
            &["call_date", "call_state", "id"],
        ),
    ];
    for each in indexes {
        manager.create_index(each).await?;
    }
    Ok(())
}

async fn around_visits(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let members = Table::create()
        .table("visit_members")
        .col(uuid("visit"))
        .col(string("inspector"))
        .primary_key(Index::create().col("visit").col("inspector"))
        .to_owned();
    manager.create_table(members).await?;
    let by_inspector = index(
        "ix_visit_members_inspector",
        "visit_members",
        &["inspector", "visit"],
    );
    manager.create_index(by_inspector).await?;
    // The primary key is the rule: nobody is in two places on one day.
    let diary = Table::create()
        .table("engagements")
        .col(string("inspector"))
        .col(string("date"))
        .col(uuid("visit"))
        .primary_key(Index::create().col("inspector").col("date"))
        .to_owned();
    manager.create_table(diary).await?;
    manager
        .create_index(index("ix_engagements_visit", "engagements", &["visit"]))
        .await
}

async fn reference_data(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let calendars = Table::create()
        .table("calendars")
        .col(string("scope").primary_key())
        .col(big_integer("version"))
        .col(json_binary("body"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .to_owned();
    manager.create_table(calendars).await?;
    let holidays = Table::create()
        .table("bank_holidays")
        .col(string("date").primary_key())
        .col(string("title"))
        .to_owned();
    manager.create_table(holidays).await?;
    let scripts = Table::create()
        .table("call_scripts")
        .col(string("version").primary_key())
        .col(string("effective_date"))
        .col(json_binary("body"))
        .to_owned();
    manager.create_table(scripts).await?;
    manager
        .create_index(index(
            "ix_call_scripts_effective",
            "call_scripts",
            &["effective_date", "version"],
        ))
        .await
}
