//! The duty desk: taking a case on, recording the HMI's call (M27), and whether anybody is there.

use visits_core::Timestamp;

use super::holding::expect_next_step;
use super::raise::take_back;
use super::{CALLS_MAX, Change, Context, Decided, before_the_decision};
use crate::domain::case::{
    Acknowledgement, Case, ConcernId, DecisionTarget, DutyDeskCall, Outcome, State,
};
use crate::domain::event::Event;
use crate::domain::refusal::Refusal;

/// The desk takes the case on.
pub(super) fn acknowledge(case: &Case, note: &str, ctx: &Context<'_>) -> Decided {
    match case.state {
        State::Open => {}
        State::NfdNotRequired | State::NfdComplete | State::Withdrawn => {
            return Err(Refusal::CaseClosed);
        }
        _ => return Err(Refusal::CaseAlreadyAcknowledged),
    }
    not_the_raiser(case, ctx)?;
    let mut next = case.clone();
    next.state = State::WithDutyDesk;
    next.holder = Some(ctx.actor.principal.clone());
    expect_next_step(&mut next, ctx);
    next.acknowledgement = Some(Acknowledgement {
        by: ctx.actor.principal.clone(),
        at: ctx.now,
        note: note.to_owned(),
    });
    Change::of(next, Event::ConcernAcknowledged)
}

/// The desk records the HMI's call. Every concern that stands counts as discussed; the HMI says
/// whether a decision is sought.
pub(super) fn log_call(
    case: &Case,
    inspector: &str,
    called_at: Timestamp,
    summary: &str,
    outcome: Outcome,
    ctx: &Context<'_>,
) -> Decided {
    before_the_decision(case)?;
    if case.state == State::Open {
        return Err(Refusal::CaseNotAcknowledged);
    }
    not_the_raiser(case, ctx)?;
    if !case.team.iter().any(|member| member == inspector) {
        return Err(Refusal::NotOnTheVisit {
            principal: inspector.to_owned(),
        });
    }
    if called_at > ctx.now {
        return Err(Refusal::InTheFuture { what: "the call" });
    }
    if case.calls.len() >= CALLS_MAX {
        return Err(Refusal::TooMany {
            what: "calls",
            max: CALLS_MAX,
        });
    }
    let mut next = case.clone();
    next.calls.push(DutyDeskCall {
        inspector: inspector.to_owned(),
        called_at,
        logged_by: ctx.actor.principal.clone(),
        logged_at: ctx.now,
        summary: summary.to_owned(),
        outcome,
    });
    for concern in next.concerns.iter_mut().filter(|c| c.stands()) {
        concern.discussed = true;
    }
    let mut events = vec![Event::DutyDeskCallLogged { called_at, outcome }];
    match outcome {
        Outcome::SeekDecision => events.extend(request_decision(&mut next, called_at, ctx)),
        Outcome::NotSignificant => {
            let standing: Vec<ConcernId> = next.standing_concerns().map(|c| c.id).collect();
            let reason = "not significant after all, as said in the call with the duty desk";
            events.extend(take_back(&mut next, &standing, reason, ctx));
        }
    }
    Change::all(next, events)
}

/// The first call that seeks it requests the decision; a further one only adds to the record, so
/// that the target doesn't move away.
fn request_decision(next: &mut Case, called_at: Timestamp, ctx: &Context<'_>) -> Option<Event> {
    if next.target.is_some() {
        return None;
    }
    let due_at = called_at + ctx.policy.decision_target;
    next.state = State::AwaitingDecision;
    next.target = Some(DecisionTarget {
        requested_at: ctx.now,
        remind_at: called_at + ctx.policy.decision_target / 2,
        due_at,
        reminded_at: None,
        alarms: 0,
        next_alarm_at: due_at,
    });
    Some(Event::DecisionRequested { due_at })
}

/// Timer: a case that waits for the desk while nobody watches is an alarm of its own, and a page to
/// somebody outside of the desk.
pub(super) fn check(case: &Case, ctx: &Context<'_>) -> Decided {
    if !case.state.waits_for_the_desk() || ctx.now < case.desk_check_at {
        return Ok(None);
    }
    let mut next = case.clone();
    next.desk_check_at = ctx.now + ctx.policy.desk_check;
    let Some(why) = ctx.unwatched else {
        // Somebody is back before the page went out.
        next.pages.wanted = None;
        return Change::all(next, Vec::new());
    };
    next.pages.wanted.get_or_insert((ctx.now, why));
    let waiting_since = case.opened_at;
    Change::of(next, Event::DeskUnwatched { waiting_since, why })
}

/// The page has gone out; the next check may want another.
pub(super) fn page_sent(case: &Case) -> Decided {
    if case.pages.wanted.is_none() || !case.state.waits_for_the_desk() {
        return Ok(None);
    }
    let mut next = case.clone();
    next.pages.wanted = None;
    next.pages.sent += 1;
    Change::all(next, Vec::new())
}

fn not_the_raiser(case: &Case, ctx: &Context<'_>) -> Result<(), Refusal> {
    let raised_it = |principal: &str| case.concerns.iter().any(|c| c.raised_by == principal);
    if raised_it(&ctx.actor.principal) {
        return Err(Refusal::DeskRaisedTheConcern);
    }
    Ok(())
}
