//! Who has a routine inspection of which school (M11), as scheduling said.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use visits_core::Fault;
use visits_durable::db_fault;

use super::entity::barriers;

/// Puts the barrier between an inspector and a school; it stays.
pub async fn put(
    db: &impl ConnectionTrait,
    inspector: &str,
    school_urn: &str,
) -> Result<(), Fault> {
    let row = barriers::ActiveModel {
        inspector: Set(inspector.to_owned()),
        school_urn: Set(school_urn.to_owned()),
    };
    barriers::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(db)
        .await
        .map_err(db_fault)?;
    Ok(())
}
