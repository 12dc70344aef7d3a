//! The only place that commits: load, decide, save, say, arm, record, in one transaction.

use serde_json::{Value, json};
use visits_core::{Fault, Timestamp};
use visits_durable::store::Versioned;
use visits_durable::{Cause, JobChange, Step};
use visits_runtime::etag;

use super::App;
use super::rights::{self, Needs};
use crate::domain::ground::{Change, Heard};
use crate::domain::letter::{Kind, Letter, VisitId};
use crate::domain::timer::Timer;
use crate::domain::{Command, Context, Decision, Event, Ground, LetterId, Policy, decide};
use crate::link::hash_of;
use crate::publish;
use crate::store::{barrier, ground, letter, link};

/// What the caller read before asking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Read {
    /// It doesn't say.
    #[default]
    Anything,
    /// Exactly this etag, if it isn't empty.
    Etag(String),
    /// Exactly this etag, which must be given.
    EtagRequired(String),
}

impl App {
    /// Carries out a command to a letter that is there.
    ///
    /// # Errors
    /// The refusal, or what went wrong.
    pub async fn execute(
        &self,
        cause: Cause,
        id: LetterId,
        needs: Needs,
        read: Read,
        command: Command,
    ) -> Result<Versioned<Letter>, Fault> {
        let app = self.clone();
        self.durable
            .unit_of_work(cause, move |step| {
                Box::pin(async move {
                    rights::may_ask(step.actor(), needs)?;
                    let current = letter::hold(step.tx(), id)
                        .await?
                        .ok_or_else(|| Fault::not_found(format!("letters/{id}")))?;
                    let name = current.value.name();
                    rights::may_change(step.tx(), step.actor(), needs, &current.value).await?;
                    match read {
                        Read::Anything => Ok(()),
                        Read::Etag(given) => etag::check(&given, current.version),
                        Read::EtagRequired(given) => etag::require(&given, current.version),
                    }?;
                    app.apply(step, Some(current), command)
                        .await
                        .map(answer)
                        .map_err(|fault| about(fault, &name))
                })
            })
            .await
    }

    /// Carries out the first command of a letter: the ground learns of it in the same transaction.
    ///
    /// # Errors
    /// The refusal, or what went wrong.
    pub async fn begin(
        &self,
        cause: Cause,
        draft: crate::domain::command::Draft,
        fetched: bool,
    ) -> Result<Versioned<Letter>, Fault> {
        let app = self.clone();
        self.durable
            .unit_of_work(cause, move |step| {
                Box::pin(async move {
                    let (visit, kind, id) = (draft.about.visit, draft.about.kind, draft.id);
                    let name = format!("visits/{visit}");
                    rights::may_begin(step.tx(), step.actor(), &draft.about).await?;
                    let command = Command::Draft(Box::new(draft));
                    let drafted = app
                        .apply(step, None, command)
                        .await
                        .map_err(|fault| about(fault, &name))?;
                    if !fetched {
                        return Err(Fault::transient(
                            "what the letter is drafted from just came in",
                        ));
                    }
                    let heard = Heard::Drafted { kind, letter: id };
                    app.take_in(step, visit, heard).await?;
                    Ok(drafted)
                })
            })
            .await
    }

    /// Takes in something heard about a visit; supersedes its interim letter if that follows (M30).
    ///
    /// # Errors
    /// What went wrong: hearing is never refused.
    pub async fn hear(&self, cause: Cause, visit: VisitId, heard: Heard) -> Result<(), Fault> {
        let app = self.clone();
        self.durable
            .unit_of_work(cause, move |step| {
                Box::pin(async move { app.take_in(step, visit, heard).await })
            })
            .await
    }

    /// Raises the barrier for an inspector at a school (M11).
    ///
    /// # Errors
    /// What went wrong.
    pub async fn raise_barrier(
        &self,
        cause: Cause,
        inspector: String,
        urn: String,
    ) -> Result<(), Fault> {
        self.durable
            .unit_of_work(cause, move |step| {
                Box::pin(async move {
                    barrier::raise(step.tx(), &inspector, &urn, step.now()).await?;
                    let detail = json!({ "inspector": inspector });
                    let school = format!("schools/{urn}");
                    step.audit("letters.barrier_raised", &school, detail).await
                })
            })
            .await
    }

    /// Saves a letter as it stands and arms what the sweep found missing; not if a step has changed
    /// the letter since the sweep looked.
    pub(crate) async fn rearm_letter(
        &self,
        seen: Versioned<Letter>,
        timers: Vec<Timer>,
    ) -> Result<bool, Fault> {
        let policy = self.setup.policy.clone();
        self.durable
            .unit_of_work(Cause::System, move |step| {
                Box::pin(async move {
                    let held = letter::hold(step.tx(), seen.value.id).await?;
                    let Some(held) = held.filter(|held| held.version == seen.version) else {
                        return Ok(false);
                    };
                    let saved = save(step, Some(&held), &held.value, &policy).await?;
                    let round = held.value.round().map_or(0, |round| round.number);
                    let jobs = jobs(timers, &json!({ "round": round }));
                    let name = held.value.name();
                    step.apply_jobs(&name, saved.version, jobs).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// Saves a ground as it stands and arms what the sweep found missing; not if a step has changed
    /// the ground since the sweep looked.
    pub(crate) async fn rearm_ground(
        &self,
        seen: Versioned<Ground>,
        timers: Vec<(Kind, Timer)>,
    ) -> Result<bool, Fault> {
        self.durable
            .unit_of_work(Cause::System, move |step| {
                Box::pin(async move {
                    let held = ground::hold(step.tx(), seen.value.visit).await?;
                    let Some(held) = held.filter(|held| held.version == seen.version) else {
                        return Ok(false);
                    };
                    let version = ground::save(step.tx(), Some(&held), &held.value).await?;
                    arm_ground(step, &held.value, version, timers).await?;
                    Ok(true)
                })
            })
            .await
    }

    async fn apply(
        &self,
        step: &Step,
        current: Option<Versioned<Letter>>,
        mut command: Command,
    ) -> Result<Versioned<Letter>, Fault> {
        if let (Some(current), Command::SendToSchool { link_hash, .. }) = (&current, &mut command) {
            let coming = current.value.round().map_or(1, |round| round.number + 1);
            *link_hash = hash_of(&self.setup.links.token(current.value.id, coming));
        }
        let visit = match (&current, &command) {
            (Some(current), _) => current.value.about.visit,
            (None, Command::Draft(draft)) => draft.about.visit,
            (None, _) => return Err(crate::domain::Refusal::NotDrafted.into()),
        };
        let heard = ground::load(step.tx(), visit).await?;
        let ground = heard.map_or_else(|| Ground::unheard(visit), |heard| heard.value);
        let policy = &self.setup.policy;
        let context = Context {
            now: step.now(),
            actor: step.actor(),
            policy,
            ground: &ground,
        };
        let decision = decide(current.as_ref().map(|c| &c.value), command, &context)?;
        let Decision::Changed {
            next,
            events,
            timers,
        } = decision
        else {
            return current.ok_or_else(|| Fault::fatal("nothing stayed as it was"));
        };
        let saved = save(step, current.as_ref(), &next, policy).await?;
        say(step, &saved.value, &events).await?;
        let round = next.round().map_or(0, |round| round.number);
        let jobs = jobs(timers, &json!({ "round": round }));
        step.apply_jobs(&next.name(), saved.version, jobs).await?;
        Ok(saved)
    }

    async fn take_in(&self, step: &Step, visit: VisitId, heard: Heard) -> Result<(), Fault> {
        let current = ground::hold(step.tx(), visit).await?;
        let before = current
            .as_ref()
            .map_or_else(|| Ground::unheard(visit), |current| current.value.clone());
        // A deadline that can't be counted parks the event: what was heard must not be lost.
        let change = before
            .hear(heard, step.now(), &self.setup.policy)
            .map_err(|missing| Fault::fatal(missing.to_string()))?;
        let Change::Changed {
            next,
            timers,
            supersede,
        } = change
        else {
            return Ok(());
        };
        let version = ground::save(step.tx(), current.as_ref(), &next).await?;
        arm_ground(step, &next, version, timers).await?;
        let name = format!("visits/{visit}");
        step.audit(heard.name(), &name, json!({ "version": version }))
            .await?;
        if let Some((id, cause)) = supersede {
            let letter = letter::hold(step.tx(), id).await?;
            if letter.is_some() {
                self.apply(step, letter, Command::Supersede { cause })
                    .await?;
            }
        }
        Ok(())
    }
}

/// What is kept as the answer of a request: without where the link goes, which is the round's.
fn answer(mut letter: Versioned<Letter>) -> Versioned<Letter> {
    for round in &mut letter.value.rounds {
        round.recipient = None;
    }
    letter
}

async fn save(
    step: &Step,
    current: Option<&Versioned<Letter>>,
    next: &Letter,
    policy: &Policy,
) -> Result<Versioned<Letter>, Fault> {
    let first = next.editions.first().map(|edition| edition.published_at);
    let access_ends: Option<Timestamp> = first
        .map(|published| policy.team_access_ends(published))
        .transpose()
        .map_err(crate::domain::Refusal::from)?;
    let saved = letter::save(step.tx(), current, next, access_ends).await?;
    let rounds_before = current.map_or(0, |current| current.value.rounds.len());
    for round in next.rounds.iter().skip(rounds_before) {
        link::insert(step.tx(), &round.link_hash, next.id, round.number).await?;
    }
    Ok(saved)
}

async fn say(step: &Step, letter: &Letter, events: &[Event]) -> Result<(), Fault> {
    let speaker = publish::speaker(letter);
    for event in events {
        if let Some(public) = publish::public_event(letter, event, step.now()) {
            step.publish(&speaker, public).await?;
        }
        step.audit(event.name(), &speaker.subject, event.detail())
            .await?;
    }
    Ok(())
}

async fn arm_ground(
    step: &Step,
    ground: &Ground,
    version: i64,
    timers: Vec<(Kind, Timer)>,
) -> Result<(), Fault> {
    for (kind, timer) in timers {
        let payload = json!({ "kind": kind, "visit": ground.visit });
        let subject = ground.timer_subject(kind);
        step.apply_jobs(&subject, version, jobs(vec![timer], &payload))
            .await?;
    }
    Ok(())
}

fn jobs(timers: Vec<Timer>, payload: &Value) -> Vec<JobChange> {
    let change = |timer| match timer {
        Timer::Arm(due, due_at) => JobChange::Arm {
            kind: due.job(),
            due_at,
            payload: payload.clone(),
        },
        Timer::Cancel(due) => JobChange::Cancel { kind: due.job() },
    };
    timers.into_iter().map(change).collect()
}

/// Says what the refusal is about, for the audit and for the status.
fn about(fault: Fault, resource: &str) -> Fault {
    if fault.metadata.contains_key("resource") {
        fault
    } else {
        fault.with("resource", resource)
    }
}
