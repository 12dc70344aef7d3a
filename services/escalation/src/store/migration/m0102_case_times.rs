//! The times by which cases are ordered, lifted out of their bodies.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null};
use sea_orm_migration::sea_orm::{ConnectionTrait, JsonValue};
use uuid::Uuid;
use visits_core::Timestamp;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0102_case_times"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            big_integer("opened_at").default(0).take(),
            big_integer_null("deadline_at"),
        ] {
            let table = Table::alter().table("cases").add_column(column).to_owned();
            manager.alter_table(table).await?;
        }
        lift(manager.get_connection()).await?;
        for column in ["opened_at", "deadline_at"] {
            let index = Index::create()
                .name(format!("ix_cases_{column}"))
                .table("cases")
                .col(column)
                .to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// The bodies of earlier cases are read as the JSON that they are: what a case is in Rust may have
/// changed by the time that this runs.
async fn lift(db: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
    let all = Query::select().columns(["id", "body"]).from("cases").take();
    for row in db.query_all(&all).await? {
        let id: Uuid = row.try_get("", "id")?;
        let body: JsonValue = row.try_get("", "body")?;
        let opened = micros(body.pointer("/opened_at"))?.unwrap_or_default();
        let deadline = micros(body.pointer("/window/deadline_at"))?;
        let update = Query::update()
            .table("cases")
            .values([
                ("opened_at", opened.into()),
                ("deadline_at", deadline.into()),
            ])
            .and_where(Expr::col("id").eq(id))
            .take();
        db.execute(&update).await?;
    }
    Ok(())
}

fn micros(instant: Option<&JsonValue>) -> Result<Option<i64>, DbErr> {
    let text = instant.and_then(JsonValue::as_str);
    let instant = text.map(str::parse::<Timestamp>).transpose();
    let instant = instant.map_err(|error| DbErr::Custom(format!("a case's time: {error}")))?;
    Ok(instant.map(Timestamp::as_microsecond))
}
