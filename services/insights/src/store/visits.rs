//! What was heard of visits.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;
use visits_core::Fault;
use visits_durable::db_fault;
use visits_durable::store::{Versioned, from_body, is_duplicate, saved_or_conflict, to_body};

use super::entity::visits;
use super::word;
use crate::domain::visit::Visit;

fn read(row: visits::Model) -> Result<Versioned<Visit>, Fault> {
    Ok(Versioned {
        id: row.id,
        version: row.version,
        value: from_body(row.body)?,
    })
}

/// What was heard of that visit.
pub async fn load(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Versioned<Visit>>, Fault> {
    let row = visits::Entity::find_by_id(id)
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(read).transpose()
}

/// The same inside a step: whoever else would change it waits.
pub async fn lock(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Versioned<Visit>>, Fault> {
    let row = visits::Entity::find_by_id(id)
        .lock_exclusive()
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(read).transpose()
}

/// Keeps the next state of a visit that stood at `current`, and gives its version.
pub async fn save(
    db: &impl ConnectionTrait,
    id: Uuid,
    current: Option<&Versioned<Visit>>,
    next: &Visit,
) -> Result<i64, Fault> {
    let version = Versioned::next_version(current);
    let completed_at = next
        .completed
        .as_ref()
        .map(|completed| completed.at.as_microsecond());
    let row = visits::ActiveModel {
        id: Set(id),
        version: Set(version),
        life: Set(word(&next.life())?),
        completed_at: Set(completed_at),
        body: Set(to_body(next)?),
    };
    let resource = format!("visits/{id}");
    let Some(current) = current else {
        let inserted = visits::Entity::insert(row).exec_without_returning(db).await;
        return match inserted {
            Ok(_) => Ok(version),
            Err(error) if is_duplicate(&error) => Err(Fault::conflict(resource)),
            Err(error) => Err(db_fault(error)),
        };
    };
    let updated = visits::Entity::update_many()
        .set(row)
        .filter(visits::Column::Id.eq(id))
        .filter(visits::Column::Version.eq(current.version))
        .exec(db)
        .await
        .map_err(db_fault)?;
    saved_or_conflict(&updated, &resource).map(|()| version)
}

/// Every visit of which anything was heard. A term has some two thousand.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Versioned<Visit>>, Fault> {
    let rows = visits::Entity::find().all(db).await.map_err(db_fault)?;
    rows.into_iter().map(read).collect()
}
