//! Who looks at a console. What was said too long ago counts for nothing and is removed when its
//! principal speaks next.

use std::collections::BTreeSet;

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
};
use uuid::Uuid;
use visits_core::{Fault, Timestamp};
use visits_durable::db_fault;

use super::entity::consoles::{ActiveModel, Column, Entity};
use crate::domain::case::CaseId;

/// What a window of a console says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    /// The window.
    pub console: Uuid,
    /// Whether its feed is live.
    pub live: bool,
    /// Whether it would be heard.
    pub audible: bool,
    /// The case that it shows.
    pub case: Option<CaseId>,
}

/// Keeps what a window of `principal` says, and forgets those of theirs that fell silent.
pub async fn put(
    tx: &impl ConnectionTrait,
    principal: &str,
    said: Said,
    (now, since): (Timestamp, Timestamp),
) -> Result<(), Fault> {
    Entity::delete_many()
        .filter(Column::Principal.eq(principal))
        .filter(Column::SeenAt.lt(since.as_microsecond()))
        .exec(tx)
        .await
        .map_err(db_fault)?;
    let row = ActiveModel {
        principal: Set(principal.to_owned()),
        console_id: Set(said.console),
        live: Set(said.live),
        audible: Set(said.audible),
        case_id: Set(said.case.map(|case| case.0)),
        seen_at: Set(now.as_microsecond()),
    };
    let known = OnConflict::columns([Column::Principal, Column::ConsoleId])
        .update_columns([
            Column::Live,
            Column::Audible,
            Column::CaseId,
            Column::SeenAt,
        ])
        .to_owned();
    Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(tx)
        .await
        .map_err(db_fault)?;
    Ok(())
}

/// How many windows of `principal` have spoken since.
pub async fn count(
    db: &impl ConnectionTrait,
    principal: &str,
    since: Timestamp,
) -> Result<u64, Fault> {
    Entity::find()
        .filter(Column::Principal.eq(principal))
        .filter(Column::SeenAt.gte(since.as_microsecond()))
        .count(db)
        .await
        .map_err(db_fault)
}

/// Who has a live and audible console, as was said since.
pub async fn audible(db: &impl ConnectionTrait, since: Timestamp) -> Result<Vec<String>, Fault> {
    let rows = Entity::find()
        .filter(Column::Live.eq(true))
        .filter(Column::Audible.eq(true))
        .filter(Column::SeenAt.gte(since.as_microsecond()))
        .all(db)
        .await
        .map_err(db_fault)?;
    Ok(names(rows.into_iter().map(|row| row.principal)))
}

/// Who looks at a case, as was said since.
pub async fn viewers(
    db: &impl ConnectionTrait,
    case: CaseId,
    since: Timestamp,
) -> Result<Vec<String>, Fault> {
    let rows = Entity::find()
        .filter(Column::CaseId.eq(case.0))
        .filter(Column::SeenAt.gte(since.as_microsecond()))
        .all(db)
        .await
        .map_err(db_fault)?;
    Ok(names(rows.into_iter().map(|row| row.principal)))
}

/// Each name once, in alphabetical order.
fn names(found: impl Iterator<Item = String>) -> Vec<String> {
    let once: BTreeSet<String> = found.collect();
    once.into_iter().collect()
}
