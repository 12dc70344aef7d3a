//! What a command does to a visit.
//!
//! ```text
//! planned ─call done→ called ─controls stand→ ready ─heard started→ in_progress ─heard→ completed
//!    ↑                  │  ↑                    │
//!    │     deferral_requested ──refused──┘      └─ a change of mode: controls confirmed again
//!    └── granted, or rescheduled
//! cancelled: from any state before in_progress; converted: heard from escalation (M30)
//! ```
//!
//! The whole (state × command) table, cell by cell, is `decide/table.rs`.

mod arranging;
mod calling;
#[cfg(test)]
mod calling_rules;
mod changing;
mod deferring;
mod hearing;
#[cfg(test)]
mod invariants;
mod planning;
#[cfg(test)]
mod planning_rules;
#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod table;
mod timing;

pub(crate) use planning::still_stands;

use super::command::Command;
use super::decision::{Context, Decision};
use super::event::Event;
use super::refusal::Refusal;
use super::timer;
use super::visit::{Visit, VisitState};

/// What one rule gives: the next state with what happened, or `None` if it stands already.
type Outcome = Result<Option<(Visit, Vec<Event>)>, Refusal>;

/// What a command does to a visit.
pub fn decide(
    state: Option<&Visit>,
    command: &Command,
    ctx: &Context<'_>,
) -> Result<Decision<Visit, Event>, Refusal> {
    let outcome = match (state, command) {
        (None, Command::Plan(plan)) => planning::plan(plan, ctx)?,
        (None, _) => return Err(Refusal::Absent { what: "visit" }),
        (Some(visit), Command::Plan(_)) => {
            return Err(Refusal::Exists {
                what: visit.id.resource(),
            });
        }
        (Some(visit), command) => change(visit, command, ctx)?,
    };
    let Some((mut next, mut events)) = outcome else {
        return Ok(Decision::Unchanged);
    };
    settle(&mut next, &mut events);
    next.updated_at = ctx.now;
    let jobs = timer::changes(state, &next, ctx.policy);
    Ok(Decision::Changed {
        next: Box::new(next),
        events,
        jobs,
    })
}

fn change(visit: &Visit, command: &Command, ctx: &Context<'_>) -> Outcome {
    match command {
        // `decide` has answered it.
        Command::Plan(_) => Ok(None),
        Command::Reschedule {
            visit_date,
            reason,
            facts,
        } => planning::reschedule(visit, *visit_date, reason, facts, ctx),
        Command::ChangeTeam {
            team,
            reason,
            facts,
        } => changing::team(visit, team, reason, facts, ctx),
        Command::ChangeMode { mode, reason } => changing::mode(visit, *mode, reason, ctx),
        Command::Cancel { reason, note } => changing::cancel(visit, *reason, note, ctx),
        Command::RaiseFlag { code, subject } => changing::raise_flag(visit, *code, subject, ctx),
        Command::SolveFlag {
            code,
            subject,
            resolution,
        } => changing::solve_flag(visit, *code, subject, resolution, ctx),
        Command::RearrangeCall { time } => calling::rearrange(visit, *time, ctx),
        Command::StartCall { script, pack } => calling::start(visit, script.as_ref(), pack, ctx),
        Command::RecordAttempt => calling::attempt(visit, ctx),
        Command::RecordSteps { codes, script } => {
            calling::steps(visit, codes, script.as_ref(), ctx)
        }
        Command::CompleteCall { script } => calling::complete(visit, script.as_ref(), ctx),
        Command::RecordControls { measures } => arranging::controls(visit, measures, ctx),
        Command::RecordHomeTime { from, until } => arranging::home_time(visit, *from, *until, ctx),
        Command::RequestExecutive { leader } => arranging::request_executive(visit, *leader, ctx),
        Command::PlanExecutive { start, minutes } => {
            arranging::plan_executive(visit, *start, *minutes, ctx)
        }
        Command::RequestDeferral { reason, note } => deferring::request(visit, *reason, note, ctx),
        Command::DecideDeferral {
            granted,
            rationale,
            regions,
        } => deferring::decide(visit, granted.as_ref(), rationale, regions, ctx),
        Command::TimerDue(kind) => Ok(timing::due(visit, *kind, ctx)),
        Command::HearStarted { at } => hearing::started(visit, *at),
        Command::HearCompleted { at } => hearing::completed(visit, *at),
        Command::HearConverted { at } => hearing::converted(visit, *at),
    }
}

/// Ready is never set by a command: it is what `called` is while the controls stand (M6). So no
/// path can reach it without them, and a change that puts them in doubt takes it back.
fn settle(next: &mut Visit, events: &mut Vec<Event>) {
    match (next.state, next.controls_stand()) {
        (VisitState::Called, true) => {
            next.state = VisitState::Ready;
            events.push(Event::Ready);
        }
        (VisitState::Ready, false) => next.state = VisitState::Called,
        _ => {}
    }
}

/// Refuses what is possible only before the visit begins.
fn while_ahead(visit: &Visit, action: &'static str) -> Result<(), Refusal> {
    if visit.state.is_ahead() {
        Ok(())
    } else {
        Err(wrong_state(visit, action))
    }
}

/// Refuses what is possible only on the call or after it, before the visit begins.
fn once_in_contact(visit: &Visit, action: &'static str) -> Result<(), Refusal> {
    match visit.state {
        VisitState::Called | VisitState::Ready => Ok(()),
        VisitState::Planned if visit.is_in_call() => Ok(()),
        VisitState::Planned => Err(Refusal::CallState {
            action,
            state: visit.call.state,
        }),
        _ => Err(wrong_state(visit, action)),
    }
}

/// Refuses everybody but the lead.
fn by_the_lead(visit: &Visit, ctx: &Context<'_>) -> Result<(), Refusal> {
    if ctx.actor.principal == visit.team.lead() {
        Ok(())
    } else {
        Err(Refusal::NotTheLead {
            lead: visit.team.lead().to_owned(),
        })
    }
}

fn wrong_state(visit: &Visit, action: &'static str) -> Refusal {
    Refusal::VisitState {
        action,
        state: visit.state,
    }
}
