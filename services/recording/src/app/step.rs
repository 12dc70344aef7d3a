//! The only place that commits: load, decide, save, say, arm, record – in one transaction.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use visits_core::{ErrorKind, Fault, Timestamp};
use visits_durable::store::Versioned;
use visits_durable::{Cause, JobChange, Step};
use visits_runtime::etag;

use super::App;
use super::outcome::{Outcome, touched};
use super::{form_file, query};
use crate::domain::{Command, Ctx, Decision, Policy, Record, Timer, VisitForm, VisitId, decide};
use crate::jobs::END_ACCESS;
use crate::publish;
use crate::store::forms::StoredForm;
use crate::store::{assignments, forms, records};
use crate::{access, name};

/// What somebody wants of a record.
#[derive(Clone, Debug)]
pub struct Intent {
    /// The visit.
    pub visit: VisitId,
    /// What is wanted.
    pub command: Command,
    /// The etag last read; empty for no check.
    pub etag: String,
}

/// Carries out what an inspector asks, and gives what `answer` makes of it. The answer is kept
/// with the request, so that a repeat gets the same (R17).
pub async fn ask<R, A>(app: &App, cause: Cause, intent: Intent, answer: A) -> Result<R, Fault>
where
    R: Serialize + DeserializeOwned + Send + 'static,
    A: FnOnce(&Outcome) -> R + Send + 'static,
{
    let policy = app.policy.clone();
    app.durable
        .unit_of_work(cause, move |step| {
            Box::pin(async move {
                let held = records::load_to_change(step.tx(), intent.visit).await?;
                let held =
                    access::require_team(step.tx(), step.actor(), step.now(), intent.visit, held)
                        .await?;
                etag::check(&intent.etag, held.version)?;
                let outcome = run(step, &policy, Some(held), &intent).await?;
                let outcome =
                    outcome.ok_or_else(|| Fault::not_found(name::record(intent.visit)))?;
                Ok(answer(&outcome))
            })
        })
        .await
}

/// Carries out what an event or a timer asks.
pub async fn tell(app: &App, cause: Cause, visit: VisitId, command: Command) -> Result<(), Fault> {
    let policy = app.policy.clone();
    let intent = Intent {
        visit,
        command,
        etag: String::new(),
    };
    app.durable
        .unit_of_work(cause, move |step| {
            Box::pin(async move {
                let held = records::load_to_change(step.tx(), visit).await?;
                run(step, &policy, held, &intent).await.map(drop)
            })
        })
        .await
}

/// The step itself. `None` if there is no record before or after it.
async fn run(
    step: &Step,
    policy: &Policy,
    held: Option<Versioned<Record>>,
    intent: &Intent,
) -> Result<Option<Outcome>, Fault> {
    let form = match &held {
        Some(held) => query::form_of(step.tx(), &held.value).await?,
        None => None,
    };
    let decision = decision(step, policy, held.as_ref(), form.as_ref(), intent)?;
    let Decision::Changed {
        next,
        events,
        timers,
    } = decision
    else {
        return Ok(held.map(|record| Outcome {
            record,
            form,
            touched: Vec::new(),
        }));
    };
    let subject = name::record(intent.visit);
    let version = records::save(step.tx(), held.as_ref(), &next).await?;
    for event in &events {
        if let Some(public) = publish::public(event, &next) {
            step.publish(&publish::aggregate(&next), public).await?;
        }
    }
    step.apply_jobs(&subject, version, timers.iter().map(job).collect())
        .await?;
    let touched = touched(&events);
    let detail = json!({ "stage": next.stage.name(), "version": version, "touched": touched });
    step.audit(intent.command.name(), &subject, detail).await?;
    Ok(Some(Outcome {
        record: Versioned {
            id: intent.visit.0,
            version,
            value: *next,
        },
        form,
        touched,
    }))
}

fn decision(
    step: &Step,
    policy: &Policy,
    held: Option<&Versioned<Record>>,
    form: Option<&VisitForm>,
    intent: &Intent,
) -> Result<Decision, Fault> {
    let ctx = Ctx {
        visit: intent.visit,
        now: step.now(),
        actor: &step.actor().principal,
        new_id: &|| step.new_id(),
        policy,
        form,
    };
    decide(held.map(|held| &held.value), &intent.command, &ctx)
        .map_err(|refusal| Fault::from(refusal).with("resource", name::record(intent.visit)))
}

fn job(timer: &Timer) -> JobChange {
    match timer {
        Timer::EndAccess { due_at } => JobChange::Arm {
            kind: END_ACCESS,
            due_at: *due_at,
            payload: json!({}),
        },
    }
}

/// Adds a version of the form. The same again changes nothing; a version is never altered, and two
/// can't come into effect on one day (M8).
pub async fn import_form<R, A>(
    app: &App,
    cause: Cause,
    form: VisitForm,
    answer: A,
) -> Result<R, Fault>
where
    R: Serialize + DeserializeOwned + Send + 'static,
    A: FnOnce(&StoredForm) -> R + Send + 'static,
{
    app.durable
        .unit_of_work(cause, move |step| {
            Box::pin(async move {
                let new = StoredForm {
                    digest: form_file::digest(&form),
                    form,
                    imported_at: step.now(),
                };
                let version = new.form.version.as_str();
                match forms::load(step.tx(), version).await? {
                    Some(there) if there.digest == new.digest => return Ok(answer(&there)),
                    Some(_) => return Err(taken("RECORDING_FORM_VERSION_TAKEN", version)),
                    None => {}
                }
                let same_day = forms::effective_on(step.tx(), new.form.effective_from).await?;
                if let Some(there) = same_day {
                    return Err(taken("RECORDING_FORM_DATE_TAKEN", &there.form.version));
                }
                forms::insert(step.tx(), &new).await?;
                let detail = json!({ "digest": new.digest });
                step.audit("ImportVisitForm", &name::form(version), detail)
                    .await?;
                Ok(answer(&new))
            })
        })
        .await
}

fn taken(reason: &'static str, version: &str) -> Fault {
    let message = format!(
        "version {version} of the visit form is there already, with other content or from that \
         date on; give the new one a version and a date of its own"
    );
    Fault::new(ErrorKind::AlreadyExists, reason, message).with("resource", name::form(version))
}

/// Notes that an inspector is assigned to a school's routine inspection: from now on nothing that
/// was gathered there is theirs to read (M11).
pub async fn bar(app: &App, cause: Cause, inspector: String, school: String) -> Result<(), Fault> {
    app.durable
        .unit_of_work(cause, move |step| {
            Box::pin(async move {
                let new = assignments::add(step.tx(), &inspector, &school, step.now()).await?;
                if new {
                    let detail = json!({ "school": school });
                    step.audit("BarInspector", &name::inspector(&inspector), detail)
                        .await?;
                }
                Ok(())
            })
        })
        .await
}

/// Arms the timer of a record's end of access again, which the sweep found missing; whether it had
/// to, for the timer may have come in between.
pub async fn rearm(app: &App, visit: VisitId, due_at: Timestamp) -> Result<bool, Fault> {
    app.durable
        .unit_of_work(Cause::System, move |step| {
            Box::pin(async move {
                let held = records::load_to_change(step.tx(), visit).await?;
                let Some(held) = held.filter(|held| held.value.access_ended_at.is_none()) else {
                    return Ok(false);
                };
                // A new generation needs a new version: the row is saved as it stands.
                let version = records::save(step.tx(), Some(&held), &held.value).await?;
                let subject = name::record(visit);
                let change = job(&Timer::EndAccess { due_at });
                step.apply_jobs(&subject, version, vec![change]).await?;
                step.audit("RearmEndOfAccess", &subject, json!({})).await?;
                Ok(true)
            })
        })
        .await
}
