//! Reads, scoped to the caller (M11). A refused read is recorded.

use visits_core::civil::Date;
use visits_core::{Actor, Fault, Page, Role};
use visits_durable::store::Versioned;
use visits_runtime::{Action, Resource, authorise};

use super::App;
use super::rights;
use crate::domain::calendar::CalendarUsed;
use crate::domain::inspector::Inspector;
use crate::domain::school::ContextPack;
use crate::domain::school_day::is_school_day;
use crate::domain::script::CallScript;
use crate::domain::visit::{Visit, VisitId};
use crate::store::school::Stored;
use crate::store::search::{Reader, WantedSchools, WantedVisits};
use crate::store::{inspector, reference, school, search, visit};

/// What the inspector has on the call: the visit for the controls, the script and the pack.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The visit.
    pub visit: Visit,
    /// The script: the call's own once it has begun, else the one in force on its day.
    pub script: Option<CallScript>,
    /// The context pack (M18).
    pub pack: ContextPack,
}

impl App {
    /// One visit.
    ///
    /// # Errors
    /// `NotFound` for a visit that isn't the caller's to know.
    pub async fn visit(&self, actor: &Actor, id: VisitId) -> Result<Versioned<Visit>, Fault> {
        let db = self.durable.reads();
        let name = id.resource();
        self.audited(actor, "scheduling.visits.get", &name, async {
            if !actor.has_any(rights::READ_AS_OFFICE.roles) && !actor.has(Role::Hmi) {
                return Err(Fault::forbidden(rights::READ_AS_OFFICE.name));
            }
            let found = visit::load(db, id).await?;
            let found = found.ok_or_else(|| Fault::not_found(&name))?;
            rights::may_read(db, actor, &found.value).await?;
            Ok(found)
        })
        .await
    }

    /// The call sheet of a visit (M14, M15, M18): its team's and the scheduler's.
    ///
    /// # Errors
    /// `NotFound` for a visit that isn't the caller's to know.
    pub async fn call_sheet(&self, actor: &Actor, id: VisitId) -> Result<Sheet, Fault> {
        let db = self.durable.reads();
        let name = format!("{}/callSheet", id.resource());
        self.audited(actor, "scheduling.callSheets.get", &name, async {
            if !actor.has_any(&[Role::Scheduler, Role::Hmi]) {
                return Err(Fault::forbidden("scheduling.callSheets.get"));
            }
            let found = visit::load(db, id).await?;
            let visit = found.ok_or_else(|| Fault::not_found(&name))?.value;
            rights::may_read(db, actor, &visit).await?;
            let script = match &visit.call.script_version {
                Some(version) => reference::script(db, version).await?,
                None => reference::script_on(db, visit.call.date).await?,
            };
            let pack = match &visit.context_pack {
                Some(frozen) => frozen.pack.clone(),
                None => {
                    let stored = school::load(db, &visit.school).await?;
                    let stored = stored.ok_or_else(|| Fault::not_found(&visit.school))?;
                    stored.school.context_pack()
                }
            };
            Ok(Sheet {
                visit,
                script,
                pack,
            })
        })
        .await
    }

    /// A page of the visits that the caller may read.
    ///
    /// # Errors
    /// `Forbidden` for the wrong role.
    pub async fn visits(
        &self,
        actor: &Actor,
        wanted: &WantedVisits,
        page: &Page,
    ) -> Result<Vec<Versioned<Visit>>, Fault> {
        let reader = if actor.has_any(rights::READ_AS_OFFICE.roles) {
            Reader::Office
        } else if actor.has(Role::Hmi) {
            Reader::Inspector(actor.principal.clone())
        } else {
            return Err(Fault::forbidden("scheduling.visits.list"));
        };
        search::visits(self.durable.reads(), wanted, &reader, page).await
    }

    /// One school of the register.
    ///
    /// # Errors
    /// `NotFound` if the register hasn't got it.
    pub async fn school(&self, actor: &Actor, urn: &str) -> Result<Stored, Fault> {
        let name = format!("schools/{urn}");
        authorise(actor, &rights::READ_REGISTER, &Resource::open(&name))?;
        let stored = school::load(self.durable.reads(), urn).await?;
        stored.ok_or_else(|| Fault::not_found(name))
    }

    /// A page of schools.
    ///
    /// # Errors
    /// What went wrong.
    pub async fn schools(
        &self,
        actor: &Actor,
        wanted: &WantedSchools,
        page: &Page,
    ) -> Result<Vec<Stored>, Fault> {
        authorise(actor, &rights::READ_REGISTER, &Resource::open("schools"))?;
        search::schools(self.durable.reads(), wanted, page).await
    }

    /// The days on which a school is open, and the calendar that was looked at (M13).
    ///
    /// # Errors
    /// `NotFound` if the register hasn't got the school; a year without bank holidays is refused.
    pub async fn school_days(
        &self,
        actor: &Actor,
        urn: &str,
        days: impl Iterator<Item = Date> + Send,
    ) -> Result<(Vec<Date>, Option<CalendarUsed>), Fault> {
        let name = format!("schools/{urn}");
        authorise(actor, &rights::READ_SCHOOL_DAYS, &Resource::open(&name))?;
        let db = self.durable.reads();
        let stored = school::load(db, urn).await?;
        let school = stored.ok_or_else(|| Fault::not_found(name))?.school;
        let calendars = reference::calendars_of(db, &school).await?;
        let calendar = calendars.of(urn, school.local_authority_code.as_deref());
        let (mut open, mut used) = (Vec::new(), None);
        for day in days {
            used.get_or_insert_with(|| calendar.used_on(day));
            if is_school_day(day, &calendar)? {
                open.push(day);
            }
        }
        Ok((open, used))
    }

    /// One inspector: the scheduler's, a service's, and the inspector's own to read.
    ///
    /// # Errors
    /// `NotFound` if there is none that the caller may read.
    pub async fn inspector(
        &self,
        actor: &Actor,
        code: &str,
    ) -> Result<Versioned<Inspector>, Fault> {
        let name = format!("inspectors/{code}");
        self.audited(actor, "scheduling.inspectors.get", &name, async {
            may_see_inspector(actor, code, &name)?;
            let found = inspector::load(self.durable.reads(), code).await?;
            found.ok_or_else(|| Fault::not_found(&name))
        })
        .await
    }

    /// A page of inspectors.
    ///
    /// # Errors
    /// `Forbidden` for the wrong role.
    pub async fn inspectors(
        &self,
        actor: &Actor,
        region: Option<&str>,
        page: &Page,
    ) -> Result<Vec<Versioned<Inspector>>, Fault> {
        authorise(
            actor,
            &rights::READ_INSPECTOR,
            &Resource::open("inspectors"),
        )?;
        inspector::list(self.durable.reads(), region, page).await
    }

    /// Whether the barrier stands between an inspector and a school (M11).
    ///
    /// # Errors
    /// `Forbidden` for the wrong role.
    pub async fn is_barred(&self, actor: &Actor, code: &str, urn: &str) -> Result<bool, Fault> {
        authorise(actor, &rights::CHECK_BARRIER, &Resource::open("inspectors"))?;
        inspector::is_barred(self.durable.reads(), code, urn).await
    }

    /// A page of the versions of the call's script.
    ///
    /// # Errors
    /// What went wrong.
    pub async fn scripts(&self, actor: &Actor, page: &Page) -> Result<Vec<CallScript>, Fault> {
        authorise(
            actor,
            &rights::READ_REGISTER,
            &Resource::open("callScripts"),
        )?;
        reference::scripts(self.durable.reads(), page).await
    }

    /// Today in England.
    #[must_use]
    pub fn today(&self) -> Date {
        visits_core::london::date(self.durable.now())
    }

    async fn audited<T>(
        &self,
        actor: &Actor,
        action: &str,
        resource: &str,
        read: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        let outcome = read.await;
        if let Err(fault) = &outcome
            && !fault.kind.eq(&visits_core::ErrorKind::Transient)
        {
            self.durable
                .audit_refusal(actor, action, resource, fault)
                .await?;
        }
        outcome
    }
}

/// Whether the caller may see, and declare about, an inspector.
pub(crate) fn may_see_inspector(actor: &Actor, code: &str, name: &str) -> Result<(), Fault> {
    let own = [code.to_owned()];
    let action: &Action = if actor.has(Role::Hmi) && !actor.has(Role::Scheduler) {
        &rights::OWN_INSPECTOR
    } else {
        &rights::READ_INSPECTOR
    };
    authorise(
        actor,
        action,
        &Resource {
            name,
            assigned: &own,
            barred: false,
        },
    )
}
