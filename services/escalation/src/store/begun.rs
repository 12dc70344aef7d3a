//! Visits begun (M34), as recording said.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, PaginatorTrait};
use visits_core::{Fault, Timestamp};
use visits_durable::db_fault;

use super::entity::visits_begun;
use crate::domain::case::VisitId;

/// Notes that a visit has begun; a second time changes nothing.
pub async fn note(
    db: &impl ConnectionTrait,
    visit: VisitId,
    started_at: Timestamp,
) -> Result<(), Fault> {
    let row = visits_begun::ActiveModel {
        visit_id: Set(visit.0),
        started_at: Set(started_at.as_microsecond()),
    };
    visits_begun::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(db)
        .await
        .map_err(db_fault)?;
    Ok(())
}

/// How many visits have begun.
pub async fn count(db: &impl ConnectionTrait) -> Result<u64, Fault> {
    let count = visits_begun::Entity::find().count(db).await;
    count.map_err(db_fault)
}
