//! The step: the only place that commits.
//!
//! A command about a case is carried out by [`App::execute`], whoever asks: a caller, a timer, a
//! heard event. What must be known from other services was fetched before; inside the transaction
//! there is nothing but our own database.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use visits_core::{Fault, london};
use visits_durable::sea_orm::ConnectionTrait;
use visits_durable::store::Versioned;
use visits_durable::{BoxFuture, Cause, JobChange, Step};
use visits_runtime::{Action, Resource, authorise, etag};

use super::App;
use super::consoles::unwatched;
use super::rights::{self, Grounds, authorise_on};
use crate::domain::case::{Case, CaseId, Unwatched, VisitId};
use crate::domain::command::Command;
use crate::domain::decide::{Context, Decision, decide};
use crate::domain::policy::Policy;
use crate::domain::register::Register;
use crate::domain::timer::{Timer, TimerKind, needed};
use crate::publish::{Said, publish};
use crate::store;

/// Which case a command is for.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// This one.
    Case(CaseId),
    /// The one that a further concern about the visit joins; a new one if there is none.
    CurrentOf(VisitId),
}

/// A command, for which case, by what right, and as the caller last read it.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The case.
    pub target: Target,
    /// The etag last read; empty = don't check.
    pub etag: String,
    /// The right that it takes.
    pub action: &'static Action,
    /// What to do.
    pub command: Command,
}

impl Ask {
    /// What the service asks of itself.
    #[must_use]
    pub const fn itself(target: Target, command: Command) -> Self {
        Self {
            target,
            etag: String::new(),
            action: &rights::ITSELF,
            command,
        }
    }
}

/// What a decision about a case rests on, read in its transaction.
struct Surroundings {
    register: Register,
    barred: Vec<String>,
    unwatched: Option<Unwatched>,
    taker_on_duty: bool,
    begun: i64,
    converted: i64,
}

impl App {
    /// Carries a command out and answers with the case as it then stands.
    pub async fn execute(&self, cause: Cause, ask: Ask) -> Result<Versioned<Case>, Fault> {
        let policy = self.policy.clone();
        self.commit(cause, move |step| Box::pin(run(step, policy, ask)))
            .await
    }

    /// Runs `work` in one transaction.
    pub(super) async fn commit<T, F>(&self, cause: Cause, work: F) -> Result<T, Fault>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: for<'a> FnOnce(&'a Step) -> BoxFuture<'a, Result<T, Fault>> + Send + 'static,
    {
        self.durable.unit_of_work(cause, work).await
    }

    /// Arms what the case needs and does not have; how many that were (R5). The case gets a new
    /// version, because a timer belongs to one.
    pub async fn rearm(&self, id: CaseId) -> Result<u64, Fault> {
        let durable = self.durable.clone();
        self.commit(Cause::System, move |step| {
            Box::pin(async move {
                let Some(current) = store::cases::load(step.tx(), id).await? else {
                    return Ok(0);
                };
                let subject = format!("cases/{id}");
                let pending = durable.pending_jobs(&subject).await?;
                let missing: Vec<JobChange> = TimerKind::ALL
                    .into_iter()
                    .filter(|kind| !pending.iter().any(|job| job == kind.job()))
                    .filter_map(|kind| needed(&current.value, kind).map(|due| (kind, due)))
                    .map(|(kind, due_at)| job_change(Timer::Arm(kind, due_at)))
                    .collect();
                let repairs = u64::try_from(missing.len()).unwrap_or(u64::MAX);
                if repairs > 0 {
                    let next = current.value.clone();
                    let saved = store::cases::save(step, Some(&current), next).await?;
                    step.apply_jobs(&subject, saved.version, missing).await?;
                    step.audit("RearmTimers", &subject, json!({ "repairs": repairs }))
                        .await?;
                }
                Ok(repairs)
            })
        })
        .await
    }
}

/// Carries a command out inside a step.
pub(super) async fn run(
    step: &Step,
    policy: Arc<Policy>,
    ask: Ask,
) -> Result<Versioned<Case>, Fault> {
    // Shifts are locked before cases.
    let taker_on_duty = is_taker_on_duty(step, &ask.command).await?;
    let current = match ask.target {
        Target::Case(id) => {
            let found = store::cases::load(step.tx(), id).await?;
            Some(found.ok_or_else(|| Fault::not_found(format!("cases/{id}")))?)
        }
        Target::CurrentOf(visit) => store::cases::load_current(step.tx(), visit).await?,
    };
    let around = Surroundings {
        taker_on_duty,
        ..surroundings(step, current.as_ref(), &policy, &ask.command).await?
    };
    admit(step, current.as_ref(), &ask, &around)?;
    let id = current
        .as_ref()
        .map_or(CaseId(step.new_id()), |case| case.value.id);
    let ctx = Context {
        now: step.now(),
        actor: step.actor(),
        policy: &policy,
        new_id: step.new_id(),
        register: &around.register,
        barred: &around.barred,
        unwatched: around.unwatched,
        taker_on_duty: around.taker_on_duty,
        begun: around.begun,
        converted: around.converted,
    };
    let case = current.as_ref().map(|current| &current.value);
    let decision = decide(id, case, &ask.command, &ctx)
        .map_err(|refusal| Fault::from(refusal).with("resource", ask.target.name()))?;
    match (decision, current) {
        (Decision::Unchanged, Some(current)) => Ok(current),
        (Decision::Unchanged, None) => Err(Fault::not_found(ask.target.name())),
        (
            Decision::Changed {
                next,
                events,
                timers,
            },
            current,
        ) => {
            let saved = store::cases::save(step, current.as_ref(), *next).await?;
            for event in &events {
                let said = publish(&saved.value, event, step.now(), step.new_id());
                if let Some(Said { of, event }) = said {
                    step.publish(&of, event).await?;
                }
            }
            let name = format!("cases/{id}");
            let changes = timers.into_iter().map(job_change).collect();
            step.apply_jobs(&name, saved.version, changes).await?;
            let detail = json!({ "version": saved.version, "state": saved.value.state.name() });
            step.audit(ask.command.name(), &name, detail).await?;
            Ok(saved)
        }
    }
}

/// Rights and freshness, before any rule is asked.
fn admit(
    step: &Step,
    current: Option<&Versioned<Case>>,
    ask: &Ask,
    around: &Surroundings,
) -> Result<(), Fault> {
    let actor = step.actor();
    let Some(current) = current else {
        let resource = Resource {
            name: &ask.target.name(),
            assigned: &[],
            barred: around.barred.contains(&actor.principal),
        };
        return authorise(actor, ask.action, &resource);
    };
    let grounds = Grounds {
        register: &around.register,
        barred: &around.barred,
        today: london::date(step.now()),
    };
    authorise_on(
        actor,
        ask.action,
        &ask.target.name(),
        &current.value,
        grounds,
    )?;
    etag::check(&ask.etag, current.version).map_err(|fault| {
        let decision = current.value.decision.as_ref();
        let fault = fault.with("resource", ask.target.name());
        // Of two decisions one wins; the other is told whose (R-API-6).
        decision.map_or(fault.clone(), |decision| {
            fault.with("decided_by", &decision.by)
        })
    })
}

async fn surroundings(
    step: &Step,
    current: Option<&Versioned<Case>>,
    policy: &Policy,
    command: &Command,
) -> Result<Surroundings, Fault> {
    let school = match (current, command) {
        (Some(current), _) => Some(&current.value.school),
        (None, Command::RaiseConcern { facts, .. }) => Some(&facts.school),
        (None, _) => None,
    };
    let tx = step.tx();
    let (begun, converted) = match command {
        // How rare conversion is matters to a decision only, and counting costs more with each case.
        Command::DecideNfd { .. } => conversions(tx, policy).await?,
        _ => (0, 0),
    };
    let (register, barred) = match school {
        Some(school) => store::grounds::of_school(tx, school).await?,
        None => (Register::default(), Vec::new()),
    };
    Ok(Surroundings {
        register,
        barred,
        unwatched: match command {
            Command::CheckDesk => unwatched(tx, policy, step.now()).await?,
            _ => None,
        },
        taker_on_duty: false,
        begun,
        converted,
    })
}

/// Visits begun, and how many of them were converted; these are counted only once there are enough
/// visits for the limit to count (M34).
async fn conversions(tx: &impl ConnectionTrait, policy: &Policy) -> Result<(i64, i64), Fault> {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let begun = number(store::begun::count(tx).await?);
    if begun < policy.conversion_minimum_visits {
        return Ok((begun, 0));
    }
    Ok((begun, number(store::cases::count_converted(tx).await?)))
}

/// Whether the operator who is to have the case is on duty, and stays so until the step ends.
async fn is_taker_on_duty(step: &Step, command: &Command) -> Result<bool, Fault> {
    let Command::AssignCase {
        operator: Some(operator),
    } = command
    else {
        return Ok(false);
    };
    let found = store::shifts::load_on_duty(step.tx(), vec![operator.clone()]).await?;
    Ok(!found.is_empty())
}

impl Target {
    /// What the caller named. A refusal says this back and not what was found behind it.
    fn name(self) -> String {
        match self {
            Self::Case(id) => format!("cases/{id}"),
            Self::CurrentOf(visit) => format!("visits/{visit}"),
        }
    }
}

fn job_change(timer: Timer) -> JobChange {
    match timer {
        Timer::Arm(kind, due_at) => JobChange::Arm {
            kind: kind.job(),
            due_at,
            payload: json!({}),
        },
        Timer::Cancel(kind) => JobChange::Cancel { kind: kind.job() },
    }
}
