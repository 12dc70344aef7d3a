//! A visit of 13 October 2020 in each situation of its life, made by the rules themselves, and a
//! command of each kind.

use visits_core::civil::{date, time};
use visits_core::{Actor, Refusal as _, Role, Timestamp};

use super::decide;
use crate::domain::arrangements::{LeaderRole, Measure, Topic};
use crate::domain::calendar::Calendars;
use crate::domain::command::{Command, Facts, Plan, WantedTeam};
use crate::domain::decision::{Context, Decision};
use crate::domain::event::Event;
use crate::domain::inspector::Inspector;
use crate::domain::policy::Policy;
use crate::domain::school::School;
use crate::domain::script::CallScript;
use crate::domain::timer::TimerKind;
use crate::domain::visit::{CancelReason, DeferralReason, FlagCode, Mode, Visit, VisitId};
use crate::import::{OfstedRegion, OverallEffectiveness, Phase, SchoolStatus};

pub(crate) const LEAD: &str = "HMI-001";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

pub(crate) fn school() -> School {
    School {
        urn: "123166".into(),
        name: "A school".into(),
        local_authority_code: Some("931".into()),
        local_authority: Some("Oxfordshire".into()),
        region: Some(OfstedRegion::SouthEast),
        phase: Phase::Primary,
        school_type: Some("Community school".into()),
        status: SchoolStatus::Open,
        pupils_on_roll: Some(210),
        idaci_quintile: Some(2),
        previous_grade: OverallEffectiveness::Good,
        previous_report_uri: Some("https://reports.example/123166".into()),
        created_at: at("2020-09-01T08:00:00Z"),
        updated_at: at("2020-09-01T08:00:00Z"),
    }
}

pub(crate) fn inspector(code: &str) -> Inspector {
    Inspector {
        code: code.into(),
        region: OfstedRegion::SouthEast,
        leaves: Vec::new(),
        conflicts: Vec::new(),
        routine_inspections: Vec::new(),
        created_at: at("2020-09-01T08:00:00Z"),
        updated_at: at("2020-09-01T08:00:00Z"),
    }
}

pub(crate) fn calendars() -> Calendars {
    Calendars::new(
        crate::import::bank_holidays::shipped().expect("bank holidays"),
        crate::import::calendar::shipped().expect("England's calendar"),
    )
}

pub(crate) fn facts() -> Facts {
    Facts {
        school: school(),
        calendars: calendars(),
        inspectors: ["HMI-001", "HMI-002", "HMI-003"].map(inspector).into(),
        diary: Vec::new(),
        other_visit: None,
    }
}

pub(crate) fn script() -> CallScript {
    CallScript::read(crate::FIRST_CALL_SCRIPT, at("2020-09-01T08:00:00Z")).expect("the script")
}

pub(crate) fn team(lead: &str, other: &str) -> WantedTeam {
    WantedTeam {
        lead: lead.into(),
        others: vec![other.into()],
        size_reason: None,
    }
}

pub(crate) fn plan(facts: Facts) -> Command {
    Command::Plan(Box::new(Plan {
        id: VisitId::from(uuid::Uuid::from_u128(7)),
        visit_date: date(2020, 10, 13),
        mode: Mode::OnSite,
        team: team(LEAD, "HMI-002"),
        form_version: None,
        facts,
    }))
}

/// What the command gives at `now`, said by the lead.
pub(crate) fn run_at(
    state: Option<&Visit>,
    command: &Command,
    now: Timestamp,
) -> Result<Decision<Visit, Event>, crate::domain::refusal::Refusal> {
    run_as(LEAD, state, command, now)
}

/// As [`run_at`], said by somebody else.
pub(crate) fn run_as(
    principal: &str,
    state: Option<&Visit>,
    command: &Command,
    now: Timestamp,
) -> Result<Decision<Visit, Event>, crate::domain::refusal::Refusal> {
    let (actor, policy) = (Actor::new(principal, Role::Hmi), Policy::default());
    let ctx = Context {
        now,
        actor: &actor,
        policy: &policy,
    };
    decide(state, command, &ctx)
}

/// The next state; the same if nothing changed.
pub(crate) fn after(state: Option<&Visit>, command: &Command, now: Timestamp) -> Visit {
    match run_at(state, command, now) {
        Ok(Decision::Changed { next, .. }) => *next,
        Ok(Decision::Unchanged) => state.expect("a state").clone(),
        Err(refusal) => panic!("{}: {refusal}", command.code()),
    }
}

/// Five past ten on the call day, in England.
pub(crate) const CALL_DAY: &str = "2020-10-12T09:05:00Z";

/// The situations of a visit, in the order of the table's columns.
pub(crate) fn situations() -> Vec<(&'static str, Option<Visit>)> {
    let now = at(CALL_DAY);
    let follow = |from: &Visit, command: &Command| after(Some(from), command, now);
    let scheduled = after(None, &plan(facts()), at("2020-10-01T08:00:00Z"));
    let due = follow(&scheduled, &Command::RecordAttempt);
    let begun = follow(&scheduled, &command("start_call"));
    let in_call = follow(&begun, &command("record_steps"));
    let closed = at("2020-10-12T15:00:00Z");
    let not_reached = after(Some(&due), &command("timer_closed"), closed);
    let called = follow(&in_call, &command("complete_call"));
    let deferral = follow(&called, &command("request_deferral"));
    let ready = follow(&called, &command("record_controls"));
    let in_progress = follow(&ready, &command("hear_started"));
    let completed = follow(&in_progress, &command("hear_completed"));
    let cancelled = follow(&scheduled, &command("cancel"));
    let converted = follow(&in_progress, &command("hear_converted"));
    vec![
        ("absent", None),
        ("scheduled", Some(scheduled)),
        ("due", Some(due)),
        ("in_call", Some(in_call)),
        ("not_reached", Some(not_reached)),
        ("called", Some(called)),
        ("deferral", Some(deferral)),
        ("ready", Some(ready)),
        ("in_progress", Some(in_progress)),
        ("completed", Some(completed)),
        ("cancelled", Some(cancelled)),
        ("converted", Some(converted)),
    ]
}

/// The situation of that name.
pub(crate) fn situation(name: &str) -> Visit {
    let found = situations().into_iter().find(|(n, _)| *n == name);
    found.and_then(|(_, visit)| visit).expect("a situation")
}

/// A command of each kind, by the name that the table's rows have.
pub(crate) fn command(name: &str) -> Command {
    let heard = at(CALL_DAY);
    let text = || "because".to_owned();
    match name {
        "plan" => plan(facts()),
        "reschedule" => Command::Reschedule {
            visit_date: date(2020, 11, 3),
            reason: text(),
            facts: Box::new(facts()),
        },
        "change_team" => Command::ChangeTeam {
            team: team(LEAD, "HMI-003"),
            reason: text(),
            facts: Box::new(facts()),
        },
        "change_mode" => Command::ChangeMode {
            mode: Mode::Remote,
            reason: text(),
        },
        "cancel" => Command::Cancel {
            reason: CancelReason::NoTeam,
            note: String::new(),
        },
        "raise_flag" => Command::RaiseFlag {
            code: FlagCode::InspectorAway,
            subject: "inspectors/HMI-002".into(),
        },
        "solve_flag" => Command::SolveFlag {
            code: FlagCode::InspectorAway,
            subject: "inspectors/HMI-002".into(),
            resolution: text(),
        },
        "rearrange_call" => Command::RearrangeCall {
            time: time(14, 0, 0, 0),
        },
        "start_call" => Command::StartCall {
            script: Some(script()),
            pack: school().context_pack(),
        },
        "record_attempt" => Command::RecordAttempt,
        "record_steps" => Command::RecordSteps {
            codes: script().steps.into_iter().map(|step| step.code).collect(),
            script: Some(script()),
        },
        "record_controls" => Command::RecordControls {
            measures: vec![Measure {
                topic: Topic::Visitors,
                arrangement: "Sign in at the gate, masks in corridors".into(),
            }],
        },
        "record_home_time" => Command::RecordHomeTime {
            from: time(15, 10, 0, 0),
            until: time(15, 20, 0, 0),
        },
        "request_executive" => Command::RequestExecutive {
            leader: LeaderRole::TrustChiefExecutive,
        },
        "plan_executive" => Command::PlanExecutive {
            start: time(13, 30, 0, 0),
            minutes: 30,
        },
        "complete_call" => Command::CompleteCall {
            script: Some(script()),
        },
        "request_deferral" => Command::RequestDeferral {
            reason: DeferralReason::CovidClosure,
            note: String::new(),
        },
        "grant_deferral" => Command::DecideDeferral {
            granted: Some((date(2020, 11, 3), Box::new(facts()))),
            rationale: text(),
            regions: vec![OfstedRegion::SouthEast],
        },
        "refuse_deferral" => Command::DecideDeferral {
            granted: None,
            rationale: text(),
            regions: vec![OfstedRegion::SouthEast],
        },
        "timer_call_due" => Command::TimerDue(TimerKind::CallDue),
        "timer_next_attempt" => Command::TimerDue(TimerKind::NextAttempt),
        "timer_duty_desk" => Command::TimerDue(TimerKind::DutyDeskTold),
        "timer_closed" => Command::TimerDue(TimerKind::CallWindowClosed),
        "timer_reminder" => Command::TimerDue(TimerKind::DeferralReminder),
        "timer_overdue" => Command::TimerDue(TimerKind::DeferralOverdue),
        "hear_started" => Command::HearStarted { at: heard },
        "hear_completed" => Command::HearCompleted { at: heard },
        "hear_converted" => Command::HearConverted { at: heard },
        other => panic!("no command {other}"),
    }
}

/// When the table says a command: five past ten on the call day, or the timer's own hour.
pub(crate) fn hour_of(name: &str) -> Timestamp {
    match name {
        "timer_next_attempt" => at("2020-10-12T09:25:00Z"),
        "timer_duty_desk" => at("2020-10-12T11:00:00Z"),
        "timer_reminder" => at("2020-10-12T13:00:00Z"),
        "timer_closed" | "timer_overdue" => at("2020-10-12T15:00:00Z"),
        _ => at(CALL_DAY),
    }
}

/// Why the command is refused.
pub(crate) fn reason(state: Option<&Visit>, command: &Command, now: &str) -> &'static str {
    run_at(state, command, at(now))
        .expect_err("a refusal")
        .reason()
}

/// What the command says.
pub(crate) fn events(state: &Visit, command: &Command, now: &str) -> Vec<Event> {
    match run_at(Some(state), command, at(now)).expect("accepted") {
        Decision::Changed { events, .. } => events,
        Decision::Unchanged => Vec::new(),
    }
}
