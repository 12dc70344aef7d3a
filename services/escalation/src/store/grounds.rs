//! What a right on a case rests on: the register of the school's region (M28) and the barrier before
//! the school (M11), in one question. Every step and every read of a case asks it; a read asks for
//! the case along with it.

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryResult};
use serde_json::Value;
use uuid::Uuid;
use visits_core::Fault;
use visits_durable::db_fault;
use visits_durable::store::{Versioned, from_body};

use super::entity::{barriers, cases, directorships};
use crate::domain::case::{Case, CaseId, School};
use crate::domain::register::Register;

/// The register's entries for the school's region, and who is barred from the school.
pub async fn of_school(
    db: &impl ConnectionTrait,
    school: &School,
) -> Result<(Register, Vec<String>), Fault> {
    let ask = entries(Expr::value(school.region.slug()))
        .union(UnionType::All, barred(Expr::value(&school.urn)))
        .take();
    let (_, register, barred) = answer(db, &ask).await?;
    Ok((register, barred))
}

/// A case, for a reader, with the same about its school.
pub async fn of_case(
    db: &impl ConnectionTrait,
    id: CaseId,
) -> Result<Option<(Versioned<Case>, Register, Vec<String>)>, Fault> {
    let of = |column: cases::Column| {
        let one = Query::select()
            .column(column)
            .from(cases::Entity)
            .and_where(cases::Column::Id.eq(id.0))
            .take();
        Expr::SubQuery(None, Box::new(one.into()))
    };
    let case = Query::select()
        .expr_as(Expr::col(cases::Column::Id), "id")
        .expr_as(Expr::col(cases::Column::Version), "version")
        .expr_as(Expr::col(cases::Column::Body), "body")
        .expr_as(Expr::value(Option::<String>::None), "barred")
        .from(cases::Entity)
        .and_where(cases::Column::Id.eq(id.0))
        .take();
    let ask = entries(of(cases::Column::Region))
        .union(UnionType::All, barred(of(cases::Column::SchoolUrn)))
        .union(UnionType::All, case)
        .take();
    let (case, register, barred) = answer(db, &ask).await?;
    Ok(case.map(|case| (case, register, barred)))
}

fn entries(region: Expr) -> SelectStatement {
    Query::select()
        .expr_as(Expr::col(directorships::Column::Id), "id")
        .expr_as(Expr::value(Option::<i64>::None), "version")
        .expr_as(Expr::col(directorships::Column::Body), "body")
        .expr_as(Expr::value(Option::<String>::None), "barred")
        .from(directorships::Entity)
        .and_where(Expr::col(directorships::Column::Region).eq(region))
        .take()
}

fn barred(urn: Expr) -> SelectStatement {
    Query::select()
        .expr_as(Expr::value(Option::<Uuid>::None), "id")
        .expr_as(Expr::value(Option::<i64>::None), "version")
        .expr_as(Expr::value(Option::<Value>::None), "body")
        .expr_as(Expr::col(barriers::Column::Inspector), "barred")
        .from(barriers::Entity)
        .and_where(Expr::col(barriers::Column::SchoolUrn).eq(urn))
        .take()
}

/// Tells the rows apart: a case has a version, a barrier its inspector, an entry neither.
async fn answer(
    db: &impl ConnectionTrait,
    ask: &SelectStatement,
) -> Result<(Option<Versioned<Case>>, Register, Vec<String>), Fault> {
    let (mut case, mut entries, mut barred) = (None, Vec::new(), Vec::new());
    for row in db.query_all(ask).await.map_err(db_fault)? {
        if let Some(inspector) = column(&row, "barred")? {
            barred.push(inspector);
            continue;
        }
        let (id, body): (Uuid, Value) = (there(&row, "id")?, there(&row, "body")?);
        match column(&row, "version")? {
            Some(version) => {
                let value = from_body(body)?;
                case = Some(Versioned { id, version, value });
            }
            None => entries.push((id, body)),
        }
    }
    // In the order in which they were made, as the register's own list has them.
    entries.sort_by_key(|(id, _)| *id);
    let entries = entries.into_iter().map(|(_, body)| from_body(body));
    let register = Register(entries.collect::<Result<_, Fault>>()?);
    Ok((case, register, barred))
}

fn there<T: sea_orm::TryGetable>(row: &QueryResult, name: &str) -> Result<T, Fault> {
    row.try_get("", name).map_err(db_fault)
}

fn column<T: sea_orm::TryGetable>(row: &QueryResult, name: &str) -> Result<Option<T>, Fault> {
    row.try_get("", name).map_err(db_fault)
}
