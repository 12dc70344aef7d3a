//! The call on the school day before (M13–M18): attempts, its beginning, its steps, its end.

use visits_core::civil::Time;
use visits_core::{SignedDuration, london};

use super::{Outcome, by_the_lead, wrong_state};
use crate::domain::call::{CallState, RecordedStep};
use crate::domain::decision::Context;
use crate::domain::event::Event;
use crate::domain::refusal::{Refusal, room_for_one_more};
use crate::domain::school::ContextPack;
use crate::domain::script::CallScript;
use crate::domain::visit::{FrozenPack, Visit, VisitState};

/// The most attempts of one call: far more than every 20 minutes from 09:30 to 16:00.
const ATTEMPTS_MAX: usize = 100;

/// Refuses everything while the call is not still to be made.
fn while_to_be_made(visit: &Visit, action: &'static str) -> Result<(), Refusal> {
    if visit.state != VisitState::Planned {
        return Err(wrong_state(visit, action));
    }
    match visit.call.state {
        CallState::Scheduled | CallState::Due => Ok(()),
        CallState::NotReached => Err(Refusal::CallNotReached),
        state => Err(Refusal::CallState { action, state }),
    }
}

/// Refuses a call before 09:30 or after 16:00 of its day.
fn within_the_call_day(visit: &Visit, ctx: &Context<'_>) -> Result<(), Refusal> {
    let call = &visit.call;
    if ctx.now < call.window_start(ctx.policy) {
        return Err(Refusal::CallTooEarly {
            date: call.date,
            time: call.time,
        });
    }
    if ctx.now >= call.closes_at(ctx.policy) {
        return Err(Refusal::CallNotReached);
    }
    Ok(())
}

fn in_call(visit: &Visit, action: &'static str) -> Result<(), Refusal> {
    if visit.is_in_call() {
        Ok(())
    } else if visit.state == VisitState::Planned {
        Err(Refusal::CallState {
            action,
            state: visit.call.state,
        })
    } else {
        Err(wrong_state(visit, action))
    }
}

pub(super) fn rearrange(visit: &Visit, time: Time, ctx: &Context<'_>) -> Outcome {
    while_to_be_made(visit, "rearranging the call")?;
    by_the_lead(visit, ctx)?;
    let due_at = london::instant(visit.call.date, time);
    let later = due_at > visit.call.due_at && due_at > ctx.now;
    if !later || due_at >= visit.call.closes_at(ctx.policy) {
        return Err(Refusal::CallTimeOutside);
    }
    let mut next = visit.clone();
    next.call.state = CallState::Scheduled;
    next.call.time = time;
    next.call.due_at = due_at;
    next.call.next_attempt_at = None;
    Ok(Some((next, vec![Event::CallRearranged])))
}

pub(super) fn start(
    visit: &Visit,
    script: Option<&CallScript>,
    pack: &ContextPack,
    ctx: &Context<'_>,
) -> Outcome {
    while_to_be_made(visit, "starting the call")?;
    by_the_lead(visit, ctx)?;
    within_the_call_day(visit, ctx)?;
    let script = script.ok_or(Refusal::NoScriptInForce {
        date: visit.call.date,
    })?;
    let mut next = visit.clone();
    next.call.state = CallState::InProgress;
    next.call.started_at = Some(ctx.now);
    next.call.made_by = Some(visit.team.lead().to_owned());
    next.call.next_attempt_at = None;
    next.call.script_version = Some(script.version.clone());
    next.context_pack = Some(FrozenPack {
        pack: pack.clone(),
        at: ctx.now,
    });
    Ok(Some((next, vec![Event::CallStarted])))
}

pub(super) fn attempt(visit: &Visit, ctx: &Context<'_>) -> Outcome {
    while_to_be_made(visit, "recording an attempt")?;
    by_the_lead(visit, ctx)?;
    within_the_call_day(visit, ctx)?;
    room_for_one_more(visit.call.attempts.len(), ATTEMPTS_MAX, "attempts")?;
    let again = ctx.now + SignedDuration::from_mins(ctx.policy.attempt_every_minutes);
    let mut next = visit.clone();
    next.call.state = CallState::Due;
    next.call.attempts.push(ctx.now);
    next.call.next_attempt_at = Some(again).filter(|at| *at < visit.call.closes_at(ctx.policy));
    Ok(Some((next, vec![Event::AttemptRecorded])))
}

pub(super) fn steps(
    visit: &Visit,
    codes: &[String],
    script: Option<&CallScript>,
    ctx: &Context<'_>,
) -> Outcome {
    in_call(visit, "recording a step of the call")?;
    by_the_lead(visit, ctx)?;
    let script = script.ok_or(Refusal::NoScriptInForce {
        date: visit.call.date,
    })?;
    let mut next = visit.clone();
    for code in codes {
        if !script.has_step(code) {
            return Err(Refusal::StepUnknown {
                version: script.version.clone(),
                code: code.clone(),
            });
        }
        let recorded = &mut next.call.recorded_steps;
        if !recorded.iter().any(|step| step.code == *code) {
            recorded.push(RecordedStep {
                code: code.clone(),
                at: ctx.now,
            });
        }
    }
    if next.call.recorded_steps == visit.call.recorded_steps {
        return Ok(None);
    }
    Ok(Some((next, vec![Event::StepsRecorded])))
}

pub(super) fn complete(visit: &Visit, script: Option<&CallScript>, ctx: &Context<'_>) -> Outcome {
    in_call(visit, "completing the call")?;
    by_the_lead(visit, ctx)?;
    let script = script.ok_or(Refusal::NoScriptInForce {
        date: visit.call.date,
    })?;
    let missing = script.missing(&visit.call.recorded_codes());
    if !missing.is_empty() {
        return Err(Refusal::CallStepsMissing { missing });
    }
    let mut next = visit.clone();
    end(&mut next, ctx);
    Ok(Some((next, vec![Event::CallCompleted])))
}

/// The call is over and the visit is called.
pub(super) fn end(next: &mut Visit, ctx: &Context<'_>) {
    next.call.state = CallState::Done;
    next.call.completed_at = Some(ctx.now);
    next.state = VisitState::Called;
}
