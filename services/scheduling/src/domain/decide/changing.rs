//! What can change before the visit begins, each with its reason; and the flags that a change
//! elsewhere raises.

use super::{Outcome, while_ahead};
use crate::domain::call::CallState;
use crate::domain::command::{Facts, WantedTeam};
use crate::domain::decision::Context;
use crate::domain::event::Event;
use crate::domain::refusal::{Refusal, room_for_one_more};
use crate::domain::team::Team;
use crate::domain::visit::{
    CancelReason, Cancellation, Change, ChangeKind, FlagCode, Mode, ReviewFlag, Visit, VisitState,
};

/// The most changes of one visit: its story must stay readable, and its row small.
const CHANGES_MAX: usize = 200;

pub(super) fn team(
    visit: &Visit,
    wanted: &WantedTeam,
    reason: &str,
    facts: &Facts,
    ctx: &Context<'_>,
) -> Outcome {
    while_ahead(visit, "changing the team")?;
    if visit.is_in_call() {
        return Err(Refusal::CallState {
            action: "changing the team",
            state: visit.call.state,
        });
    }
    let team = Team::form(&wanted.lead, &wanted.others, wanted.size_reason.as_deref())?;
    if team == visit.team {
        return Ok(None);
    }
    let call_ahead = matches!(visit.call.state, CallState::Scheduled | CallState::Due);
    let call_date = call_ahead.then_some(visit.call.date);
    team.check(visit.id, visit.visit_date, call_date, facts)?;
    let mut next = visit.clone();
    next.team = team;
    // Everybody of the new team has just been checked.
    next.flags.retain(|flag| {
        !matches!(
            flag.code,
            FlagCode::InspectorAway | FlagCode::InspectorConflict | FlagCode::InspectorBarred
        )
    });
    note(&mut next, ChangeKind::Team, reason, ctx)?;
    Ok(Some((next, vec![Event::TeamChanged])))
}

pub(super) fn mode(visit: &Visit, mode: Mode, reason: &str, ctx: &Context<'_>) -> Outcome {
    while_ahead(visit, "changing the mode")?;
    if mode == visit.mode {
        return Ok(None);
    }
    let mut next = visit.clone();
    next.mode = mode;
    if let Some(controls) = &mut next.controls {
        controls.needs_confirmation = true;
    }
    note(&mut next, ChangeKind::Mode, reason, ctx)?;
    Ok(Some((next, vec![Event::ModeChanged])))
}

pub(super) fn cancel(
    visit: &Visit,
    reason: CancelReason,
    note: &str,
    ctx: &Context<'_>,
) -> Outcome {
    while_ahead(visit, "cancelling")?;
    let mut next = visit.clone();
    next.state = VisitState::Cancelled;
    next.cancellation = Some(Cancellation {
        reason,
        note: note.to_owned(),
        at: ctx.now,
    });
    Ok(Some((next, vec![Event::Cancelled])))
}

pub(super) fn raise_flag(
    visit: &Visit,
    code: FlagCode,
    subject: &str,
    ctx: &Context<'_>,
) -> Outcome {
    let stands = |flag: &ReviewFlag| flag.code == code && flag.subject == subject;
    if !visit.state.is_ahead() || visit.flags.iter().any(stands) {
        return Ok(None);
    }
    let mut next = visit.clone();
    next.flags.push(ReviewFlag {
        code,
        subject: subject.to_owned(),
        raised_at: ctx.now,
    });
    Ok(Some((next, vec![Event::Flagged])))
}

pub(super) fn solve_flag(
    visit: &Visit,
    code: FlagCode,
    subject: &str,
    resolution: &str,
    ctx: &Context<'_>,
) -> Outcome {
    while_ahead(visit, "solving a flag")?;
    let is_it = |flag: &ReviewFlag| flag.code == code && flag.subject == subject;
    if !visit.flags.iter().any(is_it) {
        return Err(Refusal::FlagUnknown);
    }
    if !code.words_can_solve() {
        return Err(Refusal::FlagNeedsChange);
    }
    let mut next = visit.clone();
    next.flags.retain(|flag| !is_it(flag));
    note(&mut next, ChangeKind::FlagSolved, resolution, ctx)?;
    Ok(Some((next, vec![Event::FlagSolved])))
}

/// Notes a change with its reason.
pub(super) fn note(
    next: &mut Visit,
    kind: ChangeKind,
    reason: &str,
    ctx: &Context<'_>,
) -> Result<(), Refusal> {
    room_for_one_more(next.changes.len(), CHANGES_MAX, "changes")?;
    next.changes.push(Change {
        kind,
        at: ctx.now,
        by: ctx.actor.principal.clone(),
        reason: reason.to_owned(),
    });
    Ok(())
}
