//! Coding frames: inserted, never updated.

use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use visits_core::{Fault, Page};
use visits_durable::db_fault;
use visits_durable::keyset::{self, Sorted};
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

/// A page of the versions.
pub async fn page(db: &impl ConnectionTrait, page: &Page) -> Result<Vec<Frame>, Fault> {
    let query = keyset::page(frames::Entity::find(), page, |field| match field {
        "effective_date" => Sorted::text(frames::Column::EffectiveDate),
        _ => Sorted::text(frames::Column::Version),
    })?;
    let rows = query.all(db).await.map_err(db_fault)?;
    rows.into_iter().map(|row| from_body(row.body)).collect()
}
