//! Inspectors, by version; and the barrier, which is asked for on its own (M11).

use uuid::Uuid;
use visits_core::{Fault, Page};
use visits_durable::db_fault;
use visits_durable::keyset::{self, Sorted};
use visits_durable::sea_orm::sea_query::OnConflict;
use visits_durable::sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use visits_durable::store::{self, Versioned, from_body, to_body};

use super::entity::{inspectors, routine_inspections};
use crate::domain::inspector::Inspector;

/// An inspector, if there is one of that code.
pub async fn load(
    db: &impl ConnectionTrait,
    code: &str,
) -> Result<Option<Versioned<Inspector>>, Fault> {
    let row = inspectors::Entity::find_by_id(code.to_owned())
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(read).transpose()
}

/// As [`load`], for a step: whoever else writes the inspector waits.
pub async fn load_locked(
    db: &impl ConnectionTrait,
    code: &str,
) -> Result<Option<Versioned<Inspector>>, Fault> {
    let row = inspectors::Entity::find_by_id(code.to_owned())
        .lock_exclusive()
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(read).transpose()
}

/// The inspectors of these codes, those that exist, for a step that plans with them: leave and
/// assignments that come at the same moment wait, and then find the plan (M11). Always in the
/// same order, so that two plans never wait for each other.
pub async fn load_all_locked(
    db: &impl ConnectionTrait,
    codes: Vec<String>,
) -> Result<Vec<Inspector>, Fault> {
    let rows = inspectors::Entity::find()
        .filter(inspectors::Column::Code.is_in(codes))
        .order_by_asc(inspectors::Column::Code)
        .lock_exclusive()
        .all(db)
        .await
        .map_err(db_fault)?;
    rows.into_iter().map(|row| from_body(row.body)).collect()
}

/// Inspectors by code, after the code `after`.
pub async fn list(
    db: &impl ConnectionTrait,
    region: Option<&str>,
    page: &Page,
) -> Result<Vec<Versioned<Inspector>>, Fault> {
    let mut query = inspectors::Entity::find();
    if let Some(region) = region {
        query = query.filter(inspectors::Column::Region.eq(region));
    }
    let query = keyset::page(query, page, |_| Sorted::text(inspectors::Column::Code))?;
    let rows = query.all(db).await.map_err(db_fault)?;
    rows.into_iter().map(read).collect()
}

/// Saves an inspector over `current`; `id` is the identifier of a new one.
pub async fn save(
    db: &impl ConnectionTrait,
    current: Option<&Versioned<Inspector>>,
    id: Uuid,
    next: &Inspector,
) -> Result<Versioned<Inspector>, Fault> {
    let version = Versioned::next_version(current);
    let id = current.map_or(id, |current| current.id);
    let row = inspectors::ActiveModel {
        code: Set(next.code.clone()),
        id: Set(id),
        version: Set(version),
        region: Set(next.region.slug().to_owned()),
        body: Set(to_body(next)?),
    };
    if let Some(current) = current {
        let result = inspectors::Entity::update_many()
            .set(row)
            .filter(inspectors::Column::Code.eq(&*next.code))
            .filter(inspectors::Column::Version.eq(current.version))
            .exec(db)
            .await
            .map_err(db_fault)?;
        store::saved_or_conflict(&result, &next.resource())?;
    } else {
        inspectors::Entity::insert(row)
            .exec_without_returning(db)
            .await
            .map_err(|error| conflict_if_taken(error, &next.resource()))?;
    }
    for routine in &next.routine_inspections {
        let row = routine_inspections::ActiveModel {
            inspector: Set(next.code.clone()),
            urn: Set(routine.urn.clone()),
            assigned_at: Set(routine.assigned_at.as_microsecond()),
        };
        routine_inspections::Entity::insert(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(db)
            .await
            .map_err(db_fault)?;
    }
    Ok(Versioned {
        id,
        version,
        value: next.clone(),
    })
}

/// Whether the barrier stands between an inspector and a school (M11).
pub async fn is_barred(
    db: &impl ConnectionTrait,
    inspector: &str,
    urn: &str,
) -> Result<bool, Fault> {
    let key = (inspector.to_owned(), urn.to_owned());
    let row = routine_inspections::Entity::find_by_id(key)
        .one(db)
        .await
        .map_err(db_fault)?;
    Ok(row.is_some())
}

fn read(row: inspectors::Model) -> Result<Versioned<Inspector>, Fault> {
    Ok(Versioned {
        id: row.id,
        version: row.version,
        value: from_body(row.body)?,
    })
}

fn conflict_if_taken(error: visits_durable::sea_orm::DbErr, resource: &str) -> Fault {
    if store::is_duplicate(&error) {
        Fault::conflict(resource)
    } else {
        db_fault(error)
    }
}
