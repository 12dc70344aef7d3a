//! Letters, by version.

use visits_core::{Fault, Timestamp};
use visits_durable::db_fault;
use visits_durable::sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
};
use visits_durable::store::{self, Versioned, from_body, to_body};

use super::entity::{letters, team};
use crate::domain::{Letter, LetterId, State};

/// A letter, if there is one of that name.
pub async fn load(
    db: &impl ConnectionTrait,
    id: LetterId,
) -> Result<Option<Versioned<Letter>>, Fault> {
    let row = letters::Entity::find_by_id(id.0)
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(read).transpose()
}

/// The same inside a step: other writers of this letter wait for it.
pub async fn hold(
    db: &impl ConnectionTrait,
    id: LetterId,
) -> Result<Option<Versioned<Letter>>, Fault> {
    let row = letters::Entity::find_by_id(id.0)
        .lock_exclusive()
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(read).transpose()
}

/// Saves a letter over `current`; `team_access_ends` is when its team stops reading it (M11).
pub async fn save(
    db: &impl ConnectionTrait,
    current: Option<&Versioned<Letter>>,
    next: &Letter,
    team_access_ends: Option<Timestamp>,
) -> Result<Versioned<Letter>, Fault> {
    let version = Versioned::next_version(current);
    let row = letters::ActiveModel {
        id: Set(next.id.0),
        version: Set(version),
        kind: Set(next.about.kind.code().to_owned()),
        state: Set(next.state.code().to_owned()),
        visit: Set(next.about.visit.0),
        urn: Set(next.about.urn.clone()),
        visit_date: Set(next.about.visit_date.to_string()),
        slug: Set(next.slug()),
        is_public: Set(next.state.is_public() || next.state == State::Withdrawn),
        team_access_ends_at: Set(team_access_ends.map(Timestamp::as_microsecond)),
        body: Set(to_body(next)?),
    };
    if let Some(current) = current {
        let result = letters::Entity::update_many()
            .set(row)
            .filter(letters::Column::Id.eq(next.id.0))
            .filter(letters::Column::Version.eq(current.version))
            .exec(db)
            .await
            .map_err(db_fault)?;
        store::saved_or_conflict(&result, &next.name())?;
    } else {
        letters::Entity::insert(row)
            .exec_without_returning(db)
            .await
            .map_err(|error| {
                if store::is_duplicate(&error) {
                    Fault::conflict(next.name())
                } else {
                    db_fault(error)
                }
            })?;
        let members = next
            .about
            .inspectors
            .iter()
            .map(|inspector| team::ActiveModel {
                letter: Set(next.id.0),
                inspector: Set(inspector.clone()),
            });
        team::Entity::insert_many(members)
            .exec_without_returning(db)
            .await
            .map_err(db_fault)?;
    }
    Ok(Versioned {
        id: next.id.0,
        version,
        value: next.clone(),
    })
}

pub(super) fn read(row: letters::Model) -> Result<Versioned<Letter>, Fault> {
    Ok(Versioned {
        id: row.id,
        version: row.version,
        value: from_body(row.body)?,
    })
}
