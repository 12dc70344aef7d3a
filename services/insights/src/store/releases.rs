//! Releases: inserted, never updated. There is no other function that writes them.

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;
use visits_core::{Fault, Page};
use visits_durable::db_fault;
use visits_durable::keyset::{self, Sorted};
use visits_durable::store::{from_body, is_duplicate, to_body};

use super::entity::releases;
use crate::domain::release::{Latest, Release, ReleaseId};

/// A release with its identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Which one.
    pub id: ReleaseId,
    /// What it says.
    pub release: Release,
    /// The one that superseded it, if one did.
    pub superseded_by: Option<ReleaseId>,
}

fn number(release: &Release) -> Result<i32, Fault> {
    i32::try_from(release.number).map_err(|_| Fault::fatal("more releases than can be numbered"))
}

/// Keeps a new release.
pub async fn insert(
    db: &impl ConnectionTrait,
    id: ReleaseId,
    release: &Release,
) -> Result<(), Fault> {
    let row = releases::ActiveModel {
        id: Set(id.0),
        number: Set(number(release)?),
        through_date: Set(release.through_date.to_string()),
        body: Set(to_body(release)?),
    };
    match releases::Entity::insert(row)
        .exec_without_returning(db)
        .await
    {
        Ok(_) => Ok(()),
        // Somebody else made the release of that number meanwhile.
        Err(error) if is_duplicate(&error) => Err(Fault::conflict("releases")),
        Err(error) => Err(db_fault(error)),
    }
}

/// The latest release, as far as a new one needs to know it; inside a step, so that who else would
/// supersede it waits.
pub async fn latest(db: &impl ConnectionTrait) -> Result<Option<Latest>, Fault> {
    let row = releases::Entity::find()
        .order_by_desc(releases::Column::Number)
        .lock_exclusive()
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(|row| {
        let release: Release = from_body(row.body)?;
        Ok(Latest {
            id: ReleaseId(row.id),
            number: release.number,
            through_date: release.through_date,
        })
    })
    .transpose()
}

/// That release.
pub async fn load(db: &impl ConnectionTrait, id: ReleaseId) -> Result<Option<Kept>, Fault> {
    let row = releases::Entity::find_by_id(id.0)
        .one(db)
        .await
        .map_err(db_fault)?;
    let Some(row) = row else { return Ok(None) };
    let next = by_number(db, row.number.saturating_add(1)).await?;
    Ok(Some(Kept {
        id,
        release: from_body(row.body)?,
        superseded_by: next,
    }))
}

async fn by_number(db: &impl ConnectionTrait, number: i32) -> Result<Option<ReleaseId>, Fault> {
    let row = releases::Entity::find()
        .filter(releases::Column::Number.eq(number))
        .one(db)
        .await
        .map_err(db_fault)?;
    Ok(row.map(|row| ReleaseId(row.id)))
}

/// A page of the releases.
pub async fn page(db: &impl ConnectionTrait, page: &Page) -> Result<Vec<Kept>, Fault> {
    let query = keyset::page(releases::Entity::find(), page, |_| {
        Sorted::number(releases::Column::Number)
    })?;
    let rows = query.all(db).await.map_err(db_fault)?;
    let next = rows.iter().map(|row| row.number.saturating_add(1));
    let later: HashMap<i32, Uuid> = releases::Entity::find()
        .select_only()
        .columns([releases::Column::Number, releases::Column::Id])
        .filter(releases::Column::Number.is_in(next))
        .into_tuple::<(i32, Uuid)>()
        .all(db)
        .await
        .map_err(db_fault)?
        .into_iter()
        .collect();
    let kept = rows.into_iter().map(|row| {
        let next = later.get(&row.number.saturating_add(1)).copied();
        Ok(Kept {
            id: ReleaseId(row.id),
            release: from_body(row.body)?,
            superseded_by: next.map(ReleaseId),
        })
    });
    kept.collect()
}
