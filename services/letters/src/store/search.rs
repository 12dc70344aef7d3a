//! Lists of letters: what is asked for, cut to what the asker may read.

use uuid::Uuid;
use visits_core::{Fault, Timestamp};
use visits_durable::db_fault;
use visits_durable::sea_orm::sea_query::{Expr, ExprTrait, Query};
use visits_durable::sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use visits_durable::store::Versioned;

use super::entity::{barrier, letters, team};
use super::letter::read;
use crate::domain::{Kind, Letter, State};

/// What a list asks for; nothing set asks for everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Letters in this state.
    pub state: Option<State>,
    /// Letters of this kind.
    pub kind: Option<Kind>,
    /// Letters about this school.
    pub urn: Option<String>,
    /// Letters about this visit.
    pub visit: Option<Uuid>,
}

/// Who reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Reads every draft, the barrier excepted: a publisher, or a service.
    Office(String),
    /// Reads the drafts of their own visits, until their access ends and the barrier excepted.
    Inspector(String, Timestamp),
}

/// Letters with their drafts, the newest first, after the letter `after`.
pub async fn drafts(
    db: &impl ConnectionTrait,
    wanted: &Wanted,
    reader: &Reader,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Versioned<Letter>>, Fault> {
    let mut asked = condition(wanted);
    let (Reader::Office(principal) | Reader::Inspector(principal, _)) = reader;
    asked = asked.add(not_behind_barrier(principal));
    if let Reader::Inspector(principal, now) = reader {
        asked = asked.add(of_team(principal)).add(
            Condition::any()
                .add(letters::Column::TeamAccessEndsAt.is_null())
                .add(letters::Column::TeamAccessEndsAt.gt(now.as_microsecond())),
        );
    }
    if let Some(after) = after {
        asked = asked.add(letters::Column::Id.lt(after));
    }
    let rows = letters::Entity::find()
        .filter(asked)
        .order_by_desc(letters::Column::Id)
        .limit(limit)
        .all(db)
        .await
        .map_err(db_fault)?;
    rows.into_iter().map(read).collect()
}

/// Published and withdrawn letters, the newest visit first, after the visit date and letter `after`.
pub async fn published(
    db: &impl ConnectionTrait,
    wanted: &Wanted,
    after: Option<(String, Uuid)>,
    limit: u64,
) -> Result<Vec<Versioned<Letter>>, Fault> {
    let mut asked = condition(wanted).add(letters::Column::IsPublic.eq(true));
    if let Some((date, id)) = after {
        asked = asked.add(
            Condition::any()
                .add(letters::Column::VisitDate.lt(date.clone()))
                .add(
                    Condition::all()
                        .add(letters::Column::VisitDate.eq(date))
                        .add(letters::Column::Id.lt(id)),
                ),
        );
    }
    let rows = letters::Entity::find()
        .filter(asked)
        .order_by_desc(letters::Column::VisitDate)
        .order_by_desc(letters::Column::Id)
        .limit(limit)
        .all(db)
        .await
        .map_err(db_fault)?;
    rows.into_iter().map(read).collect()
}

/// The published or withdrawn letter at a public address.
pub async fn at_address(
    db: &impl ConnectionTrait,
    urn: &str,
    slug: &str,
) -> Result<Option<Versioned<Letter>>, Fault> {
    let row = letters::Entity::find()
        .filter(letters::Column::Urn.eq(urn))
        .filter(letters::Column::Slug.eq(slug))
        .filter(letters::Column::IsPublic.eq(true))
        .order_by_desc(letters::Column::Id)
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(read).transpose()
}

/// Up to `limit` unpublished letters after `after`, for the sweep.
pub async fn on_their_way(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Versioned<Letter>>, Fault> {
    let states: Vec<&str> = State::ALL
        .into_iter()
        .filter(|state| state.is_before_publication())
        .map(State::code)
        .collect();
    let mut query = letters::Entity::find()
        .filter(letters::Column::State.is_in(states))
        .order_by_asc(letters::Column::Id)
        .limit(limit);
    if let Some(after) = after {
        query = query.filter(letters::Column::Id.gt(after));
    }
    let rows = query.all(db).await.map_err(db_fault)?;
    rows.into_iter().map(read).collect()
}

fn condition(wanted: &Wanted) -> Condition {
    Condition::all()
        .add_option(
            wanted
                .state
                .map(|state| letters::Column::State.eq(state.code())),
        )
        .add_option(
            wanted
                .kind
                .map(|kind| letters::Column::Kind.eq(kind.code())),
        )
        .add_option(
            wanted
                .urn
                .as_deref()
                .map(|urn| letters::Column::Urn.eq(urn)),
        )
        .add_option(wanted.visit.map(|visit| letters::Column::Visit.eq(visit)))
}

fn of_team(inspector: &str) -> Expr {
    letters::Column::Id.in_subquery(
        Query::select()
            .column(team::Column::Letter)
            .from(team::Entity)
            .and_where(team::Column::Inspector.eq(inspector))
            .to_owned(),
    )
}

fn not_behind_barrier(principal: &str) -> Expr {
    letters::Column::Urn.not_in_subquery(
        Query::select()
            .column(barrier::Column::Urn)
            .from(barrier::Entity)
            .and_where(Expr::col(barrier::Column::Inspector).eq(principal))
            .to_owned(),
    )
}
