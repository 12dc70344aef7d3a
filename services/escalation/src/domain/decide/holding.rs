//! A case on the desk's hands: who holds it, what was noted, and the alert when its next step does
//! not come (R-CON-9, R-CON-13, R-CON-14).

use super::{ASSIGNMENTS_MAX, Change, Context, Decided, NOTES_MAX};
use crate::domain::case::{Assignment, Case, Chosen, NextStepAlert, Note, State};
use crate::domain::event::Event;
use crate::domain::refusal::Refusal;
use visits_core::{SignedDuration, Timestamp};

/// Somebody adds a note.
pub(super) fn add_note(case: &Case, text: &str, ctx: &Context<'_>) -> Decided {
    if case.state.is_closed() {
        return Err(Refusal::CaseClosed);
    }
    if case.notes.len() >= NOTES_MAX {
        return Err(Refusal::TooMany {
            what: "notes",
            max: NOTES_MAX,
        });
    }
    let mut next = case.clone();
    next.notes.push(Note {
        by: ctx.actor.principal.clone(),
        at: ctx.now,
        text: text.to_owned(),
    });
    Change::of(next, Event::CaseNoted)
}

/// The case is given to an operator who is on duty, or released.
pub(super) fn assign(case: &Case, operator: Option<&str>, ctx: &Context<'_>) -> Decided {
    match case.state {
        State::Open => return Err(Refusal::CaseNotAcknowledged),
        State::NfdUnderWay => return Err(Refusal::NfdAlreadyStarted),
        state if !state.is_on_somebodys_hands() => return Err(Refusal::CaseClosed),
        _ => {}
    }
    if case.holder.as_deref() == operator {
        return Ok(None);
    }
    if let Some(operator) = operator {
        if case.concerns.iter().any(|c| c.raised_by == operator) {
            return Err(Refusal::DeskRaisedTheConcern);
        }
        if !ctx.taker_on_duty {
            return Err(Refusal::TakerNotOnDuty {
                taker: operator.to_owned(),
            });
        }
    }
    if case.assignments.len() >= ASSIGNMENTS_MAX {
        return Err(Refusal::TooMany {
            what: "changes of holder",
            max: ASSIGNMENTS_MAX,
        });
    }
    let mut next = case.clone();
    next.holder = operator.map(str::to_owned);
    next.assignments.push(Assignment {
        operator: next.holder.clone(),
        by: ctx.actor.principal.clone(),
        at: ctx.now,
    });
    let operator = next.holder.clone();
    Change::of(next, Event::CaseAssigned { operator })
}

/// The desk wants to be alerted again after another time.
pub(super) fn set_alert(
    case: &Case,
    after_minutes: i32,
    reason: &str,
    ctx: &Context<'_>,
) -> Decided {
    match case.state {
        State::Open => return Err(Refusal::CaseNotAcknowledged),
        state if state.is_closed() => return Err(Refusal::CaseClosed),
        _ if !case.waits_for_a_call() => return Err(Refusal::NextStepTaken),
        _ => {}
    }
    let mut next = case.clone();
    next.next_step_alert = Some(NextStepAlert {
        after_minutes,
        next_at: after(after_minutes, ctx),
        alerts: case.next_step_alert.as_ref().map_or(0, |a| a.alerts),
        chosen: Some(Chosen {
            by: ctx.actor.principal.clone(),
            at: ctx.now,
            reason: reason.to_owned(),
        }),
    });
    Change::of(next, Event::NextStepAlertSet { after_minutes })
}

/// The next step is expected from now on: the policy's time runs, or the one that was chosen.
pub(super) fn expect_next_step(next: &mut Case, ctx: &Context<'_>) {
    let before = next.next_step_alert.take();
    let after_minutes = before
        .as_ref()
        .map_or(ctx.policy.next_step_minutes, |alert| alert.after_minutes);
    next.next_step_alert = Some(NextStepAlert {
        after_minutes,
        next_at: after(after_minutes, ctx),
        alerts: before.as_ref().map_or(0, |alert| alert.alerts),
        chosen: before.and_then(|alert| alert.chosen),
    });
}

/// Timer: an acknowledged case without its next step alerts again.
pub(super) fn alert(case: &Case, ctx: &Context<'_>) -> Decided {
    let mut next = case.clone();
    let acknowledged_at = case.acknowledgement.as_ref().map(|given| given.at);
    let due = next
        .next_step_alert
        .as_mut()
        .filter(|alert| case.waits_for_a_call() && alert.next_at <= ctx.now);
    let (Some(alert), Some(acknowledged_at)) = (due, acknowledged_at) else {
        return Ok(None);
    };
    alert.alerts += 1;
    alert.next_at = after(alert.after_minutes, ctx);
    let alert = alert.alerts;
    let event = Event::NextStepOverdue {
        acknowledged_at,
        alert,
    };
    Change::of(next, event)
}

fn after(minutes: i32, ctx: &Context<'_>) -> Timestamp {
    ctx.now + SignedDuration::from_mins(minutes.into())
}
