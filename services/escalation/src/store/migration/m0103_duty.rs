//! Who holds a case, lifted out of its body, and who looks at a console.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, boolean, string, string_null, uuid, uuid_null};
use sea_orm_migration::sea_orm::{ConnectionTrait, JsonValue};
use uuid::Uuid;

pub(super) struct Migration;

/// The states in which a case is on somebody's hands, as bodies name them.
const HELD: [&str; 3] = ["with_duty_desk", "awaiting_decision", "nfd_required"];

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0103_duty"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let holder = string_null("holder").take();
        let table = Table::alter().table("cases").add_column(holder).to_owned();
        manager.alter_table(table).await?;
        give_to_who_acknowledged(manager.get_connection()).await?;
        let index = Index::create()
            .name("ix_cases_holder")
            .table("cases")
            .col("holder")
            .to_owned();
        manager.create_index(index).await?;
        consoles(manager).await
    }
}

/// Before there was a holder, a case was with the operator who had acknowledged it.
async fn give_to_who_acknowledged(db: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
    let all = Query::select().columns(["id", "body"]).from("cases").take();
    for row in db.query_all(&all).await? {
        let id: Uuid = row.try_get("", "id")?;
        let mut body: JsonValue = row.try_get("", "body")?;
        let by = body.pointer("/acknowledgement/by").cloned();
        let Some(JsonValue::String(holder)) = by else {
            continue;
        };
        let state = body.get("state").and_then(JsonValue::as_str);
        let is_held = state.is_some_and(|state| HELD.contains(&state));
        if let Some(body) = body.as_object_mut() {
            body.insert("holder".to_owned(), holder.clone().into());
        }
        let update = Query::update()
            .table("cases")
            .values([
                ("holder", is_held.then_some(holder).into()),
                ("body", body.into()),
            ])
            .and_where(Expr::col("id").eq(id))
            .take();
        db.execute(&update).await?;
    }
    Ok(())
}

async fn consoles(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("consoles")
                .col(string("principal"))
                .col(uuid("console_id"))
                .col(boolean("live"))
                .col(boolean("audible"))
                .col(uuid_null("case_id"))
                .col(big_integer("seen_at"))
                .primary_key(Index::create().col("principal").col("console_id"))
                .to_owned(),
        )
        .await?;
    for column in ["case_id", "seen_at"] {
        let index = Index::create()
            .name(format!("ix_consoles_{column}"))
            .table("consoles")
            .col(column)
            .to_owned();
        manager.create_index(index).await?;
    }
    Ok(())
}
