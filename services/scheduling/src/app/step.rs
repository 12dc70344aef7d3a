//! The only place that commits: load, decide, save, say, arm, record, in one transaction.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use visits_core::{Actor, Fault};
use visits_durable::store::Versioned;
use visits_durable::{BoxFuture, Cause, JobChange, Step};
use visits_runtime::etag;

use super::rights::{self, Needs};
use super::wish::Wish;
use super::{App, facts, flags};
use crate::domain::command::Command;
use crate::domain::decide::decide;
use crate::domain::decision::{Context, Decision};
use crate::domain::inspector::{self as inspectors, Inspector, InspectorCommand};
use crate::domain::policy::Policy;
use crate::domain::timer::Timer;
use crate::domain::visit::{Visit, VisitId};
use crate::publish;
use crate::store::{inspector, visit};

impl App {
    /// Carries out what is asked of a visit.
    ///
    /// # Errors
    /// The refusal, or what went wrong.
    pub async fn execute(
        &self,
        cause: Cause,
        id: VisitId,
        needs: Needs,
        read: String,
        wish: Wish,
    ) -> Result<Versioned<Visit>, Fault> {
        if let Cause::Request { actor, method, .. } = &cause {
            self.may_still(actor, method, needs, id).await?;
        }
        let policy = self.policy.clone();
        self.write(cause, move |step| {
            Box::pin(async move {
                rights::may_ask(step.actor(), needs)?;
                let current = visit::load_locked(step.tx(), id).await?;
                match &current {
                    Some(found) => {
                        rights::may_change(step.tx(), step.actor(), needs, &found.value).await?;
                        etag::check(&read, found.version)?;
                    }
                    None if matches!(wish, Wish::Plan { .. }) => {}
                    None => return Err(Fault::not_found(id.resource())),
                }
                let before = current.as_ref().map(|found| &found.value);
                let command = facts::gather(step.tx(), id, before, wish).await?;
                apply(step, &policy, current, &command)
                    .await
                    .map_err(|fault| about(fault, &id.resource()))
            })
        })
        .await
    }

    /// Asked before the step, which answers a repeated request without asking: who has lost the
    /// visit meanwhile gets not even an old answer back (M11).
    async fn may_still(
        &self,
        actor: &Actor,
        method: &str,
        needs: Needs,
        id: VisitId,
    ) -> Result<(), Fault> {
        let db = self.durable.reads();
        let Some(found) = visit::load(db, id).await? else {
            return Ok(());
        };
        let allowed = rights::may_ask(actor, needs);
        let allowed = match allowed {
            Ok(()) => rights::may_change(db, actor, needs, &found.value).await,
            refused => refused,
        };
        if let Err(fault) = &allowed {
            let name = id.resource();
            self.durable
                .audit_refusal(actor, method, &name, fault)
                .await?;
        }
        allowed
    }

    /// Carries out what is asked of an inspector, and flags the planned visits that it hits.
    ///
    /// # Errors
    /// The refusal, or what went wrong.
    pub async fn execute_inspector(
        &self,
        cause: Cause,
        code: String,
        read: String,
        command: InspectorCommand,
    ) -> Result<Versioned<Inspector>, Fault> {
        let policy = self.policy.clone();
        self.write(cause, move |step| {
            Box::pin(async move {
                let current = inspector::load_locked(step.tx(), &code).await?;
                let name = format!("inspectors/{code}");
                match &current {
                    Some(found) => etag::check(&read, found.version)?,
                    None if matches!(command, InspectorCommand::Create { .. }) => {}
                    None => return Err(Fault::not_found(name)),
                }
                apply_inspector(step, &policy, current, &command)
                    .await
                    .map_err(|fault| about(fault, &name))
            })
        })
        .await
    }

    /// Saves a visit as it stands and arms what the sweep found missing.
    pub(crate) async fn rearm(
        &self,
        found: Versioned<Visit>,
        timers: Vec<Timer>,
    ) -> Result<(), Fault> {
        self.write(Cause::System, move |step| {
            Box::pin(async move {
                let saved = visit::save(step.tx(), Some(&found), &found.value).await?;
                let name = saved.value.id.resource();
                step.apply_jobs(&name, saved.version, jobs(timers)).await
            })
        })
        .await
    }

    /// One transaction of this service.
    pub(super) async fn write<T, F>(&self, cause: Cause, work: F) -> Result<T, Fault>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: for<'a> FnOnce(&'a Step) -> BoxFuture<'a, Result<T, Fault>> + Send + 'static,
    {
        self.durable.unit_of_work(cause, work).await
    }
}

/// Decides about a visit and writes what was decided.
pub(super) async fn apply(
    step: &Step,
    policy: &Policy,
    current: Option<Versioned<Visit>>,
    command: &Command,
) -> Result<Versioned<Visit>, Fault> {
    let context = Context {
        now: step.now(),
        actor: step.actor(),
        policy,
    };
    let before = current.as_ref().map(|found| &found.value);
    let Decision::Changed {
        next,
        events,
        jobs: timers,
    } = decide(before, command, &context)?
    else {
        return current.ok_or_else(|| Fault::fatal("nothing stayed as it was"));
    };
    let saved = visit::save(step.tx(), current.as_ref(), &next).await?;
    let speaker = publish::of_visit(&saved.value);
    for event in &events {
        if let Some(said) = publish::visit_event(&saved.value, event, step.now()) {
            step.publish(&speaker, said).await?;
        }
    }
    step.apply_jobs(&speaker.subject, saved.version, jobs(timers))
        .await?;
    let action = format!("scheduling.visits.{}", command.code());
    let detail = json!({ "version": saved.version, "state": saved.value.state.name() });
    step.audit(&action, &speaker.subject, detail).await?;
    Ok(saved)
}

async fn apply_inspector(
    step: &Step,
    policy: &Policy,
    current: Option<Versioned<Inspector>>,
    command: &InspectorCommand,
) -> Result<Versioned<Inspector>, Fault> {
    let context = Context {
        now: step.now(),
        actor: step.actor(),
        policy,
    };
    let before = current.as_ref().map(|found| &found.value);
    let Decision::Changed { next, events, .. } = inspectors::decide(before, command, &context)?
    else {
        return current.ok_or_else(|| Fault::fatal("nothing stayed as it was"));
    };
    let saved = inspector::save(step.tx(), current.as_ref(), step.new_id(), &next).await?;
    let speaker = publish::of_inspector(&saved);
    for event in &events {
        if let Some(said) = publish::inspector_event(&saved.value, event, step.now()) {
            step.publish(&speaker, said).await?;
        }
    }
    let action = format!("scheduling.inspectors.{}", command.code());
    let detail = json!({ "version": saved.version });
    step.audit(&action, &speaker.subject, detail).await?;
    flags::after_inspector(step, policy, &saved.value).await?;
    Ok(saved)
}

pub(super) fn jobs(timers: Vec<Timer>) -> Vec<JobChange> {
    timers
        .into_iter()
        .map(|timer| match timer {
            Timer::Arm(kind, due_at) => JobChange::Arm {
                kind: kind.name(),
                due_at,
                payload: Value::Null,
            },
            Timer::Cancel(kind) => JobChange::Cancel { kind: kind.name() },
        })
        .collect()
}

/// Says what the fault is about, for the audit.
fn about(fault: Fault, resource: &str) -> Fault {
    if fault.metadata.contains_key("resource") {
        fault
    } else {
        fault.with("resource", resource)
    }
}
