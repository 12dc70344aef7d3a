//! Reads: of a record that the caller may read, of lists scoped to the caller, of forms.

use uuid::Uuid;
use visits_core::{Actor, Fault, Role};
use visits_durable::sea_orm::ConnectionTrait;
use visits_durable::store::Versioned;
use visits_runtime::paging::PageRequest;

use super::App;
use crate::access::Access;
use crate::domain::{Answer, Area, Record, VisitForm};
use crate::name;
use crate::store::forms::{self, StoredForm};
use crate::store::records::{self, Wanted};

/// The form that the visit keeps, the one that was planned, or the one in force on its date (M8).
pub async fn form_of(
    db: &impl ConnectionTrait,
    record: &Record,
) -> Result<Option<VisitForm>, Fault> {
    let stored = match (record.wanted_form(), &record.briefing) {
        (Some(version), _) => forms::load(db, version).await?,
        (None, Some(briefing)) => forms::in_force(db, briefing.visit_date).await?,
        (None, None) => None,
    };
    Ok(stored.map(|stored| stored.form))
}

/// A page of the records that the caller may read: a record that the barrier hides leaves no gap,
/// so that a page tells nothing of it (M11).
pub async fn list_records(
    app: &App,
    access: &Access,
    actor: &Actor,
    mut wanted: Wanted,
    limit: u64,
) -> Result<Vec<Versioned<Record>>, Fault> {
    if !actor.has(Role::Service) {
        wanted.inspector = Some(actor.principal.clone());
    }
    let enough = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut page = Vec::new();
    while page.len() < enough {
        let found = records::list(app.durable.reads(), &wanted, limit).await?;
        let Some(last) = found.last() else {
            break;
        };
        wanted.after = Some(last.id);
        page.extend(access.visible(actor, found).await?);
    }
    page.truncate(enough);
    Ok(page)
}

/// The answers of a record after `after`, of `area` or all, one more than `limit` at most.
pub fn answers<'r>(
    all: impl Iterator<Item = &'r Answer>,
    area: Option<Area>,
    page: &PageRequest,
) -> Vec<&'r Answer> {
    let after: Option<Uuid> = page.after.as_ref().and_then(|id| id.parse().ok());
    let one_more = usize::try_from(page.limit)
        .unwrap_or(usize::MAX)
        .saturating_add(1);
    let mut reached = after.is_none();
    all.filter(|answer| {
        let take = reached;
        reached |= Some(answer.id) == after;
        take
    })
    .filter(|answer| area.is_none_or(|area| answer.area == area))
    .take(one_more)
    .collect()
}

/// The version of the form with that name.
pub async fn form(app: &App, version: &str) -> Result<StoredForm, Fault> {
    forms::load(app.durable.reads(), version)
        .await?
        .ok_or_else(|| Fault::not_found(name::form(version)))
}

/// The versions of the form, latest first, one more than `page` holds.
pub async fn list_forms(app: &App, page: &PageRequest) -> Result<Vec<StoredForm>, Fault> {
    forms::list(app.durable.reads(), page.after.as_deref(), page.limit + 1).await
}
