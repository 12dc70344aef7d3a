//! Lists of letters: what is asked for, cut to what the asker may read.

use uuid::Uuid;
use visits_core::{Fault, Page, Part, SortKey, Timestamp};
use visits_durable::db_fault;
use visits_durable::keyset::{self, Sorted};
use visits_durable::sea_orm::sea_query::{Expr, ExprTrait, Query};
use visits_durable::sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use visits_durable::store::Versioned;
use visits_runtime::order::Orders;
use visits_runtime::paging::Listing;

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

/// The orders and page sizes of letters with their drafts (R-API-3). Names are UUIDv7: their order
/// is that of time.
pub const DRAFTS: Listing = listing(&[SortKey::descending("name")]);
/// The same of published letters.
pub const PUBLISHED: Listing = listing(&[SortKey::descending("visit_date")]);

const fn listing(default: &'static [SortKey]) -> Listing {
    Listing {
        orders: Orders {
            fields: &["name", "visit_date"],
            default,
            key: "name",
        },
        page_default: 50,
        page_max: 200,
    }
}

/// What a letter holds in a field that lists are ordered by.
pub fn part(letter: &Versioned<Letter>, field: &str) -> Part {
    match field {
        "visit_date" => Part::text(&letter.value.about.visit_date),
        _ => Part::text(&letter.id),
    }
}

fn sorted(field: &str) -> Sorted {
    match field {
        "visit_date" => Sorted::text(letters::Column::VisitDate),
        _ => Sorted::id(letters::Column::Id),
    }
}

/// A page of letters with their drafts.
pub async fn drafts(
    db: &impl ConnectionTrait,
    wanted: &Wanted,
    reader: &Reader,
    page: &Page,
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
    let query = keyset::page(letters::Entity::find().filter(asked), page, sorted)?;
    let rows = query.all(db).await.map_err(db_fault)?;
    rows.into_iter().map(read).collect()
}

/// A page of the published and withdrawn letters.
pub async fn published(
    db: &impl ConnectionTrait,
    wanted: &Wanted,
    page: &Page,
) -> Result<Vec<Versioned<Letter>>, Fault> {
    let asked = condition(wanted).add(letters::Column::IsPublic.eq(true));
    let query = keyset::page(letters::Entity::find().filter(asked), page, sorted)?;
    let rows = query.all(db).await.map_err(db_fault)?;
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
