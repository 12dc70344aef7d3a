//! Who may do what with a record: the information barrier (M11).
//!
//! An inspector reaches the records of their own team while the visit lasts and until access
//! ends, and none of a school to whose routine inspection they are assigned. That is asked of
//! scheduling afresh on each call, and read from the local list of assignments that were heard
//! of. Whatever stands in the way, a record that is not the caller's reads as absent, and the
//! refusal is audited.

use visits_core::{Actor, Fault, Role, Timestamp};
use visits_durable::sea_orm::ConnectionTrait;
use visits_durable::store::Versioned;
use visits_runtime::{Action, Resource, authorise};

use crate::app::App;
use crate::domain::{Record, VisitId};
use crate::name;
use crate::peers::Scheduling;
use crate::store::{assignments, records};

/// Reads a record without its answers.
pub const GET_RECORD: Action = Action {
    name: "recording.visitRecords.get",
    roles: &[Role::Hmi, Role::Service],
    assigned: true,
};
/// Lists records.
pub const LIST_RECORDS: Action = Action {
    name: "recording.visitRecords.list",
    ..GET_RECORD
};
/// Writes in a record.
pub const WRITE_RECORD: Action = Action {
    name: "recording.visitRecords.write",
    roles: &[Role::Hmi],
    assigned: true,
};
/// Reads answers, and what has been asked.
pub const READ_ANSWERS: Action = Action {
    name: "recording.answers.list",
    roles: &[Role::Hmi],
    assigned: true,
};
/// Reads what was agreed of the letter's content.
pub const READ_CONTENT: Action = Action {
    name: "recording.agreedContent.get",
    roles: &[Role::Hmi, Role::Service],
    assigned: true,
};
/// Reads answers without whom they came from: insights, which keeps them under a pseudonym.
/// Researchers read them there, where they don't learn which visit an answer is of (M11).
pub const READ_DEIDENTIFIED: Action = Action {
    name: "recording.deidentifiedAnswers.list",
    roles: &[Role::Service],
    assigned: false,
};
/// Reads versions of the form.
pub const READ_FORMS: Action = Action {
    name: "recording.visitForms.get",
    roles: &Role::ALL,
    assigned: false,
};
/// Imports a version of the form.
pub const IMPORT_FORM: Action = Action {
    name: "recording.visitForms.import",
    roles: &[Role::Scheduler],
    assigned: false,
};

/// The gate before every record.
#[derive(Clone, Debug)]
pub struct Access {
    app: App,
    scheduling: Scheduling,
}

impl Access {
    /// A gate that asks `scheduling`.
    #[must_use]
    pub const fn new(app: App, scheduling: Scheduling) -> Self {
        Self { app, scheduling }
    }

    /// The record, if the caller may do `action` with it; audits a refusal.
    pub async fn record(
        &self,
        actor: &Actor,
        action: &Action,
        visit: VisitId,
    ) -> Result<Versioned<Record>, Fault> {
        let held = records::load(self.app.durable.reads(), visit).await?;
        let outcome = self.admit(actor, action, visit, held).await;
        if let Err(fault) = &outcome {
            self.audit(actor, action, &name::record(visit), fault)
                .await?;
        }
        outcome
    }

    /// Whether the caller's roles let them do `action` to any of `collection`; audits a refusal.
    pub async fn permit(
        &self,
        actor: &Actor,
        action: &Action,
        collection: &str,
    ) -> Result<(), Fault> {
        if actor.has_any(action.roles) {
            return Ok(());
        }
        let fault = Fault::forbidden(action.name);
        self.audit(actor, action, collection, &fault).await?;
        Err(fault)
    }

    /// Those of `found` that the caller may see. What the barrier hides is audited.
    pub async fn visible(
        &self,
        actor: &Actor,
        found: Vec<Versioned<Record>>,
    ) -> Result<Vec<Versioned<Record>>, Fault> {
        let mut visible = Vec::with_capacity(found.len());
        for record in found {
            let visit = record.value.visit;
            match self.admit(actor, &LIST_RECORDS, visit, Some(record)).await {
                Ok(record) => visible.push(record),
                Err(fault) if fault.kind == visits_core::ErrorKind::NotFound => {
                    self.audit(actor, &LIST_RECORDS, &name::record(visit), &fault)
                        .await?;
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(visible)
    }

    async fn admit(
        &self,
        actor: &Actor,
        action: &Action,
        visit: VisitId,
        held: Option<Versioned<Record>>,
    ) -> Result<Versioned<Record>, Fault> {
        let resource = name::record(visit);
        let Some(held) = held else {
            // the door first: whom no role lets in learns nothing of what is there
            if !actor.has_any(action.roles) {
                return Err(Fault::forbidden(action.name));
            }
            return Err(Fault::not_found(resource));
        };
        check(actor, action, &held, self.app.durable.now(), false)?;
        if actor.has(Role::Hmi) {
            let barred = self.is_barred(actor, action, &held.value.school).await?;
            check(actor, action, &held, self.app.durable.now(), barred)?;
        }
        Ok(held)
    }

    /// Whether the barrier stands. Nothing is read while scheduling can't be asked; what is written
    /// down goes on then, so that a visit doesn't stand still, with the local list alone.
    async fn is_barred(&self, actor: &Actor, action: &Action, school: &str) -> Result<bool, Fault> {
        let inspector = &actor.principal;
        if assignments::exists(self.app.durable.reads(), inspector, school).await? {
            return Ok(true);
        }
        match self.scheduling.is_barred(inspector, school).await {
            Err(fault) if fault.is_retryable() && action.name == WRITE_RECORD.name => {
                tracing::warn!(
                    reason = fault.reason,
                    "writing on without a fresh answer: {fault}"
                );
                Ok(false)
            }
            answer => answer,
        }
    }

    async fn audit(
        &self,
        actor: &Actor,
        action: &Action,
        resource: &str,
        fault: &Fault,
    ) -> Result<(), Fault> {
        self.app
            .durable
            .audit_refusal(actor, action.name, resource, fault)
            .await
    }
}

fn check(
    actor: &Actor,
    action: &Action,
    held: &Versioned<Record>,
    now: Timestamp,
    barred: bool,
) -> Result<(), Fault> {
    let resource = name::record(held.value.visit);
    let assigned = if held.value.access_has_ended(now) {
        &[]
    } else {
        held.value.team()
    };
    authorise(
        actor,
        action,
        &Resource {
            name: &resource,
            assigned,
            barred,
        },
    )
}

/// Inside a step, where the record can't change any more: the caller is of its team, access has
/// not ended, and no assignment was heard of.
pub async fn require_team(
    tx: &impl ConnectionTrait,
    actor: &Actor,
    now: Timestamp,
    visit: VisitId,
    held: Option<Versioned<Record>>,
) -> Result<Versioned<Record>, Fault> {
    let held = held.ok_or_else(|| Fault::not_found(name::record(visit)))?;
    let barred = assignments::exists(tx, &actor.principal, &held.value.school).await?;
    check(actor, &WRITE_RECORD, &held, now, barred)?;
    Ok(held)
}
