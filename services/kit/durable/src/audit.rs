//! The audit: one row for each thing done or refused, in the transaction of what was done, chained
//! by hash once the sequencer gives it its place (R18).

use sea_orm::sea_query::{CaseStatement, Expr};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use visits_core::audited::AuditVerdict;
use visits_core::{Actor, Fault, Timestamp, clock::from_micros};

use crate::durable::Durable;
use crate::entity::audit;
use crate::fault::db_fault;
use crate::sequencer::{PLACED_AT_ONCE, counter, set_counter};

const CHAIN: &str = "audit_chain";
const BATCH_MAX: u64 = 500;
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

pub(crate) async fn append(tx: &DatabaseTransaction, entry: AuditEntry) -> Result<(), Fault> {
    let row = audit::ActiveModel {
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
    };
    audit::Entity::insert(row)
        .exec_without_returning(tx)
        .await
        .map_err(db_fault)?;
    Ok(())
}

pub(crate) async fn is_waiting(db_reads: &impl ConnectionTrait) -> Result<bool, Fault> {
    let waiting: Option<i64> = audit::Entity::find()
        .filter(audit::Column::Position.is_null())
        .select_only()
        .column(audit::Column::Serial)
        .into_tuple()
        .one(db_reads)
        .await
        .map_err(db_fault)?;
    Ok(waiting.is_some())
}

/// The hash of a row: over the hash before it and everything that the row says.
fn link(before: &str, position: i64, row: &audit::Model) -> String {
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

/// Gives the rows that have none their place and their hash.
pub(crate) async fn chain(tx: &DatabaseTransaction) -> Result<(), Fault> {
    let mut head = counter(tx, CHAIN).await?;
    let waiting = audit::Entity::find()
        .filter(audit::Column::Position.is_null())
        .order_by_asc(audit::Column::Serial)
        .limit(BATCH_MAX)
        .all(tx)
        .await
        .map_err(db_fault)?;
    for chunk in waiting.chunks(PLACED_AT_ONCE) {
        let (mut places, mut hashes) = (CaseStatement::new(), CaseStatement::new());
        for row in chunk {
            head.value += 1;
            let hash = link(head.text.as_deref().unwrap_or(""), head.value, row);
            let is_it = audit::Column::Serial.eq(row.serial);
            places = places.case(is_it.clone(), Expr::value(head.value));
            hashes = hashes.case(is_it, Expr::value(hash.clone()));
            head.text = Some(hash);
        }
        audit::Entity::update_many()
            .col_expr(audit::Column::Position, places.into())
            .col_expr(audit::Column::Hash, hashes.into())
            .filter(audit::Column::Serial.is_in(chunk.iter().map(|row| row.serial)))
            .exec(tx)
            .await
            .map_err(db_fault)?;
    }
    set_counter(tx, head).await
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

    /// Reads the chain again from its beginning.
    pub async fn verify_audit(&self) -> Result<AuditVerdict, Fault> {
        let (mut position, mut before) = (0, String::new());
        loop {
            let rows = audit::Entity::find()
                .filter(audit::Column::Position.gt(position))
                .order_by_asc(audit::Column::Position)
                .limit(PAGE_MAX)
                .all(self.reads())
                .await
                .map_err(db_fault)?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                position += 1;
                let expected = link(&before, position, &row);
                if row.position != Some(position) || row.hash.as_deref() != Some(&expected) {
                    return Ok(AuditVerdict {
                        rows: position,
                        broken_at: Some(position),
                        head: before,
                    });
                }
                before = expected;
            }
        }
        let head = counter(self.reads(), CHAIN).await?;
        let cut_short = (head.value != position).then_some(position + 1);
        Ok(AuditVerdict {
            rows: position,
            broken_at: cut_short,
            head: before,
        })
    }
}
