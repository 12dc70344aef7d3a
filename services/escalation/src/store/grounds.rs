//! What a right on a case rests on: the register of the school's region (M28) and the barrier before
//! the school (M11), in one question. Every step and every read of a case asks it.

use sea_orm::sea_query::{Expr, Query, UnionType};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryResult};
use serde_json::Value;
use visits_core::Fault;
use visits_durable::db_fault;
use visits_durable::store::from_body;

use super::entity::{barriers, directorships};
use crate::domain::case::School;
use crate::domain::register::Register;

/// The register's entries for the school's region, and who is barred from the school.
pub async fn of_school(
    db: &impl ConnectionTrait,
    school: &School,
) -> Result<(Register, Vec<String>), Fault> {
    let barred = Query::select()
        .expr_as(Expr::value(Option::<uuid::Uuid>::None), "id")
        .expr_as(Expr::value(Option::<Value>::None), "body")
        .expr_as(Expr::col(barriers::Column::Inspector), "barred")
        .from(barriers::Entity)
        .and_where(barriers::Column::SchoolUrn.eq(&school.urn))
        .take();
    let ask = Query::select()
        .expr_as(Expr::col(directorships::Column::Id), "id")
        .expr_as(Expr::col(directorships::Column::Body), "body")
        .expr_as(Expr::value(Option::<String>::None), "barred")
        .from(directorships::Entity)
        .and_where(directorships::Column::Region.eq(school.region.slug()))
        .union(UnionType::All, barred)
        .take();
    let (mut entries, mut barred) = (Vec::new(), Vec::new());
    for row in db.query_all(&ask).await.map_err(db_fault)? {
        match column(&row, "barred")? {
            Some(inspector) => barred.push(inspector),
            None => entries.extend(entry(&row)?),
        }
    }
    // In the order in which they were made, as the register's own list has them.
    entries.sort_by_key(|(id, _)| *id);
    let entries = entries.into_iter().map(|(_, body)| from_body(body));
    Ok((Register(entries.collect::<Result<_, Fault>>()?), barred))
}

fn entry(row: &QueryResult) -> Result<Option<(uuid::Uuid, Value)>, Fault> {
    Ok(column(row, "id")?.zip(column(row, "body")?))
}

fn column<T: sea_orm::TryGetable>(row: &QueryResult, name: &str) -> Result<Option<T>, Fault> {
    row.try_get("", name).map_err(db_fault)
}
