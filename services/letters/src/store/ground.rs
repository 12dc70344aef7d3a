//! What was heard about visits, by version.

use uuid::Uuid;
use visits_core::Fault;
use visits_durable::db_fault;
use visits_durable::sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use visits_durable::store::{self, Versioned, from_body, to_body};

use super::entity::grounds;
use crate::domain::{Ground, VisitId};

/// What is known about a visit, if anything was heard.
pub async fn load(
    db: &impl ConnectionTrait,
    visit: VisitId,
) -> Result<Option<Versioned<Ground>>, Fault> {
    let row = grounds::Entity::find_by_id(visit.0)
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(read).transpose()
}

/// The same inside a step: other writers of this visit's ground wait for it.
pub async fn hold(
    db: &impl ConnectionTrait,
    visit: VisitId,
) -> Result<Option<Versioned<Ground>>, Fault> {
    let row = grounds::Entity::find_by_id(visit.0)
        .lock_exclusive()
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(read).transpose()
}

/// Saves what is known now over `current`.
pub async fn save(
    db: &impl ConnectionTrait,
    current: Option<&Versioned<Ground>>,
    next: &Ground,
) -> Result<i64, Fault> {
    let version = Versioned::next_version(current);
    let row = grounds::ActiveModel {
        visit: Set(next.visit.0),
        version: Set(version),
        body: Set(to_body(next)?),
    };
    let name = format!("visits/{}", next.visit);
    if let Some(current) = current {
        let result = grounds::Entity::update_many()
            .set(row)
            .filter(grounds::Column::Visit.eq(next.visit.0))
            .filter(grounds::Column::Version.eq(current.version))
            .exec(db)
            .await
            .map_err(db_fault)?;
        store::saved_or_conflict(&result, &name)?;
    } else {
        grounds::Entity::insert(row)
            .exec_without_returning(db)
            .await
            .map_err(|error| {
                if store::is_duplicate(&error) {
                    Fault::conflict(&name)
                } else {
                    db_fault(error)
                }
            })?;
    }
    Ok(version)
}

/// Up to `limit` visits after `after`, for the sweep.
pub async fn page(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Versioned<Ground>>, Fault> {
    let mut query = grounds::Entity::find()
        .order_by_asc(grounds::Column::Visit)
        .limit(limit);
    if let Some(after) = after {
        query = query.filter(grounds::Column::Visit.gt(after));
    }
    let rows = query.all(db).await.map_err(db_fault)?;
    rows.into_iter().map(read).collect()
}

fn read(row: grounds::Model) -> Result<Versioned<Ground>, Fault> {
    Ok(Versioned {
        id: row.visit,
        version: row.version,
        value: from_body(row.body)?,
    })
}
