//! Coding frames: inserted, never updated.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use visits_core::Fault;
use visits_durable::db_fault;
use visits_durable::store::{from_body, is_duplicate, to_body};

use super::entity::frames;
use crate::domain::frame::Frame;

/// The frame of that version.
pub async fn load(db: &impl ConnectionTrait, version: &str) -> Result<Option<Frame>, Fault> {
    let row = frames::Entity::find_by_id(version)
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(|row| from_body(row.body)).transpose()
}

/// Keeps a new version.
pub async fn insert(db: &impl ConnectionTrait, frame: &Frame) -> Result<(), Fault> {
    let row = frames::ActiveModel {
        version: Set(frame.content.version.clone()),
        effective_date: Set(frame.content.effective_date.to_string()),
        body: Set(to_body(frame)?),
    };
    match frames::Entity::insert(row).exec_without_returning(db).await {
        Ok(_) => Ok(()),
        // Somebody else imported that version meanwhile; what with, the next try will see.
        Err(error) if is_duplicate(&error) => Err(Fault::conflict("codingFrames")),
        Err(error) => Err(db_fault(error)),
    }
}

/// The versions after the one named, latest effective date first; of one date the later version
/// first.
pub async fn page(
    db: &impl ConnectionTrait,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<Frame>, Fault> {
    let mut query = frames::Entity::find();
    if let Some((date, version)) = after.and_then(|key| key.split_once(' ')) {
        let same_day = Condition::all()
            .add(frames::Column::EffectiveDate.eq(date))
            .add(frames::Column::Version.lt(version));
        let further = Condition::any()
            .add(frames::Column::EffectiveDate.lt(date))
            .add(same_day);
        query = query.filter(further);
    }
    let rows = query
        .order_by_desc(frames::Column::EffectiveDate)
        .order_by_desc(frames::Column::Version)
        .limit(limit)
        .all(db)
        .await
        .map_err(db_fault)?;
    rows.into_iter().map(|row| from_body(row.body)).collect()
}

/// The key of a frame in the order of [`page`].
#[must_use]
pub fn page_key(frame: &Frame) -> String {
    format!("{} {}", frame.content.effective_date, frame.content.version)
}
