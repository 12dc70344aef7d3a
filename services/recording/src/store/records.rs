//! Records: loaded with their version, saved over it.

use uuid::Uuid;
use visits_core::{Fault, Page, Part, Timestamp};
use visits_durable::db_fault;
use visits_durable::keyset::{self, Sorted};
use visits_durable::sea_orm::sea_query::{Query, SelectStatement};
use visits_durable::sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};
use visits_durable::store::{Versioned, from_body, is_duplicate, saved_or_conflict, to_body};

use super::entity::{member, record};
use crate::domain::{Record, Stage, VisitId};
use crate::name;

/// Which records a list asks for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only those of this inspector's teams.
    pub inspector: Option<String>,
    /// Only those in this stage.
    pub stage: Option<Stage>,
    /// Only those of this school.
    pub school: Option<String>,
    /// Only those of this date.
    pub visit_date: Option<String>,
}

/// The record of `visit`, if there is one.
pub async fn load(
    db: &impl ConnectionTrait,
    visit: VisitId,
) -> Result<Option<Versioned<Record>>, Fault> {
    let row = record::Entity::find_by_id(visit.0)
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(versioned).transpose()
}

/// As [`load`], inside a step: nobody else changes the record until the step is over. SQLite has no
/// such lock and needs none, for there steps come one after the other (R2).
pub async fn load_to_change(
    tx: &impl ConnectionTrait,
    visit: VisitId,
) -> Result<Option<Versioned<Record>>, Fault> {
    let row = record::Entity::find_by_id(visit.0)
        .lock_exclusive()
        .one(tx)
        .await
        .map_err(db_fault)?;
    row.map(versioned).transpose()
}

fn versioned(row: record::Model) -> Result<Versioned<Record>, Fault> {
    Ok(Versioned {
        id: row.id,
        version: row.version,
        value: from_body(row.body)?,
    })
}

/// Saves `next` over what was loaded, or as a new record; the version that it gets.
pub async fn save(
    db: &impl ConnectionTrait,
    held: Option<&Versioned<Record>>,
    next: &Record,
) -> Result<i64, Fault> {
    let version = Versioned::next_version(held);
    let date = next.briefing.as_ref().map(|b| b.visit_date.to_string());
    let row = record::ActiveModel {
        id: Set(next.visit.0),
        version: Set(version),
        school: Set(next.school.clone()),
        stage: Set(next.stage.name().to_owned()),
        visit_date: Set(date.unwrap_or_default()),
        access_ends_at: Set(next.access_ends_at.map(Timestamp::as_microsecond)),
        access_ended_at: Set(next.access_ended_at.map(Timestamp::as_microsecond)),
        body: Set(to_body(next)?),
    };
    match held {
        None => {
            record::Entity::insert(row)
                .exec_without_returning(db)
                .await
                .map_err(|error| {
                    if is_duplicate(&error) {
                        Fault::conflict(name::record(next.visit))
                    } else {
                        db_fault(error)
                    }
                })?;
        }
        Some(held) => {
            let result = record::Entity::update_many()
                .set(row)
                .filter(record::Column::Id.eq(next.visit.0))
                .filter(record::Column::Version.eq(held.version))
                .exec(db)
                .await
                .map_err(db_fault)?;
            saved_or_conflict(&result, &name::record(next.visit))?;
        }
    }
    if held.is_none_or(|held| held.value.team() != next.team()) {
        save_members(db, next).await?;
    }
    Ok(version)
}

async fn save_members(db: &impl ConnectionTrait, next: &Record) -> Result<(), Fault> {
    member::Entity::delete_many()
        .filter(member::Column::Record.eq(next.visit.0))
        .exec(db)
        .await
        .map_err(db_fault)?;
    let rows: Vec<_> = next
        .team()
        .iter()
        .map(|inspector| member::ActiveModel {
            record: Set(next.visit.0),
            inspector: Set(inspector.clone()),
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    member::Entity::insert_many(rows)
        .exec_without_returning(db)
        .await
        .map_err(db_fault)?;
    Ok(())
}

/// What a record holds in a field that lists are ordered by.
pub fn part(record: &Versioned<Record>, field: &str) -> Part {
    let briefing = record.value.briefing.as_ref();
    match field {
        "visit_date" => briefing.map_or(Part::Nothing, |b| Part::text(&b.visit_date)),
        _ => Part::text(&record.id),
    }
}

fn sorted(field: &str) -> Sorted {
    match field {
        "visit_date" => Sorted::text(record::Column::VisitDate).or_empty(),
        _ => Sorted::id(record::Column::Id),
    }
}

/// A page of the records wanted.
pub async fn list(
    db: &impl ConnectionTrait,
    wanted: &Wanted,
    page: &Page,
) -> Result<Vec<Versioned<Record>>, Fault> {
    let mut query = record::Entity::find();
    if let Some(inspector) = &wanted.inspector {
        query = query.filter(record::Column::Id.in_subquery(records_of(inspector)));
    }
    if let Some(stage) = wanted.stage {
        query = query.filter(record::Column::Stage.eq(stage.name()));
    }
    if let Some(school) = &wanted.school {
        query = query.filter(record::Column::School.eq(school));
    }
    if let Some(date) = &wanted.visit_date {
        query = query.filter(record::Column::VisitDate.eq(date));
    }
    let query = keyset::page(query, page, sorted)?;
    let rows = query.all(db).await.map_err(db_fault)?;
    rows.into_iter().map(versioned).collect()
}

fn records_of(inspector: &str) -> SelectStatement {
    Query::select()
        .column(member::Column::Record)
        .from(member::Entity)
        .and_where(member::Column::Inspector.eq(inspector))
        .to_owned()
}

/// The records whose access has an end that has not been carried out yet: what the sweep compares
/// with the timers.
pub async fn with_access_to_end(
    db: &impl ConnectionTrait,
) -> Result<Vec<(VisitId, Timestamp)>, Fault> {
    let rows: Vec<(Uuid, Option<i64>)> = record::Entity::find()
        .select_only()
        .column(record::Column::Id)
        .column(record::Column::AccessEndsAt)
        .filter(record::Column::AccessEndsAt.is_not_null())
        .filter(record::Column::AccessEndedAt.is_null())
        .order_by_asc(record::Column::Id)
        .into_tuple()
        .all(db)
        .await
        .map_err(db_fault)?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, end)| Some((VisitId(id), visits_core::clock::from_micros(end?))))
        .collect())
}
