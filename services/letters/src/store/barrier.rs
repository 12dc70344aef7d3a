//! The barrier, as far as letters are concerned (M11).

use visits_core::{Fault, Timestamp};
use visits_durable::db_fault;
use visits_durable::sea_orm::sea_query::OnConflict;
use visits_durable::sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};

use super::entity::barrier;

/// Whether the barrier stands between this principal and what was gathered at this school.
pub async fn stands(db: &impl ConnectionTrait, principal: &str, urn: &str) -> Result<bool, Fault> {
    let row = barrier::Entity::find_by_id((principal.to_owned(), urn.to_owned()))
        .one(db)
        .await
        .map_err(db_fault)?;
    Ok(row.is_some())
}

/// Raises the barrier, for good.
pub async fn raise(
    db: &impl ConnectionTrait,
    inspector: &str,
    urn: &str,
    since: Timestamp,
) -> Result<(), Fault> {
    let row = barrier::ActiveModel {
        inspector: Set(inspector.to_owned()),
        urn: Set(urn.to_owned()),
        since: Set(since.as_microsecond()),
    };
    barrier::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(db)
        .await
        .map_err(db_fault)?;
    Ok(())
}
