//! Answers and their coding, by pseudonym.

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use uuid::Uuid;
use visits_core::{Fault, Page};
use visits_durable::db_fault;
use visits_durable::keyset::{self, Sorted};
use visits_durable::store::{Versioned, from_body, is_duplicate, saved_or_conflict, to_body};

use super::entity::codings;
use super::word;
use crate::domain::coding::{Coding, CodingState};

fn read(row: codings::Model) -> Result<Versioned<Coding>, Fault> {
    Ok(Versioned {
        id: row.id,
        version: row.version,
        value: from_body(row.body)?,
    })
}

/// The answers under that key.
pub async fn load(
    db: &impl ConnectionTrait,
    key: Uuid,
) -> Result<Option<Versioned<Coding>>, Fault> {
    let row = codings::Entity::find_by_id(key)
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(read).transpose()
}

/// The same inside a step: whoever else would change them waits.
pub async fn lock(
    db: &impl ConnectionTrait,
    key: Uuid,
) -> Result<Option<Versioned<Coding>>, Fault> {
    let row = codings::Entity::find_by_id(key)
        .lock_exclusive()
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(read).transpose()
}

/// Keeps the next state of a coding that stood at `current`, and gives its version.
pub async fn save(
    db: &impl ConnectionTrait,
    key: Uuid,
    current: Option<&Versioned<Coding>>,
    next: &Coding,
) -> Result<i64, Fault> {
    let version = Versioned::next_version(current);
    let row = codings::ActiveModel {
        id: Set(key),
        version: Set(version),
        state: Set(word(&next.state())?),
        body: Set(to_body(next)?),
    };
    // Not named: this may end in the note of a job that names the visit (M11).
    let resource = "visitCodings";
    let Some(current) = current else {
        let inserted = codings::Entity::insert(row)
            .exec_without_returning(db)
            .await;
        return match inserted {
            Ok(_) => Ok(version),
            Err(error) if is_duplicate(&error) => Err(Fault::conflict(resource)),
            Err(error) => Err(db_fault(error)),
        };
    };
    let updated = codings::Entity::update_many()
        .set(row)
        .filter(codings::Column::Id.eq(key))
        .filter(codings::Column::Version.eq(current.version))
        .exec(db)
        .await
        .map_err(db_fault)?;
    saved_or_conflict(&updated, resource).map(|()| version)
}

/// Where every visit's answers stand, by key.
pub async fn states(db: &impl ConnectionTrait) -> Result<HashMap<Uuid, CodingState>, Fault> {
    let rows: Vec<(Uuid, String)> = codings::Entity::find()
        .select_only()
        .columns([codings::Column::Id, codings::Column::State])
        .into_tuple()
        .all(db)
        .await
        .map_err(db_fault)?;
    let state = |(key, word)| Ok((key, from_body(serde_json::Value::String(word))?));
    rows.into_iter().map(state).collect()
}

/// A page of the codings in any of `states`, in the order of keys, which says nothing about date or
/// place.
pub async fn page(
    db: &impl ConnectionTrait,
    states: &[CodingState],
    page: &Page,
) -> Result<Vec<Versioned<Coding>>, Fault> {
    let query = keyset::page(of_states(states)?, page, |_| {
        Sorted::id(codings::Column::Id)
    })?;
    let rows = query.all(db).await.map_err(db_fault)?;
    rows.into_iter().map(read).collect()
}

/// The codings in any of `states`, in the order of keys.
pub async fn all(
    db: &impl ConnectionTrait,
    states: &[CodingState],
) -> Result<Vec<Versioned<Coding>>, Fault> {
    let query = of_states(states)?.order_by_asc(codings::Column::Id);
    let rows = query.all(db).await.map_err(db_fault)?;
    rows.into_iter().map(read).collect()
}

fn of_states(states: &[CodingState]) -> Result<Select<codings::Entity>, Fault> {
    let words = states.iter().map(word).collect::<Result<Vec<_>, _>>()?;
    Ok(codings::Entity::find().filter(codings::Column::State.is_in(words)))
}
