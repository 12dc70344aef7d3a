//! Imports: reference data in one transaction each, schools in bounded chunks of one transaction
//! each, so that a file of any size never holds the write lock for long.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use visits_core::{Actor, Fault};
use visits_durable::{Cause, Fingerprint, Step};
use visits_runtime::{Resource, authorise};

use super::rights::KEEP_REGISTER;
use super::{App, flags};
use crate::domain::calendar::{BankHolidays, CalendarEntry, Scope};
use crate::domain::refusal::Refusal;
use crate::domain::school::School;
use crate::domain::script::CallScript;
use crate::import::{InspectionRow, RowProblem, SchoolRow};
use crate::store::reference::{self, Counts, StoredCalendar};
use crate::store::school::{self, Stored};

/// Rows in one transaction.
pub const CHUNK_ROWS: usize = 500;

/// What became of one chunk of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkReport {
    /// What happened to its rows.
    pub counts: Counts,
    /// Rows that named a school that the register hasn't got.
    pub refused: Vec<RowProblem>,
}

/// Which import a chunk belongs to.
#[derive(Clone, Debug)]
pub struct Import {
    /// Who imports.
    pub actor: Actor,
    /// The caller's mark for the whole import (R17).
    pub request_id: Uuid,
    /// What the file is, as `GIAS`.
    pub source: &'static str,
}

impl Import {
    /// The cause of chunk `number`: its own mark, derived from the import's, so that a repeated
    /// import finds each chunk done, and one that was cut off goes on where it ended.
    fn cause(&self, number: u64, rows: &impl Serialize) -> Result<Cause, Fault> {
        let content = serde_json::to_vec(rows)
            .map_err(|error| Fault::fatal(format!("rows that are no JSON: {error}")))?;
        let mut digest = Sha256::new();
        digest.update(self.request_id.as_bytes());
        digest.update(number.to_be_bytes());
        let mark: [u8; 32] = digest.finalize().into();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&mark[..16]);
        Ok(Cause::Request {
            actor: self.actor.clone(),
            method: "ImportSchools",
            request_id: uuid::Builder::from_custom_bytes(bytes).into_uuid(),
            fingerprint: Fingerprint::of(&[self.source.as_bytes(), &content].concat()),
        })
    }
}

impl App {
    /// Whether the caller may import.
    ///
    /// # Errors
    /// `Forbidden` for the wrong role.
    pub fn may_import(&self, actor: &Actor) -> Result<(), Fault> {
        authorise(actor, &KEEP_REGISTER, &Resource::open("schools"))
    }

    /// One chunk of a register's extract.
    ///
    /// # Errors
    /// What went wrong.
    pub async fn import_schools(
        &self,
        import: &Import,
        number: u64,
        rows: Vec<(u64, SchoolRow)>,
    ) -> Result<ChunkReport, Fault> {
        let cause = import.cause(number, &rows)?;
        let policy = self.policy.clone();
        self.write(cause, move |step| {
            Box::pin(async move {
                let urns = rows.iter().map(|(_, row)| row.urn.clone()).collect();
                let known = school::load_all(step.tx(), urns).await?;
                let now = step.now();
                let decided = rows.iter().map(|(_, row)| {
                    let before = known.get(&row.urn);
                    let next = match before {
                        Some(stored) => stored.school.amended(row, now),
                        None => Some(School::entered(row, now)),
                    };
                    (before, next)
                });
                let counts = save(step, decided).await?;
                for (_, row) in rows.iter().filter(|(_, row)| !row.status.takes_pupils()) {
                    let before = known.get(&row.urn);
                    if before.is_some_and(|stored| stored.school.status.takes_pupils()) {
                        flags::after_closing(step, &policy, &row.urn).await?;
                    }
                }
                Ok(ChunkReport {
                    counts,
                    refused: Vec::new(),
                })
            })
        })
        .await
    }

    /// One chunk of Ofsted's management information.
    ///
    /// # Errors
    /// What went wrong.
    pub async fn import_inspections(
        &self,
        import: &Import,
        number: u64,
        rows: Vec<(u64, InspectionRow)>,
    ) -> Result<ChunkReport, Fault> {
        let cause = import.cause(number, &rows)?;
        self.write(cause, move |step| {
            Box::pin(async move {
                let urns = rows.iter().map(|(_, row)| row.urn.clone()).collect();
                let known = school::load_all(step.tx(), urns).await?;
                let now = step.now();
                let (of_known, of_unknown): (Vec<_>, Vec<_>) = rows
                    .iter()
                    .partition(|(_, row)| known.contains_key(&row.urn));
                let decided = of_known.iter().filter_map(|(_, row)| {
                    let stored = known.get(&row.urn)?;
                    Some((Some(stored), stored.school.inspected(row, now)))
                });
                let counts = save(step, decided).await?;
                let refused = of_unknown
                    .iter()
                    .map(|(line, _)| RowProblem {
                        line: *line,
                        column: "URN".to_owned(),
                        reason: "names no school of the register; import the register first"
                            .to_owned(),
                    })
                    .collect();
                Ok(ChunkReport { counts, refused })
            })
        })
        .await
    }

    /// GOV.UK's bank holidays; planned visits that they hit are flagged.
    ///
    /// # Errors
    /// `Forbidden` for the wrong role, or what went wrong.
    pub async fn import_bank_holidays(
        &self,
        cause: Cause,
        holidays: BankHolidays,
    ) -> Result<Counts, Fault> {
        let policy = self.policy.clone();
        self.write(cause, move |step| {
            Box::pin(async move {
                authorise(
                    step.actor(),
                    &KEEP_REGISTER,
                    &Resource::open("bankHolidays"),
                )?;
                let counts = reference::save_bank_holidays(step.tx(), &holidays).await?;
                let detail = json!({ "imported": counts.imported, "updated": counts.updated });
                step.audit("scheduling.bankHolidays.import", "bankHolidays", detail)
                    .await?;
                flags::after_calendar(step, &policy, &Scope::England, "bankHolidays").await?;
                Ok(counts)
            })
        })
        .await
    }

    /// The closures of one calendar; planned visits that they hit are flagged.
    ///
    /// # Errors
    /// `Forbidden` for the wrong role, `NotFound` for a school that isn't there.
    pub async fn import_calendar(
        &self,
        cause: Cause,
        name: String,
        scope: Scope,
        entries: Vec<CalendarEntry>,
    ) -> Result<StoredCalendar, Fault> {
        let policy = self.policy.clone();
        self.write(cause, move |step| {
            Box::pin(async move {
                authorise(step.actor(), &KEEP_REGISTER, &Resource::open(&name))?;
                if let Scope::School(urn) = &scope
                    && school::load(step.tx(), urn).await?.is_none()
                {
                    return Err(Fault::not_found(format!("schools/{urn}")));
                }
                let saved = reference::save_calendar(step.tx(), scope, entries, step.now()).await?;
                let detail = json!({ "version": saved.version, "closures": saved.entries.len() });
                step.audit("scheduling.calendars.import", &name, detail)
                    .await?;
                flags::after_calendar(step, &policy, &saved.scope, &name).await?;
                Ok(saved)
            })
        })
        .await
    }

    /// A version of the call's script (M8, M14). A version never changes once it is there.
    ///
    /// # Errors
    /// `Forbidden` for the wrong role, `AlreadyExists` for a version with other content.
    pub async fn import_script(
        &self,
        cause: Cause,
        script: CallScript,
    ) -> Result<CallScript, Fault> {
        self.write(cause, move |step| {
            Box::pin(async move {
                let name = format!("callScripts/{}", script.version);
                authorise(step.actor(), &KEEP_REGISTER, &Resource::open(&name))?;
                if let Some(known) = reference::script(step.tx(), &script.version).await? {
                    let same = known.steps == script.steps
                        && known.notice == script.notice
                        && known.effective_date == script.effective_date;
                    return if same {
                        Ok(known)
                    } else {
                        Err(Refusal::Exists { what: name }.into())
                    };
                }
                reference::save_script(step.tx(), &script).await?;
                let detail = json!({ "steps": script.steps.len() });
                step.audit("scheduling.callScripts.import", &name, detail)
                    .await?;
                Ok(script)
            })
        })
        .await
    }
}

/// Saves what a chunk's rows change and counts what they were.
async fn save<'a>(
    step: &Step,
    decided: impl Iterator<Item = (Option<&'a Stored>, Option<School>)>,
) -> Result<Counts, Fault> {
    let mut counts = Counts::default();
    let mut changed = Vec::new();
    let mut seen = HashSet::new();
    for (before, next) in decided {
        match (before, &next) {
            (None, Some(_)) => counts.imported += 1,
            (Some(_), Some(_)) => counts.updated += 1,
            (_, None) => counts.unchanged += 1,
        }
        if let Some(school) = next
            && seen.insert(school.urn.clone())
        {
            changed.push(Stored {
                version: before.map_or(0, |stored| stored.version) + 1,
                school,
            });
        }
    }
    school::save_all(step.tx(), &changed).await?;
    if !changed.is_empty() {
        let detail = json!({ "imported": counts.imported, "updated": counts.updated });
        step.audit("scheduling.schools.import", "schools", detail)
            .await?;
    }
    Ok(counts)
}
