//! Lists of schools and visits: what is asked for, cut to what the asker may read.

use uuid::Uuid;
use visits_core::civil::Date;
use visits_core::{Fault, Page};
use visits_durable::db_fault;
use visits_durable::keyset::{self, Sorted};
use visits_durable::sea_orm::sea_query::Query;
use visits_durable::sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use visits_durable::store::Versioned;

use super::entity::{members, routine_inspections, schools, visits};
use super::school::Stored;
use super::{school, visit};
use crate::domain::call::CallState;
use crate::domain::visit::{Visit, VisitState};

/// What a list of schools asks for; nothing set asks for everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedSchools {
    /// Schools of this local authority.
    pub local_authority_code: Option<String>,
    /// Schools of this Ofsted region.
    pub region: Option<String>,
    /// Schools of this phase.
    pub phase: Option<String>,
    /// Schools of this status.
    pub status: Option<String>,
    /// Schools of this IDACI quintile.
    pub idaci_quintile: Option<i32>,
    /// Schools of this previous grade: for choosing the sample (M5).
    pub previous_grade: Option<String>,
}

/// What a list of visits asks for; nothing set asks for everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedVisits {
    /// Visits in this state.
    pub state: Option<String>,
    /// Visits of this school.
    pub urn: Option<String>,
    /// Visits of this Ofsted region.
    pub region: Option<String>,
    /// Visits on this day.
    pub visit_date: Option<Date>,
    /// Visits from this day on.
    pub from: Option<Date>,
    /// Visits until this day.
    pub until: Option<Date>,
    /// Visits that wait for a review, or those that don't.
    pub flagged: Option<bool>,
    /// Visits to be called about on this day.
    pub call_date: Option<Date>,
    /// Of that day, also those whose call has ended, one way or the other.
    pub ended_calls: bool,
}

/// Who reads visits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Reads every visit.
    Office,
    /// Reads the visits of their own teams, the barrier excepted (M11).
    Inspector(String),
}

/// A page of schools.
pub async fn schools(
    db: &impl ConnectionTrait,
    wanted: &WantedSchools,
    page: &Page,
) -> Result<Vec<Stored>, Fault> {
    let text = |column: schools::Column, value: &Option<String>| {
        value.as_deref().map(|value| column.eq(value))
    };
    let asked = Condition::all()
        .add_option(text(
            schools::Column::LocalAuthorityCode,
            &wanted.local_authority_code,
        ))
        .add_option(text(schools::Column::Region, &wanted.region))
        .add_option(text(schools::Column::Phase, &wanted.phase))
        .add_option(text(schools::Column::Status, &wanted.status))
        .add_option(text(schools::Column::PreviousGrade, &wanted.previous_grade))
        .add_option(
            wanted
                .idaci_quintile
                .map(|quintile| schools::Column::IdaciQuintile.eq(quintile)),
        );
    let query = keyset::page(
        schools::Entity::find().filter(asked),
        page,
        |field| match field {
            "pupils_on_roll" => Sorted::number(schools::Column::PupilsOnRoll).or_nothing(),
            "idaci_quintile" => Sorted::number(schools::Column::IdaciQuintile).or_nothing(),
            _ => Sorted::text(schools::Column::Urn),
        },
    )?;
    let rows = query.all(db).await.map_err(db_fault)?;
    rows.into_iter().map(school::read).collect()
}

/// A page of visits.
pub async fn visits(
    db: &impl ConnectionTrait,
    wanted: &WantedVisits,
    reader: &Reader,
    page: &Page,
) -> Result<Vec<Versioned<Visit>>, Fault> {
    let mut asked = condition(wanted);
    if let Reader::Inspector(code) = reader {
        asked = asked
            .add(visits::Column::Id.in_subquery(visits_of(code)))
            .add(visits::Column::Urn.not_in_subquery(barred_schools_of(code)));
    }
    let query = keyset::page(
        visits::Entity::find().filter(asked),
        page,
        |field| match field {
            "visit_date" => Sorted::text(visits::Column::VisitDate),
            _ => Sorted::id(visits::Column::Id),
        },
    )?;
    let rows = query.all(db).await.map_err(db_fault)?;
    rows.into_iter().map(visit::read).collect()
}

/// The visits ahead that an inspector is on the team of.
pub async fn ahead_of(
    db: &impl ConnectionTrait,
    inspector: &str,
) -> Result<Vec<Versioned<Visit>>, Fault> {
    ahead(
        db,
        Condition::all().add(visits::Column::Id.in_subquery(visits_of(inspector))),
    )
    .await
}

/// The visits ahead of these schools; of all schools if none is named.
pub async fn ahead_at(
    db: &impl ConnectionTrait,
    urn: Option<&str>,
    local_authority_code: Option<&str>,
) -> Result<Vec<Versioned<Visit>>, Fault> {
    let of_authority = local_authority_code.map(|code| {
        visits::Column::Urn.in_subquery(
            Query::select()
                .column(schools::Column::Urn)
                .from(schools::Entity)
                .and_where(schools::Column::LocalAuthorityCode.eq(code))
                .to_owned(),
        )
    });
    let asked = Condition::all()
        .add_option(urn.map(|urn| visits::Column::Urn.eq(urn)))
        .add_option(of_authority);
    ahead(db, asked).await
}

/// Up to `limit` visits ahead after `after`, for the sweep.
pub async fn ahead_page(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Versioned<Visit>>, Fault> {
    let mut query = visits::Entity::find()
        .filter(visits::Column::State.is_in(names_ahead()))
        .order_by_asc(visits::Column::Id)
        .limit(limit);
    if let Some(after) = after {
        query = query.filter(visits::Column::Id.gt(after));
    }
    let rows = query.all(db).await.map_err(db_fault)?;
    rows.into_iter().map(visit::read).collect()
}

async fn ahead(
    db: &impl ConnectionTrait,
    asked: Condition,
) -> Result<Vec<Versioned<Visit>>, Fault> {
    let rows = visits::Entity::find()
        .filter(asked)
        .filter(visits::Column::State.is_in(names_ahead()))
        .order_by_asc(visits::Column::Id)
        .all(db)
        .await
        .map_err(db_fault)?;
    rows.into_iter().map(visit::read).collect()
}

fn names_ahead() -> Vec<&'static str> {
    VisitState::ALL
        .into_iter()
        .filter(|state| state.is_ahead())
        .map(VisitState::name)
        .collect()
}

fn condition(wanted: &WantedVisits) -> Condition {
    let day = |date: Option<Date>| date.map(|date| date.to_string());
    let state = wanted.state.as_deref();
    let mut asked = Condition::all()
        .add_option(state.map(|state| visits::Column::State.eq(state)))
        .add_option(wanted.urn.as_deref().map(|urn| visits::Column::Urn.eq(urn)))
        .add_option(
            wanted
                .region
                .as_deref()
                .map(|r| visits::Column::Region.eq(r)),
        )
        .add_option(day(wanted.visit_date).map(|d| visits::Column::VisitDate.eq(d)))
        .add_option(day(wanted.from).map(|d| visits::Column::VisitDate.gte(d)))
        .add_option(day(wanted.until).map(|d| visits::Column::VisitDate.lte(d)))
        .add_option(
            wanted
                .flagged
                .map(|flagged| visits::Column::IsFlagged.eq(flagged)),
        );
    if let Some(date) = wanted.call_date {
        asked = asked.add(visits::Column::CallDate.eq(date.to_string()));
        asked = if wanted.ended_calls {
            asked.add(visits::Column::State.ne(VisitState::Cancelled.name()))
        } else {
            let open = [CallState::Scheduled, CallState::Due, CallState::InProgress];
            asked
                .add(visits::Column::CallState.is_in(open.map(CallState::name)))
                .add(visits::Column::State.eq(VisitState::Planned.name()))
        };
    }
    asked
}

fn visits_of(inspector: &str) -> visits_durable::sea_orm::sea_query::SelectStatement {
    Query::select()
        .column(members::Column::Visit)
        .from(members::Entity)
        .and_where(members::Column::Inspector.eq(inspector))
        .to_owned()
}

fn barred_schools_of(inspector: &str) -> visits_durable::sea_orm::sea_query::SelectStatement {
    Query::select()
        .column(routine_inspections::Column::Urn)
        .from(routine_inspections::Entity)
        .and_where(routine_inspections::Column::Inspector.eq(inspector))
        .to_owned()
}
