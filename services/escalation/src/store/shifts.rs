//! The duty desk's shifts.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use visits_core::{Fault, Page};
use visits_durable::db_fault;
use visits_durable::keyset::{self, Sorted};
use visits_durable::store::{Versioned, from_body, is_duplicate, saved_or_conflict, to_body};

use super::entity::shifts;
use crate::domain::shift::{Shift, ShiftId};

fn read(row: shifts::Model) -> Result<Versioned<Shift>, Fault> {
    Ok(Versioned {
        id: row.id,
        version: row.version,
        value: from_body(row.body)?,
    })
}

/// The shift, for a step: whoever changes it next waits.
pub async fn load(
    tx: &impl ConnectionTrait,
    id: ShiftId,
) -> Result<Option<Versioned<Shift>>, Fault> {
    let row = shifts::Entity::find_by_id(id.0)
        .lock_exclusive()
        .one(tx)
        .await;
    row.map_err(db_fault)?.map(read).transpose()
}

/// The operator's shift that has not ended, for a step.
pub async fn load_present(
    tx: &impl ConnectionTrait,
    operator: &str,
) -> Result<Option<Versioned<Shift>>, Fault> {
    let row = shifts::Entity::find()
        .filter(shifts::Column::OnDuty.eq(operator))
        .lock_exclusive()
        .one(tx)
        .await;
    row.map_err(db_fault)?.map(read).transpose()
}

/// Which of these operators are on duty, for a step: none of them goes off duty before it ends.
/// Steps lock shifts before cases, each in one order.
pub async fn load_on_duty(
    tx: &impl ConnectionTrait,
    operators: Vec<String>,
) -> Result<Vec<String>, Fault> {
    if operators.is_empty() {
        return Ok(Vec::new());
    }
    let rows = shifts::Entity::find()
        .filter(shifts::Column::OnDuty.is_in(operators))
        .order_by_asc(shifts::Column::Id)
        .lock_exclusive()
        .all(tx)
        .await
        .map_err(db_fault)?;
    Ok(rows.into_iter().filter_map(|row| row.on_duty).collect())
}

/// Who is on duty.
pub async fn on_duty(db: &impl ConnectionTrait) -> Result<Vec<String>, Fault> {
    let rows = shifts::Entity::find()
        .filter(shifts::Column::OnDuty.is_not_null())
        .all(db)
        .await
        .map_err(db_fault)?;
    Ok(rows.into_iter().filter_map(|row| row.on_duty).collect())
}

/// A page of shifts; only those that last, if so asked.
pub async fn list(
    db: &impl ConnectionTrait,
    only_on_duty: bool,
    page: &Page,
) -> Result<Vec<Versioned<Shift>>, Fault> {
    let mut query = shifts::Entity::find();
    if only_on_duty {
        query = query.filter(shifts::Column::OnDuty.is_not_null());
    }
    let query = keyset::page(query, page, |_| Sorted::id(shifts::Column::Id))?;
    let rows = query.all(db).await.map_err(db_fault)?;
    rows.into_iter().map(read).collect()
}

/// Keeps a shift that stood at `current`.
pub async fn save(
    db: &impl ConnectionTrait,
    current: Option<&Versioned<Shift>>,
    next: Shift,
) -> Result<Versioned<Shift>, Fault> {
    let id = next.id.0;
    let version = Versioned::next_version(current);
    let lasts = next.ended_at.is_none();
    let row = shifts::ActiveModel {
        id: Set(id),
        version: Set(version),
        on_duty: Set(lasts.then(|| next.operator.clone())),
        body: Set(to_body(&next)?),
    };
    let resource = format!("dutyShifts/{id}");
    match current {
        None => match shifts::Entity::insert(row).exec_without_returning(db).await {
            Ok(_) => {}
            Err(error) if is_duplicate(&error) => return Err(Fault::conflict(resource)),
            Err(error) => return Err(db_fault(error)),
        },
        Some(current) => {
            let updated = shifts::Entity::update_many()
                .set(row)
                .filter(shifts::Column::Id.eq(id))
                .filter(shifts::Column::Version.eq(current.version))
                .exec(db)
                .await
                .map_err(db_fault)?;
            saved_or_conflict(&updated, &resource)?;
        }
    }
    Ok(Versioned {
        id,
        version,
        value: next,
    })
}
