//! The Regional Director's decision (M28), after the call with the duty desk (M27), and the
//! reminders until it is taken.

use super::{Change, Context, Decided, decision_taken};
use crate::domain::case::{Case, NfdDecision, State, Warning, Window, WindowStart};
use crate::domain::event::Event;
use crate::domain::policy::Policy;
use crate::domain::refusal::Refusal;
use crate::domain::register::Standing;
use visits_core::{SignedDuration, Timestamp};

/// Decides whether an NFD is necessary. A yes starts the 48 hours (M29).
pub(super) fn decide_nfd(
    case: &Case,
    required: bool,
    rationale: &str,
    ctx: &Context<'_>,
) -> Decided {
    let standing = ctx
        .standing(case)
        .ok_or_else(|| ctx.not_the_director(case))?;
    may_decide(case, ctx)?;
    let mut next = case.clone();
    next.decision = Some(NfdDecision {
        required,
        rationale: rationale.to_owned(),
        by: ctx.actor.principal.clone(),
        as_deputy: standing == Standing::Deputy,
        at: ctx.now,
    });
    next.state = if required {
        State::NfdRequired
    } else {
        State::NfdNotRequired
    };
    next.window = required.then(|| window_if_decided(case, ctx.policy, ctx.now));
    let mut events = vec![Event::NfdDecided {
        required,
        decided_at: ctx.now,
        deadline_at: next.window.as_ref().map(|window| window.deadline_at),
    }];
    let converted = ctx.converted + 1;
    if required && ctx.policy.is_above_limit(ctx.begun, converted) {
        events.push(Event::ConversionLimitExceeded {
            begun: ctx.begun,
            converted,
        });
    }
    Change::all(next, events)
}

fn may_decide(case: &Case, ctx: &Context<'_>) -> Result<(), Refusal> {
    let decider = &ctx.actor.principal;
    if case.concerns.iter().any(|c| &c.raised_by == decider) {
        return Err(Refusal::DeciderRaisedTheConcern);
    }
    if case.calls.iter().any(|call| &call.logged_by == decider) {
        return Err(Refusal::DeciderLoggedTheCall);
    }
    match case.state {
        State::AwaitingDecision => {}
        State::Open | State::WithDutyDesk => return Err(Refusal::DutyDeskCallMissing),
        State::Withdrawn => return Err(Refusal::CaseClosed),
        _ => return Err(decision_taken(case)),
    }
    // A concern that came after the call has not been discussed either (M27).
    if case.standing_concerns().any(|concern| !concern.discussed) {
        return Err(Refusal::DutyDeskCallMissing);
    }
    Ok(())
}

/// The window as it is, were an NFD found necessary `now`: elapsed hours on the UTC clock, whatever
/// the clocks on the wall do.
#[must_use]
pub fn window_if_decided(case: &Case, policy: &Policy, now: Timestamp) -> Window {
    let first_raised = case
        .standing_concerns()
        .map(|concern| concern.raised_at)
        .min();
    let start_at = match policy.window_starts_at {
        WindowStart::Decision => now,
        WindowStart::ConcernRaised => first_raised.unwrap_or(now),
    };
    let deadline_at = start_at + policy.nfd_window;
    Window {
        start_at,
        deadline_at,
        starts_at: policy.window_starts_at,
        warnings: warnings(deadline_at, &policy.warning_hours),
        breached_at: None,
    }
}

fn warnings(deadline_at: Timestamp, hours: &[i32]) -> Vec<Warning> {
    hours
        .iter()
        .map(|&hours_left| Warning {
            hours_left,
            due_at: deadline_at - SignedDuration::from_hours(hours_left.into()),
            given_at: None,
            late: false,
        })
        .collect()
}

/// Timer: half of the time is gone. If all of it is, the alarm speaks instead: never both.
pub(super) fn remind(case: &Case, ctx: &Context<'_>) -> Decided {
    let Some(target) = awaited(case) else {
        return Ok(None);
    };
    if target.due_at <= ctx.now {
        return alarm(case, ctx);
    }
    if target.reminded_at.is_some() || ctx.now < target.remind_at {
        return Ok(None);
    }
    let due_at = target.due_at;
    let mut next = case.clone();
    if let Some(target) = &mut next.target {
        target.reminded_at = Some(ctx.now);
    }
    Change::of(next, Event::DecisionReminder { due_at })
}

/// Timer: the time is gone; repeated until the decision is taken, never in a burst after a pause.
pub(super) fn alarm(case: &Case, ctx: &Context<'_>) -> Decided {
    let Some(target) = awaited(case).filter(|target| target.next_alarm_at <= ctx.now) else {
        return Ok(None);
    };
    let (due_at, alarm) = (target.due_at, target.alarms + 1);
    let mut next = case.clone();
    if let Some(target) = &mut next.target {
        target.alarms = alarm;
        target.next_alarm_at = ctx.now + ctx.policy.decision_alarm_repeat;
    }
    Change::of(next, Event::DecisionOverdue { due_at, alarm })
}

fn awaited(case: &Case) -> Option<&crate::domain::case::DecisionTarget> {
    let awaiting = case.state == State::AwaitingDecision;
    case.target.as_ref().filter(|_| awaiting)
}
