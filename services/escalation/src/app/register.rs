//! Writing and reading the register of directors and deputies (M28).

use serde_json::json;
use visits_core::civil::Date;
use visits_core::{Fault, london};
use visits_durable::store::Versioned;
use visits_durable::{Cause, Step};
use visits_runtime::etag;

use super::App;
use crate::domain::region::Region;
use crate::domain::register::{Directorship, DirectorshipId, Register};
use crate::store;

/// An entry as a caller wants it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Which one; none = a new one.
    pub id: Option<DirectorshipId>,
    /// The etag last read; empty = don't check.
    pub etag: String,
    /// The region.
    pub region: Region,
    /// The principal.
    pub principal: String,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Option<Date>,
    /// Whether as a deputy.
    pub deputy: bool,
}

impl App {
    /// Writes an entry.
    pub async fn set_director(
        &self,
        cause: Cause,
        entry: Entry,
    ) -> Result<Versioned<Directorship>, Fault> {
        self.commit(cause, move |step| Box::pin(set(step, entry)))
            .await
    }

    /// The entries, of one region and in force on a day, if so asked.
    pub async fn list_directors(
        &self,
        region: Option<Region>,
        on: Option<Date>,
    ) -> Result<Vec<Versioned<Directorship>>, Fault> {
        let mut entries = store::register::list(self.durable.reads(), region).await?;
        entries.retain(|entry| on.is_none_or(|day| entry.value.covers(day)));
        Ok(entries)
    }

    /// The regions that a principal directs, or stands in for, today.
    pub(super) async fn regions_of(&self, principal: &str) -> Result<Vec<Region>, Fault> {
        let register = store::register::load(self.durable.reads(), None).await?;
        let today = london::date(self.durable.now());
        let directs = |region: &Region| register.standing(principal, *region, today).is_some();
        Ok(Region::ALL.into_iter().filter(directs).collect())
    }
}

async fn set(step: &Step, entry: Entry) -> Result<Versioned<Directorship>, Fault> {
    let current = match entry.id {
        Some(id) => {
            let found = store::register::load_entry(step.tx(), id).await?;
            Some(found.ok_or_else(|| Fault::not_found(format!("regionalDirectors/{id}")))?)
        }
        None => None,
    };
    if let Some(current) = &current {
        etag::check(&entry.etag, current.version)?;
    }
    let next = Directorship {
        id: entry.id.unwrap_or_else(|| DirectorshipId(step.new_id())),
        region: entry.region,
        principal: entry.principal,
        from: entry.from,
        to: entry.to,
        deputy: entry.deputy,
        created_at: current
            .as_ref()
            .map_or(step.now(), |current| current.value.created_at),
        changed_at: step.now(),
    };
    let register: Register = store::register::load(step.tx(), None).await?;
    register.check(&next, step.actor(), london::date(step.now()))?;
    let saved = store::register::save(step.tx(), current.as_ref(), next).await?;
    let resource = format!("regionalDirectors/{}", saved.id);
    let detail = json!({
        "region": saved.value.region.slug(),
        "principal": saved.value.principal,
        "version": saved.version,
    });
    step.audit("SetRegionalDirector", &resource, detail).await?;
    Ok(saved)
}
