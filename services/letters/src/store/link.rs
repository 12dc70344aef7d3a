//! Which letter a link of the school's check belongs to.

use visits_core::Fault;
use visits_durable::db_fault;
use visits_durable::sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};

use super::entity::links;
use crate::domain::LetterId;

/// The letter and the round of the link whose token has this hash.
pub async fn find(db: &impl ConnectionTrait, hash: &str) -> Result<Option<(LetterId, u32)>, Fault> {
    let row = links::Entity::find_by_id(hash.to_owned())
        .one(db)
        .await
        .map_err(db_fault)?;
    Ok(row.map(|row| (LetterId(row.letter), u32::try_from(row.round).unwrap_or(0))))
}

/// Keeps a new link.
pub async fn insert(
    db: &impl ConnectionTrait,
    hash: &str,
    letter: LetterId,
    round: u32,
) -> Result<(), Fault> {
    let row = links::ActiveModel {
        hash: Set(hash.to_owned()),
        letter: Set(letter.0),
        round: Set(i64::from(round)),
    };
    links::Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map_err(db_fault)?;
    Ok(())
}
