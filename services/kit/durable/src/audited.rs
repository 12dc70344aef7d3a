//! The audit as an auditor reads it: by resource, actor, action, outcome and time, in pages (R18).

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};
use serde_json::Value;
use visits_core::audited::{AuditSought, AuditedEntry};
use visits_core::clock::from_micros;
use visits_core::{Actor, Fault, Page};

use crate::audit::AuditEntry;
use crate::durable::Durable;
use crate::entity::audit::{Column, Entity, Model};
use crate::fault::db_fault;
use crate::keyset::{self, Sorted};

const REFUSED: &str = "refused";

impl Durable {
    /// A page of the entries that are sought and have their place, and one more if there is
    /// another page.
    ///
    /// # Errors
    /// `Transient` if the database can't be read.
    pub async fn audited(
        &self,
        sought: &AuditSought,
        page: &Page,
    ) -> Result<Vec<AuditedEntry>, Fault> {
        let query = fitting(sought);
        let query = keyset::page(query, page, |_| Sorted::number(Column::Position))?;
        let rows = query.all(self.reads()).await.map_err(db_fault)?;
        Ok(rows.into_iter().filter_map(entry).collect())
    }

    /// Records that something was read of which a trace must stay: the audit itself.
    ///
    /// # Errors
    /// `Transient` if it can't be recorded; then nothing is to be shown.
    pub async fn audit_reading(
        &self,
        actor: &Actor,
        action: &str,
        resource: &str,
        detail: Value,
    ) -> Result<(), Fault> {
        let entry = AuditEntry::done(self.now(), actor, "read", action, resource, detail);
        self.audit_outside(entry).await
    }
}

fn fitting(sought: &AuditSought) -> Select<Entity> {
    let equal = [
        (Column::Resource, sought.resource.as_deref()),
        (Column::Actor, sought.actor.as_deref()),
        (Column::Action, sought.action.as_deref()),
    ];
    let mut query = Entity::find().filter(Column::Position.is_not_null());
    for (column, value) in equal {
        query = match value {
            Some(value) => query.filter(column.eq(value)),
            None => query,
        };
    }
    if let Some(refused) = sought.refused {
        let outcome = if refused { REFUSED } else { "done" };
        query = query.filter(Column::Outcome.eq(outcome));
    }
    if let Some(from) = sought.from {
        query = query.filter(Column::At.gte(from.as_microsecond()));
    }
    if let Some(before) = sought.before {
        query = query.filter(Column::At.lt(before.as_microsecond()));
    }
    query
}

fn entry(row: Model) -> Option<AuditedEntry> {
    Some(AuditedEntry {
        place: row.position?,
        at: from_micros(row.at),
        actor: row.actor,
        cause: row.cause,
        action: row.action,
        resource: row.resource,
        refused: row.outcome == REFUSED,
        reason: row.reason.unwrap_or_default(),
        detail: flat(row.detail),
        hash: row.hash.unwrap_or_default(),
    })
}

/// Each member by its name; what is no text is written as JSON.
fn flat(detail: Value) -> BTreeMap<String, String> {
    let Value::Object(members) = detail else {
        return BTreeMap::new();
    };
    let members = members.into_iter().map(|(name, value)| match value {
        Value::String(text) => (name, text),
        other => (name, other.to_string()),
    });
    members.collect()
}
