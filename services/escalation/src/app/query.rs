//! Reads of cases, scoped to the caller. Every refusal is audited (M11).

use visits_core::{Actor, ErrorKind, Fault, Page, Role, london};
use visits_durable::store::Versioned;
use visits_runtime::Action;

use super::App;
use super::rights::{self, Grounds, authorise_on};
use crate::domain::case::{Case, CaseId};
use crate::store;
use crate::store::cases::{CaseFilter, Scope};

impl App {
    /// One case.
    pub async fn case(&self, actor: &Actor, id: CaseId) -> Result<Versioned<Case>, Fault> {
        let outcome = self.readable(actor, id).await;
        self.audited(actor, &rights::READ, &format!("cases/{id}"), outcome)
            .await
    }

    /// A page of the cases that the caller may read.
    pub async fn list_cases(
        &self,
        actor: &Actor,
        filter: &CaseFilter,
        page: &Page,
    ) -> Result<Vec<Versioned<Case>>, Fault> {
        let regions = if actor.has(Role::RegionalDirector) {
            self.regions_of(&actor.principal).await?
        } else {
            Vec::new()
        };
        let scope = Scope {
            principal: actor.principal.clone(),
            every_region: actor.has_any(&[Role::DutyDesk, Role::Service]),
            regions,
        };
        store::cases::list(self.durable.reads(), &scope, filter, page).await
    }

    /// A page of the cases whose section 5 recommendation was handed over (M33), of one school or
    /// all.
    pub async fn list_handed_over(
        &self,
        school_urn: Option<&str>,
        page: &Page,
    ) -> Result<Vec<Versioned<Case>>, Fault> {
        store::cases::list_handed_over(self.durable.reads(), school_urn, page).await
    }

    /// How many section 5 recommendations are held.
    pub async fn count_held(&self) -> Result<u64, Fault> {
        store::cases::count_held(self.durable.reads()).await
    }

    /// The case as the caller may read it at this moment, without a word to the audit: a watch
    /// asks this of every event, and an event that is not the caller's is no attempt of theirs.
    pub async fn readable(&self, actor: &Actor, id: CaseId) -> Result<Versioned<Case>, Fault> {
        rights::check_role(actor, &rights::READ)?;
        let reads = self.durable.reads();
        let found = store::grounds::of_case(reads, id).await?;
        let (found, register, barred) =
            found.ok_or_else(|| Fault::not_found(format!("cases/{id}")))?;
        let grounds = Grounds {
            register: &register,
            barred: &barred,
            today: london::date(self.durable.now()),
        };
        let name = format!("cases/{id}");
        authorise_on(actor, &rights::READ, &name, &found.value, grounds)?;
        Ok(found)
    }

    /// Checks the caller's role, and audits a refusal.
    pub async fn admit(&self, actor: &Actor, action: &Action, resource: &str) -> Result<(), Fault> {
        let outcome = rights::check_role(actor, action);
        self.audited(actor, action, resource, outcome).await
    }

    async fn audited<T>(
        &self,
        actor: &Actor,
        action: &Action,
        resource: &str,
        outcome: Result<T, Fault>,
    ) -> Result<T, Fault> {
        if let Err(fault) = &outcome
            && matches!(fault.kind, ErrorKind::Forbidden | ErrorKind::NotFound)
        {
            self.durable
                .audit_refusal(actor, action.name, resource, fault)
                .await?;
        }
        outcome
    }
}
