//! Visits, by version, with their teams and the diary beside them.

use visits_core::Fault;
use visits_core::civil::Date;
use visits_durable::db_fault;
use visits_durable::sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
};
use visits_durable::store::{self, Versioned, from_body, to_body};

use super::entity::{engagements, members, visits};
use crate::domain::visit::{Engagement, Visit, VisitId, VisitState};

/// A visit, if there is one of that identifier.
pub async fn load(
    db: &impl ConnectionTrait,
    id: VisitId,
) -> Result<Option<Versioned<Visit>>, Fault> {
    let row = visits::Entity::find_by_id(id.0)
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(read).transpose()
}

/// As [`load`], for a step: whoever else writes the visit waits.
pub async fn load_locked(
    db: &impl ConnectionTrait,
    id: VisitId,
) -> Result<Option<Versioned<Visit>>, Fault> {
    let row = visits::Entity::find_by_id(id.0)
        .lock_exclusive()
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(read).transpose()
}

/// A visit of the school that is ahead or under way, if there is one.
pub async fn live_at(db: &impl ConnectionTrait, urn: &str) -> Result<Option<VisitId>, Fault> {
    let live = VisitState::ALL
        .into_iter()
        .filter(|state| state.is_ahead() || *state == VisitState::InProgress)
        .map(VisitState::name);
    let row = visits::Entity::find()
        .filter(visits::Column::Urn.eq(urn))
        .filter(visits::Column::State.is_in(live))
        .one(db)
        .await
        .map_err(db_fault)?;
    Ok(row.map(|row| VisitId(row.id)))
}

/// The diaries of these inspectors from `first` to `last`.
pub async fn diary(
    db: &impl ConnectionTrait,
    inspectors: Vec<String>,
    first: Date,
    last: Date,
) -> Result<Vec<Engagement>, Fault> {
    let rows = engagements::Entity::find()
        .filter(engagements::Column::Inspector.is_in(inspectors))
        .filter(engagements::Column::Date.between(first.to_string(), last.to_string()))
        .all(db)
        .await
        .map_err(db_fault)?;
    rows.into_iter()
        .map(|row| {
            let date = row.date.parse();
            Ok(Engagement {
                inspector: row.inspector,
                date: date.map_err(|_| Fault::fatal("a stored date that is none"))?,
                visit: VisitId(row.visit),
            })
        })
        .collect()
}

/// Saves a visit over `current`, with its team and the days that it takes out of the diaries.
pub async fn save(
    db: &impl ConnectionTrait,
    current: Option<&Versioned<Visit>>,
    next: &Visit,
) -> Result<Versioned<Visit>, Fault> {
    let version = Versioned::next_version(current);
    let row = visits::ActiveModel {
        id: Set(next.id.0),
        version: Set(version),
        urn: Set(next.school.clone()),
        region: Set(next.region.slug().to_owned()),
        state: Set(next.state.name().to_owned()),
        visit_date: Set(next.visit_date.to_string()),
        call_date: Set(next.call.date.to_string()),
        call_state: Set(next.call.state.name().to_owned()),
        is_flagged: Set(!next.flags.is_empty()),
        body: Set(to_body(next)?),
    };
    let resource = next.id.resource();
    if let Some(current) = current {
        let result = visits::Entity::update_many()
            .set(row)
            .filter(visits::Column::Id.eq(next.id.0))
            .filter(visits::Column::Version.eq(current.version))
            .exec(db)
            .await
            .map_err(db_fault)?;
        store::saved_or_conflict(&result, &resource)?;
    } else {
        visits::Entity::insert(row)
            .exec_without_returning(db)
            .await
            .map_err(|error| conflict_if_taken(error, &resource))?;
    }
    let before = current.map(|current| &current.value);
    if before.map(|visit| visit.team.members()) != Some(next.team.members()) {
        save_members(db, next).await?;
    }
    let days = next.engagements();
    if before.map(Visit::engagements) != Some(days.clone()) {
        save_engagements(db, next.id, days).await?;
    }
    Ok(Versioned {
        id: next.id.0,
        version,
        value: next.clone(),
    })
}

async fn save_members(db: &impl ConnectionTrait, visit: &Visit) -> Result<(), Fault> {
    members::Entity::delete_many()
        .filter(members::Column::Visit.eq(visit.id.0))
        .exec(db)
        .await
        .map_err(db_fault)?;
    let rows = visit
        .team
        .members()
        .iter()
        .map(|member| members::ActiveModel {
            visit: Set(visit.id.0),
            inspector: Set(member.clone()),
        });
    members::Entity::insert_many(rows)
        .exec_without_returning(db)
        .await
        .map_err(db_fault)?;
    Ok(())
}

async fn save_engagements(
    db: &impl ConnectionTrait,
    id: VisitId,
    days: Vec<Engagement>,
) -> Result<(), Fault> {
    engagements::Entity::delete_many()
        .filter(engagements::Column::Visit.eq(id.0))
        .exec(db)
        .await
        .map_err(db_fault)?;
    if days.is_empty() {
        return Ok(());
    }
    let rows = days.into_iter().map(|day| engagements::ActiveModel {
        inspector: Set(day.inspector),
        date: Set(day.date.to_string()),
        visit: Set(id.0),
    });
    engagements::Entity::insert_many(rows)
        .exec_without_returning(db)
        .await
        // The diary was read before; whoever took the day since then was quicker.
        .map_err(|error| conflict_if_taken(error, &id.resource()))?;
    Ok(())
}

fn conflict_if_taken(error: DbErr, resource: &str) -> Fault {
    if store::is_duplicate(&error) {
        Fault::conflict(resource)
    } else {
        db_fault(error)
    }
}

pub(super) fn read(row: visits::Model) -> Result<Versioned<Visit>, Fault> {
    Ok(Versioned {
        id: row.id,
        version: row.version,
        value: from_body(row.body)?,
    })
}
