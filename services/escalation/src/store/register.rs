//! The register of directors and deputies (M28).

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use visits_core::Fault;
use visits_durable::db_fault;
use visits_durable::store::{Versioned, from_body, saved_or_conflict, to_body};

use super::entity::directorships;
use crate::domain::region::Region;
use crate::domain::register::{Directorship, DirectorshipId, Register};

fn read(row: directorships::Model) -> Result<Versioned<Directorship>, Fault> {
    Ok(Versioned {
        id: row.id,
        version: row.version,
        value: from_body(row.body)?,
    })
}

/// An entry, for a step: whoever changes it next waits.
pub async fn load_entry(
    tx: &impl ConnectionTrait,
    id: DirectorshipId,
) -> Result<Option<Versioned<Directorship>>, Fault> {
    let row = directorships::Entity::find_by_id(id.0)
        .lock_exclusive()
        .one(tx)
        .await;
    row.map_err(db_fault)?.map(read).transpose()
}

/// The entries in the order in which they were made; of one region, if one is named. Eight
/// regions and a few entries a term: a list for the memory.
pub async fn list(
    db: &impl ConnectionTrait,
    region: Option<Region>,
) -> Result<Vec<Versioned<Directorship>>, Fault> {
    let mut query = directorships::Entity::find().order_by_asc(directorships::Column::Id);
    if let Some(region) = region {
        query = query.filter(directorships::Column::Region.eq(region.slug()));
    }
    let rows = query.all(db).await.map_err(db_fault)?;
    rows.into_iter().map(read).collect()
}

/// The register, for a rule; of one region, if one is named.
pub async fn load(db: &impl ConnectionTrait, region: Option<Region>) -> Result<Register, Fault> {
    let entries = list(db, region).await?;
    Ok(Register(
        entries.into_iter().map(|entry| entry.value).collect(),
    ))
}

/// Keeps an entry that stood at `current`.
pub async fn save(
    db: &impl ConnectionTrait,
    current: Option<&Versioned<Directorship>>,
    next: Directorship,
) -> Result<Versioned<Directorship>, Fault> {
    let id = next.id.0;
    let version = Versioned::next_version(current);
    let row = directorships::ActiveModel {
        id: Set(id),
        version: Set(version),
        region: Set(next.region.slug().to_owned()),
        body: Set(to_body(&next)?),
    };
    match current {
        None => {
            let inserted = directorships::Entity::insert(row);
            inserted
                .exec_without_returning(db)
                .await
                .map_err(db_fault)?;
        }
        Some(current) => {
            let updated = directorships::Entity::update_many()
                .set(row)
                .filter(directorships::Column::Id.eq(id))
                .filter(directorships::Column::Version.eq(current.version))
                .exec(db)
                .await
                .map_err(db_fault)?;
            saved_or_conflict(&updated, &format!("regionalDirectors/{id}"))?;
        }
    }
    Ok(Versioned {
        id,
        version,
        value: next,
    })
}
