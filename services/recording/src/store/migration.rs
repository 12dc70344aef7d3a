//! Recording's own tables. Forward only.

use async_trait::async_trait;
use visits_durable::sea_orm_migration::schema::{
    big_integer, big_integer_null, json_binary, string, uuid,
};
use visits_durable::sea_orm_migration::{MigrationTrait, prelude::*};

/// The migrations, oldest first.
#[must_use]
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(Records)]
}

struct Records;

impl MigrationName for Records {
    fn name(&self) -> &'static str {
        "m1001_records"
    }
}

#[async_trait]
impl MigrationTrait for Records {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(records()).await?;
        manager.create_table(members()).await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_visit_record_members_inspector")
                    .table("visit_record_members")
                    .col("inspector")
                    .col("record")
                    .to_owned(),
            )
            .await?;
        manager.create_table(forms()).await?;
        manager.create_table(assignments()).await
    }
}

fn records() -> TableCreateStatement {
    Table::create()
        .table("visit_records")
        .col(uuid("id").primary_key())
        .col(big_integer("version"))
        .col(string("school"))
        .col(string("stage"))
        .col(string("visit_date"))
        .col(big_integer_null("access_ends_at"))
        .col(big_integer_null("access_ended_at"))
        .col(json_binary("body"))
        .to_owned()
}

fn members() -> TableCreateStatement {
    Table::create()
        .table("visit_record_members")
        .col(uuid("record"))
        .col(string("inspector"))
        .primary_key(Index::create().col("record").col("inspector"))
        .to_owned()
}

fn forms() -> TableCreateStatement {
    Table::create()
        .table("visit_forms")
        .col(ColumnDef::new("version").string().not_null().primary_key())
        .col(string("effective_from").unique_key())
        .col(string("digest"))
        .col(big_integer("imported_at"))
        .col(json_binary("body"))
        .to_owned()
}

fn assignments() -> TableCreateStatement {
    Table::create()
        .table("routine_assignments")
        .col(string("inspector"))
        .col(string("school"))
        .col(big_integer("heard_at"))
        .primary_key(Index::create().col("inspector").col("school"))
        .to_owned()
}
