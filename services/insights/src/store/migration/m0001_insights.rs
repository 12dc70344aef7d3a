//! Frames, visits, codings and releases. Instants are microseconds UTC (R6).

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, integer, json_binary, string, uuid,
};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0001_insights"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let frames = Table::create()
            .table("frames")
            .col(string("version").primary_key())
            .col(string("effective_date"))
            .col(json_binary("body"))
            .to_owned();
        let visits = Table::create()
            .table("visits")
            .col(uuid("id").primary_key())
            .col(big_integer("version"))
            .col(string("life"))
            .col(big_integer_null("completed_at"))
            .col(json_binary("body"))
            .to_owned();
        let codings = Table::create()
            .table("codings")
            .col(uuid("id").primary_key())
            .col(big_integer("version"))
            .col(string("state"))
            .col(json_binary("body"))
            .to_owned();
        let releases = Table::create()
            .table("releases")
            .col(uuid("id").primary_key())
            .col(integer("number").unique_key())
            .col(string("through_date"))
            .col(json_binary("body"))
            .to_owned();
        for table in [frames, visits, codings, releases] {
            manager.create_table(table).await?;
        }
        let by_life = Index::create()
            .name("ix_visits_life")
            .table("visits")
            .col("life")
            .col("completed_at")
            .to_owned();
        manager.create_index(by_life).await
    }
}
