//! What the broker gave up before it was an event of ours (R10).

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary_null, integer, string, text_null, uuid,
};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0006_parked_messages"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("parked_messages")
                    .col(uuid("id").primary_key())
                    .col(string("sent_as"))
                    .col(string("sha256"))
                    .col(big_integer("size"))
                    .col(binary_null("body"))
                    .col(string("state"))
                    .col(integer("times"))
                    .col(big_integer("received_at"))
                    .col(big_integer("parked_at"))
                    .col(big_integer_null("closed_at"))
                    .col(text_null("note"))
                    .to_owned(),
            )
            .await?;
        let mut parked = Index::create();
        parked.name("ix_parked_messages").table("parked_messages");
        parked.col("parked_at").col("id");
        parked.and_where(Expr::cust("state = 'parked'"));
        manager.create_index(parked).await
    }
}
