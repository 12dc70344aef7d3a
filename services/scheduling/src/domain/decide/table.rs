//! Every state × command of a visit, literally.

use visits_core::Refusal as _;

use super::sample::{CALL_DAY, at, command, hour_of, run_at, situations};
use crate::domain::call::CallState;
use crate::domain::decision::Decision;
use crate::domain::visit::{Visit, VisitState};

/// Columns: absent, planned with its call scheduled, due, under way and not reached, called,
/// deferral requested, ready, in progress, completed, cancelled, converted.
///
/// Cells: the state that follows (`Ps Pd Pc Pn` planned with the call scheduled, due, under way,
/// not reached; `C`alled, `D`eferral requested, `R`eady, `I`n progress, c`O`mpleted, cancelled
/// `X`, con`V`erted), `=` unchanged, or a refusal: `a` absent, `e` exists, `v` not in this state
/// of the visit, `c` not in this state of the call, `n` the call was not reached.
const TABLE: &str = "
                   abs sch due inc not cal def rea inp com can con
plan               Ps  e   e   e   e   e   e   e   e   e   e   e
reschedule         a   Ps  Ps  c   Ps  Ps  v   Ps  v   v   v   v
change_team        a   Ps  Pd  c   Pn  C   D   R   v   v   v   v
change_mode        a   Ps  Pd  Pc  Pn  C   D   C   v   v   v   v
cancel             a   X   X   X   X   X   X   X   v   v   v   v
raise_flag         a   Ps  Pd  Pc  Pn  C   D   R   =   =   =   =
solve_flag         a   Ps  Pd  Pc  Pn  C   D   R   v   v   v   v
rearrange_call     a   Ps  Ps  c   n   v   v   v   v   v   v   v
start_call         a   Pc  Pc  c   n   v   v   v   v   v   v   v
record_attempt     a   Pd  Pd  c   n   v   v   v   v   v   v   v
record_steps       a   c   c   =   c   v   v   v   v   v   v   v
record_controls    a   c   c   Pc  c   R   v   R   v   v   v   v
record_home_time   a   c   c   Pc  c   C   v   R   v   v   v   v
request_executive  a   Ps  Pd  Pc  Pn  C   D   R   v   v   v   v
plan_executive     a   Ps  Pd  Pc  Pn  C   D   R   v   v   v   v
complete_call      a   c   c   C   c   v   v   v   v   v   v   v
request_deferral   a   c   c   D   c   D   v   D   v   v   v   v
grant_deferral     a   v   v   v   v   v   Ps  v   v   v   v   v
refuse_deferral    a   v   v   v   v   v   C   v   v   v   v   v
timer_call_due     a   Pd  =   =   =   =   =   =   =   =   =   =
timer_next_attempt a   =   Pd  =   =   =   =   =   =   =   =   =
timer_duty_desk    a   Ps  Pd  =   =   =   =   =   =   =   =   =
timer_closed       a   Pn  Pn  =   =   =   =   =   =   =   =   =
timer_reminder     a   =   =   =   =   =   D   =   =   =   =   =
timer_overdue      a   =   =   =   =   =   D   =   =   =   =   =
hear_started       a   v   v   v   v   v   v   I   =   =   v   =
hear_completed     a   v   v   v   v   v   v   v   O   =   v   =
hear_converted     a   v   v   v   v   v   v   V   V   V   v   =
";

fn cell(state: Option<&Visit>, name: &str) -> &'static str {
    // The rows about solving and planning need something to solve and to plan.
    let before = match name {
        "solve_flag" => Some("raise_flag"),
        "plan_executive" => Some("request_executive"),
        _ => None,
    };
    let prepared = state.zip(before).and_then(|(visit, first)| {
        match run_at(Some(visit), &command(first), at(CALL_DAY)) {
            Ok(Decision::Changed { next, .. }) => Some(*next),
            _ => None,
        }
    });
    match run_at(prepared.as_ref().or(state), &command(name), hour_of(name)) {
        Ok(Decision::Unchanged) => "=",
        Ok(Decision::Changed { next, .. }) => letter(&next),
        Err(refusal) => match refusal.reason() {
            "NOT_FOUND" => "a",
            "EXISTS_ALREADY" => "e",
            "VISIT_STATE_FORBIDS" => "v",
            "CALL_STATE_FORBIDS" => "c",
            "CALL_NOT_REACHED" => "n",
            other => other,
        },
    }
}

fn letter(visit: &Visit) -> &'static str {
    match (visit.state, visit.call.state) {
        (VisitState::Planned, CallState::Scheduled) => "Ps",
        (VisitState::Planned, CallState::Due) => "Pd",
        (VisitState::Planned, CallState::InProgress) => "Pc",
        (VisitState::Planned, CallState::NotReached) => "Pn",
        (VisitState::Planned, CallState::Done) => "planned with its call done",
        (VisitState::Called, _) => "C",
        (VisitState::DeferralRequested, _) => "D",
        (VisitState::Ready, _) => "R",
        (VisitState::InProgress, _) => "I",
        (VisitState::Completed, _) => "O",
        (VisitState::Cancelled, _) => "X",
        (VisitState::Converted, _) => "V",
    }
}

#[test]
fn every_state_and_command_of_a_visit_has_its_row() {
    let situations = situations();
    let mut wrong = Vec::new();
    for row in TABLE.lines().skip(2) {
        let mut cells = row.split_whitespace();
        let name = cells.next().expect("a row's name");
        let cells: Vec<_> = cells.collect();
        assert_eq!(cells.len(), situations.len(), "{name}");
        for ((situation, state), expected) in situations.iter().zip(cells) {
            let found = cell(state.as_ref(), name);
            if found != expected {
                wrong.push(format!("{name} × {situation}: {found}, not {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
