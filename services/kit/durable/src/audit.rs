//! The audit: one row for each thing done or refused, in the transaction of what was done, chained
//! by hash once the sequencer gives it its place (R18).

use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Statement,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use visits_core::{Actor, Fault, Timestamp, clock::from_micros};

use crate::durable::Durable;
use crate::entity::{audit, counters};
use crate::fault::db_fault;

const BATCH_MAX: u64 = 500;
/// Rows whose places and hashes one statement writes.
const LINKED_AT_ONCE: usize = 128;
const PAGE_MAX: u64 = 200;

/// One row of the audit.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// Its place in the chain; `None` for the moment before it has one.
    pub position: Option<i64>,
    /// When.
    pub at: Timestamp,
    /// The principal.
    pub actor: String,
    /// What made it happen: `request:DecideNfd`, `event:recording.visit_ready`, `job:…`, `read`.
    pub cause: String,
    /// What was done or tried: `nfd_decided`.
    pub action: String,
    /// To what: `cases/0192…`.
    pub resource: String,
    /// `done` or `refused`.
    pub outcome: String,
    /// Why it was refused.
    pub reason: Option<String>,
    /// Ids, codes and versions.
    pub detail: Value,
}

impl AuditEntry {
    pub(crate) fn done(
        at: Timestamp,
        actor: &Actor,
        cause: &str,
        action: &str,
        resource: &str,
        detail: Value,
    ) -> Self {
        Self {
            position: None,
            at,
            actor: actor.principal.clone(),
            cause: cause.to_owned(),
            action: action.to_owned(),
            resource: resource.to_owned(),
            outcome: "done".to_owned(),
            reason: None,
            detail,
        }
    }

    pub(crate) fn refused(
        at: Timestamp,
        actor: &Actor,
        cause: &str,
        action: &str,
        resource: &str,
        fault: &Fault,
    ) -> Self {
        Self {
            outcome: "refused".to_owned(),
            reason: Some(fault.reason.to_owned()),
            ..Self::done(at, actor, cause, action, resource, json!({}))
        }
    }

    fn from_row(row: &audit::Model) -> Self {
        Self {
            position: row.position,
            at: from_micros(row.at),
            actor: row.actor.clone(),
            cause: row.cause.clone(),
            action: row.action.clone(),
            resource: row.resource.clone(),
            outcome: row.outcome.clone(),
            reason: row.reason.clone(),
            detail: row.detail.clone(),
        }
    }
}

/// Its row, without a place yet.
pub(crate) fn row(entry: AuditEntry) -> audit::ActiveModel {
    audit::ActiveModel {
        serial: NotSet,
        position: Set(None),
        at: Set(entry.at.as_microsecond()),
        actor: Set(entry.actor),
        cause: Set(entry.cause),
        action: Set(entry.action),
        resource: Set(entry.resource),
        outcome: Set(entry.outcome),
        reason: Set(entry.reason),
        detail: Set(entry.detail),
        hash: Set(None),
    }
}

pub(crate) async fn append(tx: &DatabaseTransaction, entry: AuditEntry) -> Result<(), Fault> {
    audit::Entity::insert(row(entry))
        .exec_without_returning(tx)
        .await
        .map_err(db_fault)?;
    Ok(())
}

/// Finds a row that has no place yet.
pub(crate) fn waiting_query() -> SelectStatement {
    Query::select()
        .expr(Expr::value(1))
        .from(audit::Entity)
        .and_where(audit::Column::Position.is_null())
        .take()
}

/// The hash of a row: over the hash before it and everything that the row says.
pub(crate) fn link(before: &str, position: i64, row: &audit::Model) -> String {
    let said = json!([
        before,
        position,
        row.at,
        row.actor,
        row.cause,
        row.action,
        row.resource,
        row.outcome,
        row.reason,
        row.detail,
    ]);
    hex::encode(Sha256::digest(said.to_string()))
}

/// Gives the rows that have none their place and their hash, after the chain's `head`, which moves
/// on; how many they were.
pub(crate) async fn link_waiting(
    tx: &DatabaseTransaction,
    head: &mut counters::Model,
) -> Result<i64, Fault> {
    let waiting = audit::Entity::find()
        .filter(audit::Column::Position.is_null())
        .order_by_asc(audit::Column::Serial)
        .limit(BATCH_MAX)
        .all(tx)
        .await
        .map_err(db_fault)?;
    let before = head.value;
    for chunk in waiting.chunks(LINKED_AT_ONCE) {
        let mut links = Vec::with_capacity(chunk.len());
        for row in chunk {
            head.value += 1;
            let hash = link(head.text.as_deref().unwrap_or(""), head.value, row);
            links.push((row.serial, head.value, hash.clone()));
            head.text = Some(hash);
        }
        write_links(tx, links).await?;
    }
    Ok(head.value - before)
}

/// Writes places and hashes in one statement. The last link is repeated until there are 1, 2, 4, 8 …
/// of them, so that the database meets few different texts and keeps each prepared.
async fn write_links(
    tx: &DatabaseTransaction,
    mut links: Vec<(i64, i64, String)>,
) -> Result<(), Fault> {
    let Some(last) = links.last().cloned() else {
        return Ok(());
    };
    links.resize(links.len().next_power_of_two(), last);
    let rows: Vec<String> = (0..links.len())
        .map(|row| format!("(${}, ${}, ${})", 3 * row + 1, 3 * row + 2, 3 * row + 3))
        .collect();
    // Both databases call the columns of `VALUES` so.
    let text = format!(
        "UPDATE audit SET position = links.column2, hash = links.column3 \
         FROM (VALUES {}) AS links WHERE audit.serial = links.column1",
        rows.join(", ")
    );
    let values = links
        .into_iter()
        .flat_map(|(serial, place, hash)| [serial.into(), place.into(), hash.into()]);
    let write = Statement::from_sql_and_values(
        tx.get_database_backend(),
        text,
        values.collect::<Vec<sea_orm::Value>>(),
    );
    tx.execute_raw(write).await.map_err(db_fault)?;
    Ok(())
}

/// A page of the audit, oldest first.
pub type AuditPage = Vec<AuditEntry>;

impl Durable {
    /// The rows after `position`, for `resource` alone or for all; at most 200.
    pub async fn audit_page(
        &self,
        resource: Option<&str>,
        position: i64,
    ) -> Result<AuditPage, Fault> {
        let mut query = audit::Entity::find().filter(audit::Column::Position.gt(position));
        if let Some(resource) = resource {
            query = query.filter(audit::Column::Resource.eq(resource));
        }
        let rows = query
            .order_by_asc(audit::Column::Position)
            .limit(PAGE_MAX)
            .all(self.reads())
            .await
            .map_err(db_fault)?;
        Ok(rows.iter().map(AuditEntry::from_row).collect())
    }
}
