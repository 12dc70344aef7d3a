//! Every command in every state, cell by cell.

use super::world::{World, call, decision, desk, director, lead, raise, timer};
use crate::domain::case::{ConcernId, Outcome, State};
use crate::domain::command::Command;
use uuid::Uuid;
use visits_core::{Actor, Refusal as _, SignedDuration};

/// How a case begins the row's command: not at all, or in one of its states.
const COLUMNS: [Option<State>; 9] = [
    None,
    Some(State::Open),
    Some(State::WithDutyDesk),
    Some(State::AwaitingDecision),
    Some(State::NfdRequired),
    Some(State::NfdUnderWay),
    Some(State::NfdComplete),
    Some(State::NfdNotRequired),
    Some(State::Withdrawn),
];

/// A cell is the state afterwards, `-` for "nothing changes", or the reason of the refusal.
#[rustfmt::skip]
const TABLE: [(&str, [&str; 9]); 26] = [
    //                     none         open                     with desk                awaiting                  required                  under way                complete                       not required              withdrawn
    ("RaiseConcern",      ["OPEN",      "OPEN",                  "WITH_DUTY_DESK",        "AWAITING_DECISION",      "NFD_REQUIRED",           "NFD_UNDER_WAY",         "NFD_ALREADY_COMPLETE",        "CASE_CLOSED",            "CASE_CLOSED"]),
    ("AcknowledgeCase",   ["NOT_FOUND", "WITH_DUTY_DESK",        "CASE_ALREADY_ACKNOWLEDGED", "CASE_ALREADY_ACKNOWLEDGED", "CASE_ALREADY_ACKNOWLEDGED", "CASE_ALREADY_ACKNOWLEDGED", "CASE_CLOSED",    "CASE_CLOSED",            "CASE_CLOSED"]),
    ("LogCall: seek",     ["NOT_FOUND", "CASE_NOT_ACKNOWLEDGED", "AWAITING_DECISION",     "AWAITING_DECISION",      "DECISION_ALREADY_TAKEN", "DECISION_ALREADY_TAKEN", "CASE_CLOSED",                "CASE_CLOSED",            "CASE_CLOSED"]),
    ("LogCall: not",      ["NOT_FOUND", "CASE_NOT_ACKNOWLEDGED", "WITHDRAWN",             "WITHDRAWN",              "DECISION_ALREADY_TAKEN", "DECISION_ALREADY_TAKEN", "CASE_CLOSED",                "CASE_CLOSED",            "CASE_CLOSED"]),
    ("AddCaseNote",       ["NOT_FOUND", "OPEN",                  "WITH_DUTY_DESK",        "AWAITING_DECISION",      "NFD_REQUIRED",           "NFD_UNDER_WAY",         "CASE_CLOSED",                 "CASE_CLOSED",            "CASE_CLOSED"]),
    ("AssignCase",        ["NOT_FOUND", "CASE_NOT_ACKNOWLEDGED", "WITH_DUTY_DESK",        "AWAITING_DECISION",      "NFD_REQUIRED",           "NFD_ALREADY_STARTED",   "CASE_CLOSED",                 "CASE_CLOSED",            "CASE_CLOSED"]),
    ("SetNextStepAlert",  ["NOT_FOUND", "CASE_NOT_ACKNOWLEDGED", "WITH_DUTY_DESK",        "NEXT_STEP_TAKEN",        "NEXT_STEP_TAKEN",        "NEXT_STEP_TAKEN",       "CASE_CLOSED",                 "CASE_CLOSED",            "CASE_CLOSED"]),
    ("WithdrawConcern",   ["NOT_FOUND", "WITHDRAWN",             "WITHDRAWN",             "WITHDRAWN",              "DECISION_ALREADY_TAKEN", "DECISION_ALREADY_TAKEN", "CASE_CLOSED",                "CASE_CLOSED",            "CASE_CLOSED"]),
    ("WithdrawCase",      ["NOT_FOUND", "WITHDRAWN",             "WITHDRAWN",             "WITHDRAWN",              "DECISION_ALREADY_TAKEN", "DECISION_ALREADY_TAKEN", "CASE_CLOSED",                "CASE_CLOSED",            "CASE_CLOSED"]),
    ("DecideNfd: yes",    ["NOT_FOUND", "DUTY_DESK_CALL_MISSING", "DUTY_DESK_CALL_MISSING", "NFD_REQUIRED",         "DECISION_ALREADY_TAKEN", "DECISION_ALREADY_TAKEN", "DECISION_ALREADY_TAKEN",     "DECISION_ALREADY_TAKEN", "CASE_CLOSED"]),
    ("DecideNfd: no",     ["NOT_FOUND", "DUTY_DESK_CALL_MISSING", "DUTY_DESK_CALL_MISSING", "NFD_NOT_REQUIRED",     "DECISION_ALREADY_TAKEN", "DECISION_ALREADY_TAKEN", "DECISION_ALREADY_TAKEN",     "DECISION_ALREADY_TAKEN", "CASE_CLOSED"]),
    ("PlanNfd",           ["NOT_FOUND", "NFD_NOT_DECIDED",       "NFD_NOT_DECIDED",       "NFD_NOT_DECIDED",        "NFD_REQUIRED",           "NFD_ALREADY_STARTED",   "NFD_ALREADY_STARTED",         "CASE_CLOSED",            "CASE_CLOSED"]),
    ("StartNfd",          ["NOT_FOUND", "NFD_NOT_DECIDED",       "NFD_NOT_DECIDED",       "NFD_NOT_DECIDED",        "NFD_UNDER_WAY",          "NFD_ALREADY_STARTED",   "NFD_ALREADY_STARTED",         "CASE_CLOSED",            "CASE_CLOSED"]),
    ("RecordNfdFinding",  ["NOT_FOUND", "NFD_NOT_STARTED",       "NFD_NOT_STARTED",       "NFD_NOT_STARTED",        "NFD_NOT_STARTED",        "NFD_UNDER_WAY",         "NFD_ALREADY_COMPLETE",        "CASE_CLOSED",            "CASE_CLOSED"]),
    ("RecordLeavingSite", ["NOT_FOUND", "NFD_NOT_STARTED",       "NFD_NOT_STARTED",       "NFD_NOT_STARTED",        "NFD_NOT_STARTED",        "NFD_UNDER_WAY",         "NFD_ALREADY_COMPLETE",        "CASE_CLOSED",            "CASE_CLOSED"]),
    ("CompleteNfd",       ["NOT_FOUND", "NFD_NOT_STARTED",       "NFD_NOT_STARTED",       "NFD_NOT_STARTED",        "NFD_NOT_STARTED",        "NFD_COMPLETE",          "NFD_ALREADY_COMPLETE",        "CASE_CLOSED",            "CASE_CLOSED"]),
    ("RecommendSection5", ["NOT_FOUND", "NFD_NOT_COMPLETE",      "NFD_NOT_COMPLETE",      "NFD_NOT_COMPLETE",       "NFD_NOT_COMPLETE",       "NFD_NOT_COMPLETE",      "NFD_COMPLETE",                "CASE_CLOSED",            "CASE_CLOSED"]),
    ("ChangeTeam",        ["NOT_FOUND", "OPEN",                  "WITH_DUTY_DESK",        "AWAITING_DECISION",      "NFD_REQUIRED",           "NFD_UNDER_WAY",         "-",                           "-",                      "-"]),
    ("RemindOfDecision",  ["NOT_FOUND", "-",                     "-",                     "AWAITING_DECISION",      "-",                      "-",                     "-",                           "-",                      "-"]),
    ("AlarmOverdue",      ["NOT_FOUND", "-",                     "-",                     "AWAITING_DECISION",      "-",                      "-",                     "-",                           "-",                      "-"]),
    ("WarnOfDeadline",    ["NOT_FOUND", "-",                     "-",                     "-",                      "NFD_REQUIRED",           "-",                     "-",                           "-",                      "-"]),
    ("RecordBreach",      ["NOT_FOUND", "-",                     "-",                     "-",                      "NFD_REQUIRED",           "-",                     "-",                           "-",                      "-"]),
    ("AlertNextStep",     ["NOT_FOUND", "-",                     "WITH_DUTY_DESK",        "-",                      "-",                      "-",                     "-",                           "-",                      "-"]),
    ("NotePageSent",      ["NOT_FOUND", "-",                     "-",                     "-",                      "-",                      "-",                     "-",                           "-",                      "-"]),
    ("CheckDesk",         ["NOT_FOUND", "OPEN",                  "WITH_DUTY_DESK",        "-",                      "-",                      "-",                     "-",                           "-",                      "-"]),
    ("HandOverSection5",  ["NOT_FOUND", "-",                     "-",                     "-",                      "-",                      "-",                     "-",                           "-",                      "-"]),
];

/// Who asks, after how long, for what.
fn row(name: &str, world: &World) -> (Actor, SignedDuration, Command) {
    let now = world.now;
    let concern = world
        .case
        .as_ref()
        .map_or(ConcernId(Uuid::nil()), |_| world.first_concern());
    let words = || "because".to_owned();
    let at_once = SignedDuration::ZERO;
    let hours = SignedDuration::from_hours;
    match name {
        "RaiseConcern" => (lead(), at_once, raise()),
        "AcknowledgeCase" => (desk(), at_once, Command::AcknowledgeCase { note: words() }),
        "LogCall: seek" => (desk(), at_once, call(now, Outcome::SeekDecision)),
        "LogCall: not" => (desk(), at_once, call(now, Outcome::NotSignificant)),
        "WithdrawConcern" => {
            let reason = words();
            (
                lead(),
                at_once,
                Command::WithdrawConcern { concern, reason },
            )
        }
        "WithdrawCase" => (lead(), at_once, Command::WithdrawCase { reason: words() }),
        "DecideNfd: yes" => (director(), at_once, decision(true)),
        "DecideNfd: no" => (director(), at_once, decision(false)),
        "PlanNfd" => {
            let planned_at = now + hours(20);
            let inspectors = vec!["HMI-010".into()];
            let plan = Command::PlanNfd {
                planned_at,
                inspectors,
            };
            (director(), at_once, plan)
        }
        "StartNfd" => (
            lead(),
            at_once,
            Command::StartNfd {
                straight_away: true,
            },
        ),
        "RecordNfdFinding" => {
            let text = words();
            (lead(), at_once, Command::RecordNfdFinding { concern, text })
        }
        "RecordLeavingSite" => (lead(), at_once, Command::RecordLeavingSite { left_at: now }),
        "CompleteNfd" => (lead(), at_once, Command::CompleteNfd),
        "RecommendSection5" => (
            lead(),
            at_once,
            Command::RecommendSection5 { reason: words() },
        ),
        "ChangeTeam" => {
            let team = vec!["HMI-001".into(), "HMI-003".into()];
            (timer(), at_once, Command::ChangeTeam { team })
        }
        other => row_of_the_desk(other),
    }
}

/// The rows of what the desk does with a case, and of the timers.
fn row_of_the_desk(name: &str) -> (Actor, SignedDuration, Command) {
    let words = || "because".to_owned();
    let at_once = SignedDuration::ZERO;
    let hours = SignedDuration::from_hours;
    match name {
        "RemindOfDecision" => (timer(), hours(1), Command::RemindOfDecision),
        "AlarmOverdue" => (timer(), hours(2), Command::AlarmOverdueDecision),
        "WarnOfDeadline" => (timer(), hours(24), Command::WarnOfDeadline),
        "RecordBreach" => (timer(), hours(48), Command::RecordBreach),
        "AddCaseNote" => (desk(), at_once, Command::AddCaseNote { text: words() }),
        "AssignCase" => {
            let operator = Some("desk-2".into());
            (desk(), at_once, Command::AssignCase { operator })
        }
        "SetNextStepAlert" => {
            let (after_minutes, reason) = (60, words());
            let set = Command::SetNextStepAlert {
                after_minutes,
                reason,
            };
            (desk(), at_once, set)
        }
        "AlertNextStep" => (timer(), hours(1), Command::AlertNextStep),
        "NotePageSent" => (timer(), hours(1), Command::NotePageSent),
        "CheckDesk" => (timer(), hours(1), Command::CheckDesk),
        "HandOverSection5" => (timer(), hours(1), Command::HandOverSection5),
        other => panic!("no such row: {other}"),
    }
}

/// The case under way can be completed: its concern has a finding, leaving is on record.
fn make_ready_to_complete(world: &mut World) {
    let concern = world.first_concern();
    let left_at = world.now;
    let text = "the record was completed".into();
    for command in [
        Command::RecordNfdFinding { concern, text },
        Command::RecordLeavingSite { left_at },
    ] {
        world.tell(&lead(), &command).expect("allowed under way");
    }
}

#[test]
fn m26_m27_m28_m29_every_command_in_every_state_does_what_the_table_says() {
    let mut wrong = Vec::new();
    for (name, cells) in TABLE {
        for (column, expected) in COLUMNS.into_iter().zip(cells) {
            let mut world = column.map_or_else(World::new, World::in_state);
            if name == "CompleteNfd" && column == Some(State::NfdUnderWay) {
                make_ready_to_complete(&mut world);
            }
            let (actor, later, command) = row(name, &world);
            world.now += later;
            let got = match world.tell(&actor, &command) {
                Ok(true) => world.case().state.name(),
                Ok(false) => "-",
                Err(refusal) => refusal.reason(),
            };
            if got != expected {
                wrong.push(format!(
                    "{name} in {column:?}: expected {expected}, got {got}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_refused_command_leaves_no_trace() {
    for state in State::ALL {
        for (name, _) in TABLE {
            let mut world = World::in_state(state);
            let (before, events) = (world.case().clone(), world.events.len());
            let (actor, _, command) = row(name, &world);
            if world.tell(&actor, &command).is_err() {
                assert_eq!(world.case(), &before, "{name} in {state:?}");
                assert_eq!(world.events.len(), events, "{name} in {state:?}");
            }
        }
    }
}
