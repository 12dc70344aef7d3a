//! Cases, and who is assigned to them.

use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use visits_core::{Fault, Page, Timestamp};
use visits_durable::keyset::{self, Sorted};
use visits_durable::store::{Versioned, from_body, is_duplicate, to_body};
use visits_durable::{Step, db_fault};

use super::entity::{barriers, case_readers, cases};
use crate::domain::case::{Case, CaseId, State, VisitId};
use crate::domain::region::Region;
use crate::domain::timer::{TimerKind, needed};

/// Which cases a caller may see, as the server knows it.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Who asks: cases that they are assigned to are theirs, barred schools are not (M11).
    pub principal: String,
    /// Whether every region's cases are theirs to see.
    pub every_region: bool,
    /// The regions that they direct today (M28).
    pub regions: Vec<Region>,
}

/// What a list or a watch asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Only cases in this state.
    pub state: Option<State>,
    /// Only cases that are open, or only those that are closed.
    pub open: Option<bool>,
    /// Only this region's.
    pub region: Option<Region>,
    /// Only this school's.
    pub school_urn: Option<String>,
    /// Only this visit's.
    pub visit: Option<VisitId>,
}

fn read(row: cases::Model) -> Result<Versioned<Case>, Fault> {
    Ok(Versioned {
        id: row.id,
        version: row.version,
        value: from_body(row.body)?,
    })
}

/// The case, for a step: whoever changes it next waits.
pub async fn load(tx: &impl ConnectionTrait, id: CaseId) -> Result<Option<Versioned<Case>>, Fault> {
    let query = cases::Entity::find_by_id(id.0).lock_exclusive();
    let row = query.one(tx).await;
    row.map_err(db_fault)?.map(read).transpose()
}

/// The case, for a reader.
pub async fn find(db: &impl ConnectionTrait, id: CaseId) -> Result<Option<Versioned<Case>>, Fault> {
    let row = cases::Entity::find_by_id(id.0).one(db).await;
    row.map_err(db_fault)?.map(read).transpose()
}

/// The case that a further concern about the visit joins, for a step.
pub async fn load_current(
    tx: &impl ConnectionTrait,
    visit: VisitId,
) -> Result<Option<Versioned<Case>>, Fault> {
    let row = cases::Entity::find()
        .filter(cases::Column::CurrentForVisit.eq(visit.0))
        .lock_exclusive()
        .one(tx)
        .await;
    row.map_err(db_fault)?.map(read).transpose()
}

/// Keeps the next state of a case that stood at `current`.
pub async fn save(
    step: &Step,
    current: Option<&Versioned<Case>>,
    next: Case,
) -> Result<Versioned<Case>, Fault> {
    let id = next.id.0;
    let version = Versioned::next_version(current);
    let open = !next.state.is_closed_without_nfd();
    let row = cases::ActiveModel {
        id: Set(id),
        version: Set(version),
        visit_id: Set(next.visit.0),
        current_for_visit: Set(open.then_some(next.visit.0)),
        school_urn: Set(next.school.urn.clone()),
        region: Set(next.school.region.slug().to_owned()),
        state: Set(next.state.name().to_owned()),
        waiting: Set(TimerKind::ALL
            .iter()
            .any(|kind| needed(&next, *kind).is_some())),
        section5: Set(section5(&next)),
        opened_at: Set(next.opened_at.as_microsecond()),
        deadline_at: Set(deadline(&next).map(Timestamp::as_microsecond)),
        holder: Set(next.in_the_hands_of().map(str::to_owned)),
        body: Set(to_body(&next)?),
    };
    let (db, resource) = (step.tx(), format!("cases/{id}"));
    match current {
        None => match cases::Entity::insert(row).exec_without_returning(db).await {
            Ok(_) => {}
            // Two first concerns of one visit at once: the second joins the first's case.
            Err(error) if is_duplicate(&error) => return Err(Fault::conflict(resource)),
            Err(error) => return Err(db_fault(error)),
        },
        Some(current) => {
            let update = cases::Entity::update_many()
                .set(row)
                .filter(cases::Column::Id.eq(id))
                .filter(cases::Column::Version.eq(current.version));
            step.save(update.into_query(), resource).await?;
        }
    }
    let before = current.map_or_else(Vec::new, |current| current.value.assigned());
    if before != next.assigned() {
        if current.is_some() {
            forget_readers(db, &next).await?;
        }
        write_readers(db, &next).await?;
    }
    Ok(Versioned {
        id,
        version,
        value: next,
    })
}

fn deadline(case: &Case) -> Option<Timestamp> {
    case.window.as_ref().map(|window| window.deadline_at)
}

async fn forget_readers(db: &impl ConnectionTrait, case: &Case) -> Result<(), Fault> {
    case_readers::Entity::delete_many()
        .filter(case_readers::Column::CaseId.eq(case.id.0))
        .exec(db)
        .await
        .map_err(db_fault)?;
    Ok(())
}

async fn write_readers(db: &impl ConnectionTrait, case: &Case) -> Result<(), Fault> {
    let rows = case
        .assigned()
        .into_iter()
        .map(|principal| case_readers::ActiveModel {
            case_id: Set(case.id.0),
            principal: Set(principal),
        });
    case_readers::Entity::insert_many(rows)
        .exec_without_returning(db)
        .await
        .map_err(db_fault)?;
    Ok(())
}

fn assigned_to(principal: &str) -> SelectStatement {
    case_readers::Entity::find()
        .select_only()
        .column(case_readers::Column::CaseId)
        .filter(case_readers::Column::Principal.eq(principal))
        .into_query()
}

fn barred_schools(principal: &str) -> SelectStatement {
    barriers::Entity::find()
        .select_only()
        .column(barriers::Column::SchoolUrn)
        .filter(barriers::Column::Inspector.eq(principal))
        .into_query()
}

/// The column of a field that cases are ordered by.
fn sorted(field: &str) -> Sorted {
    match field {
        "create_time" => Sorted::number(cases::Column::OpenedAt),
        "deadline_time" => Sorted::number(cases::Column::DeadlineAt).or_nothing(),
        _ => Sorted::id(cases::Column::Id),
    }
}

/// A page of the cases in `scope`.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    filter: &CaseFilter,
    page: &Page,
) -> Result<Vec<Versioned<Case>>, Fault> {
    let mut query = cases::Entity::find()
        .filter(cases::Column::SchoolUrn.not_in_subquery(barred_schools(&scope.principal)));
    if !scope.every_region {
        let directed = scope.regions.iter().map(|region| region.slug());
        query = query.filter(
            Condition::any()
                .add(cases::Column::Region.is_in(directed))
                .add(cases::Column::Id.in_subquery(assigned_to(&scope.principal))),
        );
    }
    if let Some(state) = filter.state {
        query = query.filter(cases::Column::State.eq(state.name()));
    }
    if let Some(open) = filter.open {
        let wanted = State::ALL.into_iter().filter(|s| s.is_closed() != open);
        query = query.filter(cases::Column::State.is_in(wanted.map(State::name)));
    }
    if let Some(region) = filter.region {
        query = query.filter(cases::Column::Region.eq(region.slug()));
    }
    if let Some(urn) = &filter.school_urn {
        query = query.filter(cases::Column::SchoolUrn.eq(urn));
    }
    if let Some(visit) = filter.visit {
        query = query.filter(cases::Column::VisitId.eq(visit.0));
    }
    let query = keyset::page(query, page, sorted)?;
    let rows = query.all(db).await.map_err(db_fault)?;
    rows.into_iter().map(read).collect()
}

/// The first `limit` cases that some timer must wake, after that one.
pub async fn waiting(
    db: &impl ConnectionTrait,
    after: Option<CaseId>,
    limit: u64,
) -> Result<Vec<Versioned<Case>>, Fault> {
    let mut query = cases::Entity::find()
        .filter(cases::Column::Waiting.eq(true))
        .order_by_asc(cases::Column::Id)
        .limit(limit);
    if let Some(after) = after {
        query = query.filter(cases::Column::Id.gt(after.0));
    }
    let rows = query.all(db).await.map_err(db_fault)?;
    rows.into_iter().map(read).collect()
}

/// The cases that an operator has on their hands, in the order in which steps lock them.
pub async fn held_by(db: &impl ConnectionTrait, operator: &str) -> Result<Vec<CaseId>, Fault> {
    let rows = cases::Entity::find()
        .filter(cases::Column::Holder.eq(operator))
        .order_by_asc(cases::Column::Id)
        .all(db)
        .await
        .map_err(db_fault)?;
    Ok(rows.into_iter().map(|row| CaseId(row.id)).collect())
}

/// How many cases wait for the duty desk.
pub async fn count_waiting_for_the_desk(db: &impl ConnectionTrait) -> Result<u64, Fault> {
    count_in(db, |state| state.waits_for_the_desk()).await
}

/// How many visits were converted to an NFD (M34).
pub async fn count_converted(db: &impl ConnectionTrait) -> Result<u64, Fault> {
    let converted = [State::NfdRequired, State::NfdUnderWay, State::NfdComplete];
    count_in(db, |state| converted.contains(&state)).await
}

async fn count_in(db: &impl ConnectionTrait, is_in: impl Fn(State) -> bool) -> Result<u64, Fault> {
    let states = State::ALL.into_iter().filter(|state| is_in(*state));
    cases::Entity::find()
        .filter(cases::Column::State.is_in(states.map(State::name)))
        .count(db)
        .await
        .map_err(db_fault)
}

/// How a recommendation stands in its column (M33).
const HELD: &str = "HELD";
const HANDED_OVER: &str = "HANDED_OVER";

fn section5(case: &Case) -> Option<String> {
    case.section5.as_ref().map(|section5| {
        let handed_over = section5.handed_over_at.is_some();
        (if handed_over { HANDED_OVER } else { HELD }).to_owned()
    })
}

/// A page of the cases whose section 5 recommendation was handed over, of one school or all.
pub async fn list_handed_over(
    db: &impl ConnectionTrait,
    school_urn: Option<&str>,
    page: &Page,
) -> Result<Vec<Versioned<Case>>, Fault> {
    let mut query = cases::Entity::find().filter(cases::Column::Section5.eq(HANDED_OVER));
    if let Some(urn) = school_urn {
        query = query.filter(cases::Column::SchoolUrn.eq(urn));
    }
    let query = keyset::page(query, page, sorted)?;
    let rows = query.all(db).await.map_err(db_fault)?;
    rows.into_iter().map(read).collect()
}

/// How many section 5 recommendations are held.
pub async fn count_held(db: &impl ConnectionTrait) -> Result<u64, Fault> {
    cases::Entity::find()
        .filter(cases::Column::Section5.eq(HELD))
        .count(db)
        .await
        .map_err(db_fault)
}
