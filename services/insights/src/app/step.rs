//! `execute`: the only place that commits. It loads, lets the pure core decide, and saves what was
//! decided with the jobs and the audit row that belong to it, in one transaction.
//!
//! Answers are no part of what a unit of work answers with: that is kept for repeats of a request
//! (R17), and what must be erasable must not lie about in copies (M30).

use std::collections::HashMap;

use serde_json::{Value, json};
use uuid::Uuid;
use visits_core::{Fault, Refusal, london};
use visits_durable::store::Versioned;
use visits_durable::{Cause, JobChange, Step};
use visits_runtime::etag;

use super::App;
use crate::config::Policy;
use crate::domain::coding::{self, Coding, CodingCommand, CodingRefusal, CodingState};
use crate::domain::conversion::ConversionCounts;
use crate::domain::frame::{self, FrameContent};
use crate::domain::picture::{self, CountedVisit};
use crate::domain::release::{self, CreateRelease, ReleaseId};
use crate::domain::visit::{self, Life, News, Visit};
use crate::domain::{Context, Decision, Timer};
use crate::jobs::{ERASE_ANSWERS, FETCH_ANSWERS};
use crate::store::{codings, frames, releases, visits};

/// Something that changes what insights knows.
#[derive(Clone, Debug)]
pub enum Command {
    /// Import a coding frame.
    ImportFrame(FrameContent),
    /// Take in news of a visit.
    Hear {
        /// Which visit.
        visit: Uuid,
        /// The school's URN.
        urn: String,
        /// The news.
        news: News,
    },
    /// Arm what a visit still needs and no job is there for: a repair of the sweep.
    Mend {
        /// Which visit.
        visit: Uuid,
    },
    /// Store, code or erase a visit's answers.
    Coding {
        /// The pseudonymous key.
        key: Uuid,
        /// What the caller read; empty means: don't check.
        etag: String,
        /// What to do.
        command: CodingCommand,
    },
    /// Make a release.
    CreateRelease(CreateRelease),
}

/// What a command answers with: the id of what it was about, and its version then. The state is
/// read afterwards.
pub type Done = Versioned<()>;

impl App {
    /// Carries out a command, once for its cause.
    pub async fn execute(&self, cause: Cause, command: Command) -> Result<Done, Fault> {
        let policy = self.policy.clone();
        self.durable
            .unit_of_work(cause, move |step| {
                Box::pin(async move {
                    match command {
                        Command::ImportFrame(content) => import_frame(step, &content).await,
                        Command::Hear { visit, urn, news } => hear(step, visit, &urn, &news).await,
                        Command::Mend { visit } => mend(step, &policy, visit).await,
                        Command::Coding { key, etag, command } => {
                            code(step, key, &etag, &command).await
                        }
                        Command::CreateRelease(command) => {
                            create_release(step, &policy, &command).await
                        }
                    }
                })
            })
            .await
    }
}

const fn done(id: Uuid, version: i64) -> Done {
    Done {
        id,
        version,
        value: (),
    }
}

fn context(step: &Step) -> Context {
    Context {
        now: step.now(),
        actor: step.actor().clone(),
    }
}

/// A refusal as a fault that names what it was about.
fn refused(refusal: impl Refusal, resource: &str) -> Fault {
    Fault::from(refusal).with("resource", resource)
}

async fn import_frame(step: &Step, content: &FrameContent) -> Result<Done, Fault> {
    let resource = format!("codingFrames/{}", content.version);
    let current = frames::load(step.tx(), &content.version).await?;
    let decision = frame::decide(current.as_ref(), content, &context(step))
        .map_err(|refusal| refused(refusal, &resource))?;
    if let Decision::Changed { next, .. } = decision {
        frames::insert(step.tx(), &next).await?;
        let detail = json!({ "codes": next.content.codes.len() });
        step.audit("insights.codingFrames.import", &resource, detail)
            .await?;
    }
    Ok(done(Uuid::nil(), 1))
}

async fn hear(step: &Step, id: Uuid, urn: &str, news: &News) -> Result<Done, Fault> {
    let current = visits::lock(step.tx(), id).await?;
    let state = current.as_ref().map(|current| &current.value);
    let Decision::Changed { next, jobs } = visit::decide(state, urn, news) else {
        return Ok(done(id, current.map_or(0, |current| current.version)));
    };
    let version = visits::save(step.tx(), id, current.as_ref(), &next).await?;
    let resource = format!("visits/{id}");
    let jobs = jobs.into_iter().map(|timer| job(timer, step)).collect();
    step.apply_jobs(&resource, version, jobs).await?;
    let detail = json!({ "life": next.life(), "version": version });
    step.audit("insights.visits.hear", &resource, detail)
        .await?;
    Ok(done(id, version))
}

async fn mend(step: &Step, policy: &Policy, id: Uuid) -> Result<Done, Fault> {
    let Some(current) = visits::lock(step.tx(), id).await? else {
        return Ok(done(id, 0));
    };
    let coding = codings::load(step.tx(), policy.pseudonyms.of_visit(id)).await?;
    let state = coding.map(|coding| coding.value.state());
    let Some(timer) = visit::outstanding(&current.value, state) else {
        return Ok(done(id, current.version));
    };
    // Saved as it is: a job needs a version of its own.
    let version = visits::save(step.tx(), id, Some(&current), &current.value).await?;
    let resource = format!("visits/{id}");
    step.apply_jobs(&resource, version, vec![job(timer, step)])
        .await?;
    step.audit(
        "insights.visits.mend",
        &resource,
        json!({ "version": version }),
    )
    .await?;
    Ok(done(id, version))
}

fn job(timer: Timer, step: &Step) -> JobChange {
    JobChange::Arm {
        kind: match timer {
            Timer::FetchAnswers => FETCH_ANSWERS,
            Timer::EraseAnswers => ERASE_ANSWERS,
        },
        due_at: step.now(),
        payload: Value::Null,
    }
}

async fn code(step: &Step, key: Uuid, etag: &str, command: &CodingCommand) -> Result<Done, Fault> {
    let resource = format!("visitCodings/{key}");
    let current = codings::lock(step.tx(), key).await?;
    if let Some(current) = &current {
        etag::check(etag, current.version)?;
    }
    let state = current.as_ref().map(|current| &current.value);
    let decision =
        coding::decide(state, command, &context(step)).map_err(|refusal| match refusal {
            CodingRefusal::Absent => Fault::not_found(&resource),
            CodingRefusal::DoesNotFit(violations) => Fault::invalid(violations),
            other => refused(other, &resource),
        })?;
    let Decision::Changed { next, .. } = decision else {
        return Ok(done(key, current.map_or(0, |current| current.version)));
    };
    let version = codings::save(step.tx(), key, current.as_ref(), &next).await?;
    // Neither the key nor anything of the answers: the audit of a fetch must not tell whose
    // answers lie under which key (M11). Who coded what is the coder's own doing, and is told.
    match command {
        CodingCommand::Code { frame, .. } => {
            let detail = json!({ "frame": frame.content.version, "round": next.rounds.len() });
            step.audit("insights.visitCodings.code", &resource, detail)
                .await?;
        }
        CodingCommand::Store { .. } => {
            step.audit("insights.visitCodings.store", "visitCodings", Value::Null)
                .await?;
        }
        CodingCommand::Erase => {
            step.audit("insights.visitCodings.erase", "visitCodings", Value::Null)
                .await?;
        }
    }
    Ok(done(key, version))
}

async fn create_release(
    step: &Step,
    policy: &Policy,
    command: &CreateRelease,
) -> Result<Done, Fault> {
    let Some(frame) = frames::load(step.tx(), &command.frame).await? else {
        return Err(Fault::not_found(format!("codingFrames/{}", command.frame)));
    };
    let heard = visits::all(step.tx()).await?;
    let counted = counted_visits(step, policy, &heard, command).await?;
    let picture = picture::draw(&frame, &counted);
    let every = heard.iter().map(|visit| &visit.value);
    let conversion = ConversionCounts::of(every, policy.conversion, step.now());
    let latest = releases::latest(step.tx()).await?;
    let release = release::decide(latest, command, picture, conversion, &context(step))
        .map_err(|refusal| refused(refusal, "releases"))?;
    let id = ReleaseId(step.new_id());
    releases::insert(step.tx(), id, &release).await?;
    let detail = json!({
        "number": release.number,
        "through_date": release.through_date,
        "frame": release.frame,
        "schools_visited": release.schools_visited,
        "schools_coded": release.schools_coded,
        "supersedes": release.supersedes,
    });
    let resource = format!("releases/{id}");
    step.audit("insights.releases.create", &resource, detail)
        .await?;
    Ok(done(id.0, 1))
}

/// The visits that count: completed by the end of the last day in England, and not converted
/// (M30). Only here does the way lead from a visit to its answers' codes.
async fn counted_visits(
    step: &Step,
    policy: &Policy,
    heard: &[Versioned<Visit>],
    command: &CreateRelease,
) -> Result<Vec<CountedVisit>, Fault> {
    let coded = codings::all(step.tx(), &[CodingState::Coded]).await?;
    let by_key: HashMap<Uuid, Coding> = coded
        .into_iter()
        .map(|coding| (coding.id, coding.value))
        .collect();
    let mut counted = Vec::new();
    for visit in heard
        .iter()
        .filter(|visit| visit.value.life() == Life::Completed)
    {
        let Some(completed) = &visit.value.completed else {
            continue;
        };
        if london::date(completed.at) > command.through_date {
            continue;
        }
        let coding = by_key.get(&policy.pseudonyms.of_visit(visit.id));
        counted.push(CountedVisit {
            urn: visit.value.urn.clone(),
            completed_at: completed.at,
            facts: completed.facts,
            codes: coding.and_then(|coding| coding.codes_by(&command.frame)),
        });
    }
    Ok(counted)
}
