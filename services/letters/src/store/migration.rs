//! The service's own tables. Instants are microseconds UTC (R6).

use visits_durable::sea_orm_migration::prelude::*;
use visits_durable::sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, json_binary, string, uuid,
};

pub(crate) struct Tables;

impl MigrationName for Tables {
    fn name(&self) -> &'static str {
        "m1001_letters"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Tables {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        letters(manager).await?;
        around_letters(manager).await?;
        what_was_heard(manager).await
    }
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

async fn letters(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("letters")
        .col(uuid("id").primary_key())
        .col(big_integer("version"))
        .col(string("kind"))
        .col(string("state"))
        .col(uuid("visit"))
        .col(string("urn"))
        .col(string("visit_date"))
        .col(string("slug"))
        .col(boolean("is_public"))
        .col(big_integer_null("team_access_ends_at"))
        .col(json_binary("body"))
        .to_owned();
    manager.create_table(table).await?;
    let indexes = [
        // One letter of each kind a visit, and one at each address.
        index("letters_of_visit", "letters", &["visit", "kind"], true),
        index(
            "letters_address",
            "letters",
            &["urn", "slug", "visit"],
            true,
        ),
        index(
            "letters_public",
            "letters",
            &["is_public", "visit_date", "id"],
            false,
        ),
        index("letters_state", "letters", &["state", "id"], false),
    ];
    for each in indexes {
        manager.create_index(each).await?;
    }
    Ok(())
}

async fn around_letters(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let team = Table::create()
        .table("letter_team")
        .col(uuid("letter"))
        .col(string("inspector"))
        .primary_key(Index::create().col("letter").col("inspector"))
        .to_owned();
    manager.create_table(team).await?;
    let by_inspector = index(
        "letter_team_inspector",
        "letter_team",
        &["inspector", "letter"],
        false,
    );
    manager.create_index(by_inspector).await?;
    let links = Table::create()
        .table("letter_links")
        .col(string("hash").primary_key())
        .col(uuid("letter"))
        .col(big_integer("round"))
        .to_owned();
    manager.create_table(links).await
}

async fn what_was_heard(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let grounds = Table::create()
        .table("letter_grounds")
        .col(uuid("visit").primary_key())
        .col(big_integer("version"))
        .col(json_binary("body"))
        .to_owned();
    manager.create_table(grounds).await?;
    let barrier = Table::create()
        .table("barrier")
        .col(string("inspector"))
        .col(string("urn"))
        .col(big_integer("since"))
        .primary_key(Index::create().col("inspector").col("urn"))
        .to_owned();
    manager.create_table(barrier).await
}
