//! Reads: of a record that the caller may read, of lists scoped to the caller, of forms.

use visits_core::{Actor, Fault, Page, Role};
use visits_durable::sea_orm::ConnectionTrait;
use visits_durable::store::Versioned;

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
    mut page: Page,
) -> Result<Vec<Versioned<Record>>, Fault> {
    if !actor.has(Role::Service) {
        wanted.inspector = Some(actor.principal.clone());
    }
    let enough = usize::try_from(page.reads()).unwrap_or(usize::MAX);
    let mut rows = Vec::new();
    while rows.len() < enough {
        let found = records::list(app.durable.reads(), &wanted, &page).await?;
        let Some(last) = found.last() else {
            break;
        };
        page.after = Some(page.place(last, records::part));
        rows.extend(access.visible(actor, found).await?);
    }
    rows.truncate(enough);
    Ok(rows)
}

/// The answers, of `area` or all, each with its place. Answers are only ever added at the end, so
/// that a place stays one answer's.
pub fn answers<'r>(
    all: impl Iterator<Item = &'r Answer>,
    area: Option<Area>,
) -> Vec<(i64, &'r Answer)> {
    (0..)
        .zip(all)
        .filter(|(_, answer)| area.is_none_or(|area| answer.area == area))
        .collect()
}

/// The version of the form with that name.
pub async fn form(app: &App, version: &str) -> Result<StoredForm, Fault> {
    forms::load(app.durable.reads(), version)
        .await?
        .ok_or_else(|| Fault::not_found(name::form(version)))
}

/// The versions of the form, one more than `page` holds.
pub async fn list_forms(app: &App, page: &Page) -> Result<Vec<StoredForm>, Fault> {
    forms::list(app.durable.reads(), page).await
}
