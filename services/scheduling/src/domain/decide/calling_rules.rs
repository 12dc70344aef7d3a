//! The rules of the call and of what follows it that a cell of the table is too small for.

use visits_core::Refusal as _;
use visits_core::civil::date;

use super::sample::{
    CALL_DAY, after, at, command, events, reason, run_as, run_at, school, script, situation,
};
use crate::domain::call::CallState;
use crate::domain::command::Command;
use crate::domain::event::Event;
use crate::domain::visit::{FlagCode, VisitState};

#[test]
fn only_the_lead_makes_the_call_and_agrees_what_is_agreed_on_it() {
    for (situated, name) in [
        ("scheduled", "start_call"),
        ("due", "record_attempt"),
        ("due", "rearrange_call"),
        ("in_call", "record_steps"),
        ("in_call", "record_controls"),
        ("in_call", "record_home_time"),
        ("in_call", "complete_call"),
        ("called", "request_deferral"),
    ] {
        let visit = situation(situated);
        let other = run_as("HMI-002", Some(&visit), &command(name), at(CALL_DAY));
        let refused = other.expect_err("another of the team");
        assert_eq!(refused.reason(), "NOT_THE_LEAD", "{name}");
        let lead = run_at(Some(&visit), &command(name), at(CALL_DAY));
        assert!(lead.is_ok(), "{name}");
    }
}

#[test]
fn attempts_follow_every_twenty_minutes_until_nobody_was_reached_by_16_00() {
    let due = situation("due");
    assert_eq!(due.call.next_attempt_at, Some(at("2020-10-12T09:25:00Z")));
    let again = events(&due, &command("timer_next_attempt"), "2020-10-12T09:25:00Z");
    assert_eq!(
        again,
        [Event::CallDue {
            due_at: at("2020-10-12T09:25:00Z")
        }]
    );
    let last = after(
        Some(&due),
        &Command::RecordAttempt,
        at("2020-10-12T14:50:00Z"),
    );
    assert_eq!(
        last.call.next_attempt_at, None,
        "20 minutes later it is past 16:00"
    );
    let lost = situation("not_reached");
    assert_eq!(lost.flags[0].code, FlagCode::CallNotReached);
    assert_eq!(
        reason(Some(&lost), &command("start_call"), CALL_DAY),
        "CALL_NOT_REACHED"
    );
    let again = after(
        Some(&lost),
        &command("reschedule"),
        at("2020-10-12T15:10:00Z"),
    );
    assert!(again.flags.is_empty() && again.call.state == CallState::Scheduled);
}

#[test]
fn m13_no_call_begins_after_16_00_even_before_its_timer_says_so() {
    let due = situation("due");
    for command in [command("start_call"), Command::RecordAttempt] {
        let refused = reason(Some(&due), &command, "2020-10-12T15:00:00Z");
        assert_eq!(refused, "CALL_NOT_REACHED");
    }
    let begun = after(
        Some(&due),
        &command("start_call"),
        at("2020-10-12T14:59:59Z"),
    );
    assert_eq!(begun.call.state, CallState::InProgress);
}

#[test]
fn the_duty_desk_is_told_once_after_twelve() {
    let due = situation("due");
    let told = after(
        Some(&due),
        &command("timer_duty_desk"),
        at("2020-10-12T11:00:00Z"),
    );
    assert!(told.call.duty_desk_told_at.is_some());
    assert!(events(&told, &command("timer_duty_desk"), "2020-10-12T11:30:00Z").is_empty());
    let early = events(&due, &command("timer_duty_desk"), "2020-10-12T10:59:59Z");
    assert!(early.is_empty());
}

#[test]
fn m14_the_call_ends_only_when_every_required_step_is_recorded() {
    let begun = after(
        Some(&situation("scheduled")),
        &command("start_call"),
        at(CALL_DAY),
    );
    let refused = run_at(Some(&begun), &command("complete_call"), at(CALL_DAY));
    let refusal = refused.expect_err("no step is recorded");
    assert_eq!(refusal.reason(), "CALL_STEPS_MISSING");
    assert!(refusal.to_string().contains("system-of-controls"));
    let unknown = Command::RecordSteps {
        codes: vec!["curriculum".into()],
        script: Some(script()),
    };
    assert_eq!(
        reason(Some(&begun), &unknown, CALL_DAY),
        "CALL_STEP_UNKNOWN"
    );
    assert_eq!(
        begun.call.script_version.as_deref(),
        Some("2020-09-29"),
        "M8"
    );
    let no_script = Command::StartCall {
        script: None,
        pack: school().context_pack(),
    };
    let scheduled = situation("scheduled");
    assert_eq!(
        reason(Some(&scheduled), &no_script, CALL_DAY),
        "NO_SCRIPT_IN_FORCE"
    );
}

#[test]
fn m6_no_visit_is_ready_or_begins_without_the_system_of_controls() {
    let called = situation("called");
    assert_eq!(called.state, VisitState::Called);
    assert_eq!(
        reason(Some(&called), &command("hear_started"), CALL_DAY),
        "VISIT_STATE_FORBIDS"
    );
    let said = events(&called, &command("record_controls"), CALL_DAY);
    assert_eq!(said, [Event::ControlsRecorded, Event::Ready]);
    let none = Command::RecordControls {
        measures: Vec::new(),
    };
    assert_eq!(
        reason(Some(&called), &none, CALL_DAY),
        "CONTROLS_INCOMPLETE"
    );
}

#[test]
fn m6_a_change_of_mode_asks_for_the_controls_again() {
    let remote = after(
        Some(&situation("ready")),
        &command("change_mode"),
        at(CALL_DAY),
    );
    assert_eq!(remote.state, VisitState::Called);
    assert!(
        remote
            .controls
            .as_ref()
            .is_some_and(|c| c.needs_confirmation)
    );
    let said = events(&remote, &command("record_controls"), CALL_DAY);
    assert_eq!(said, [Event::ControlsRecorded, Event::Ready]);
}

#[test]
fn m18_the_context_pack_is_frozen_when_the_call_begins() {
    let begun = after(
        Some(&situation("due")),
        &command("start_call"),
        at(CALL_DAY),
    );
    let frozen = begun.context_pack.expect("frozen");
    assert_eq!(frozen.at, at(CALL_DAY));
    assert_eq!(frozen.pack, school().context_pack());
    assert!(situation("due").context_pack.is_none());
}

#[test]
fn a_granted_deferral_plans_the_visit_again_with_a_new_call() {
    let asked = situation("deferral");
    let granted = after(Some(&asked), &command("grant_deferral"), at(CALL_DAY));
    assert_eq!(granted.visit_date, date(2020, 11, 3));
    assert_eq!(granted.call.date, date(2020, 11, 2));
    assert_eq!(granted.call.due_at, at("2020-11-02T10:00:00Z"), "10:00 GMT");
    assert!(granted.context_pack.is_none() && granted.call.recorded_steps.is_empty());
}

#[test]
fn a_refused_deferral_takes_the_visit_back_to_where_its_controls_put_it() {
    let asked = after(
        Some(&situation("ready")),
        &command("request_deferral"),
        at(CALL_DAY),
    );
    let said = events(&asked, &command("refuse_deferral"), CALL_DAY);
    assert_eq!(
        said,
        [Event::DeferralDecided { granted: false }, Event::Ready]
    );
}

#[test]
fn only_the_director_of_the_schools_region_decides_a_deferral() {
    let elsewhere = Command::DecideDeferral {
        granted: None,
        rationale: "no".into(),
        regions: vec![crate::import::OfstedRegion::London],
    };
    let asked = situation("deferral");
    assert_eq!(
        reason(Some(&asked), &elsewhere, CALL_DAY),
        "REGION_NOT_YOURS"
    );
}

#[test]
fn a_deferral_asked_for_after_14_00_has_no_reminder_and_one_alarm() {
    let asked = after(
        Some(&situation("called")),
        &command("request_deferral"),
        at("2020-10-12T13:30:00Z"),
    );
    assert!(events(&asked, &command("timer_reminder"), "2020-10-12T14:00:00Z").is_empty());
    let late = after(
        Some(&asked),
        &command("timer_overdue"),
        at("2020-10-12T15:00:00Z"),
    );
    assert!(events(&late, &command("timer_overdue"), "2020-10-12T15:01:00Z").is_empty());
    assert_eq!(
        late.state,
        VisitState::DeferralRequested,
        "it still waits for the region"
    );
}

#[test]
fn m12_a_conversation_that_nobody_asked_for_gets_no_slot() {
    let refused = reason(
        Some(&situation("called")),
        &command("plan_executive"),
        CALL_DAY,
    );
    assert_eq!(refused, "EXECUTIVE_CONVERSATION_NOT_REQUESTED");
}

#[test]
fn m12_a_slot_is_planned_again_when_the_visit_moves() {
    let asked = after(
        Some(&situation("called")),
        &command("request_executive"),
        at(CALL_DAY),
    );
    let planned = after(Some(&asked), &command("plan_executive"), at(CALL_DAY));
    assert!(planned.executive.as_ref().is_some_and(|e| e.slot.is_some()));
    let moved = after(Some(&planned), &command("reschedule"), at(CALL_DAY));
    let executive = moved.executive.expect("the request stands");
    assert_eq!(executive.slot, None);
}

#[test]
fn m30_a_complete_visit_can_still_be_converted() {
    let converted = after(
        Some(&situation("completed")),
        &command("hear_converted"),
        at(CALL_DAY),
    );
    assert_eq!(converted.state, VisitState::Converted);
}
