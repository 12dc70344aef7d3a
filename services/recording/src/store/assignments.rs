//! The local list of routine-inspection assignments that were heard of (M11). It only ever grows:
//! what an inspector may not see once, they may not see later.

use visits_core::{Fault, Timestamp};
use visits_durable::db_fault;
use visits_durable::sea_orm::{ConnectionTrait, EntityTrait, Set, TryInsertResult};

use super::entity::assignment;

/// Whether the inspector is assigned to a routine inspection of the school.
pub async fn exists(
    db: &impl ConnectionTrait,
    inspector: &str,
    school: &str,
) -> Result<bool, Fault> {
    let key = (inspector.to_owned(), school.to_owned());
    let row = assignment::Entity::find_by_id(key)
        .one(db)
        .await
        .map_err(db_fault)?;
    Ok(row.is_some())
}

/// Adds an assignment; whether it was new.
pub async fn add(
    db: &impl ConnectionTrait,
    inspector: &str,
    school: &str,
    heard_at: Timestamp,
) -> Result<bool, Fault> {
    let row = assignment::ActiveModel {
        inspector: Set(inspector.to_owned()),
        school: Set(school.to_owned()),
        heard_at: Set(heard_at.as_microsecond()),
    };
    let inserted = assignment::Entity::insert(row)
        .on_conflict_do_nothing()
        .exec_without_returning(db)
        .await
        .map_err(db_fault)?;
    Ok(matches!(inserted, TryInsertResult::Inserted(1..)))
}
