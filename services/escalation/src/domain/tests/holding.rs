//! A case on the desk's hands: its holder, its notes, its alerts, and nobody watching.

use super::world::{World, call, decision, desk, director, hmi, hours, raise, reason};
use crate::domain::case::{Outcome, State, Unwatched};
use crate::domain::command::Command;
use crate::domain::event::Event;
use visits_core::{Actor, Role, SignedDuration};

fn alerted(world: &World) -> usize {
    world.count(|event| matches!(event, Event::NextStepOverdue { .. }))
}

const fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

fn set_alert(after_minutes: i32) -> Command {
    Command::SetNextStepAlert {
        after_minutes,
        reason: "the lead is in class until noon".into(),
    }
}

fn assign(operator: &str) -> Command {
    let operator = (!operator.is_empty()).then(|| operator.to_owned());
    Command::AssignCase { operator }
}

#[test]
fn r_con_9_an_acknowledged_case_without_its_next_step_alerts_again_every_fifteen_minutes() {
    let mut world = World::in_state(State::WithDutyDesk);
    world.pass(minutes(14));
    assert_eq!(alerted(&world), 0);
    world.pass(minutes(1));
    assert_eq!(alerted(&world), 1);
    world.pass(minutes(30));
    assert_eq!(alerted(&world), 3);
    let call = call(world.now, Outcome::SeekDecision);
    world.tell(&desk(), &call).expect("the next step");
    world.pass(hours(1));
    assert_eq!(alerted(&world), 3, "the step is taken");
}

#[test]
fn r_con_9_the_time_is_chosen_for_one_case_with_a_reason() {
    let mut world = World::in_state(State::WithDutyDesk);
    world.pass(minutes(10));
    world.tell(&desk(), &set_alert(60)).expect("chosen");
    world.pass(minutes(59));
    assert_eq!(alerted(&world), 0, "it counts from the choice");
    world.pass(minutes(1));
    assert_eq!(alerted(&world), 1);
    let alert = world.case().next_step_alert.as_ref().expect("an alert");
    let chosen = alert.chosen.as_ref().expect("chosen");
    assert_eq!(chosen.by, "desk-1");
    assert_eq!(chosen.reason, "the lead is in class until noon");
}

#[test]
fn r_con_9_a_concern_that_joins_after_the_call_waits_for_a_call_of_its_own() {
    let mut world = World::in_state(State::AwaitingDecision);
    world.pass(minutes(40));
    world.tell(&hmi("HMI-002"), &raise()).expect("joins");
    world.pass(minutes(14));
    assert_eq!(alerted(&world), 0);
    world.pass(minutes(1));
    assert_eq!(alerted(&world), 1);
}

#[test]
fn r_con_10_what_is_closed_or_decided_never_alerts() {
    for state in State::ALL.into_iter().filter(|state| state.is_closed()) {
        let mut world = World::in_state(state);
        let said = world.events.len();
        world.pass(hours(24 * 150));
        assert_eq!(world.events.len(), said, "{state:?}");
        assert!(world.armed.is_empty(), "{state:?}: {:?}", world.armed);
    }
    let mut world = World::in_state(State::NfdRequired);
    world.pass(hours(24));
    assert_eq!(alerted(&world), 0);
}

#[test]
fn r_con_13_who_acknowledges_holds_the_case_until_it_is_given_on_or_released() {
    let mut world = World::in_state(State::WithDutyDesk);
    assert_eq!(world.case().in_the_hands_of(), Some("desk-1"));
    world.tell(&desk(), &assign("desk-2")).expect("on duty");
    assert_eq!(world.case().in_the_hands_of(), Some("desk-2"));
    assert_eq!(world.tell(&desk(), &assign("desk-2")), Ok(false), "is so");
    world.tell(&desk(), &assign("")).expect("released");
    assert_eq!(world.case().in_the_hands_of(), None);
    let assigned = world.count(|event| matches!(event, Event::CaseAssigned { .. }));
    assert_eq!(assigned, 2);
}

#[test]
fn r_con_13_nobody_hands_over_to_an_empty_chair_or_to_who_raised_the_concern() {
    let mut world = World::in_state(State::WithDutyDesk);
    assert_eq!(
        reason(&mut world, &desk(), &assign("HMI-001")),
        "DESK_RAISED_THE_CONCERN"
    );
    world.taker_on_duty = false;
    assert_eq!(
        reason(&mut world, &desk(), &assign("desk-3")),
        "TAKER_NOT_ON_DUTY"
    );
    world.tell(&desk(), &assign("")).expect("nobody is needed");
}

#[test]
fn r_con_13_once_the_nfd_runs_or_none_will_the_case_is_off_the_desks_hands() {
    for state in [
        State::NfdUnderWay,
        State::NfdNotRequired,
        State::NfdComplete,
        State::Withdrawn,
    ] {
        assert_eq!(World::in_state(state).case().in_the_hands_of(), None);
    }
    let mut world = World::in_state(State::AwaitingDecision);
    assert_eq!(world.case().in_the_hands_of(), Some("desk-1"));
    world.tell(&director(), &decision(true)).expect("decides");
    assert_eq!(world.case().in_the_hands_of(), Some("desk-1"));
}

#[test]
fn r_con_14_a_case_keeps_so_many_notes_and_who_wrote_them() {
    let mut world = World::in_state(State::Open);
    let note = Command::AddCaseNote {
        text: "the lead rings back at two".into(),
    };
    let deputy = Actor::new("desk-2", Role::DutyDesk);
    world.tell(&deputy, &note).expect("noted");
    assert_eq!(world.case().notes[0].by, "desk-2");
    for _ in 1..super::super::decide::NOTES_MAX {
        world.tell(&desk(), &note).expect("noted");
    }
    assert_eq!(reason(&mut world, &desk(), &note), "CASE_LIMIT_REACHED");
}

#[test]
fn a_waiting_case_that_nobody_watches_is_an_alarm_and_a_page_until_somebody_does() {
    let unwatched =
        |world: &World| world.count(|event| matches!(event, Event::DeskUnwatched { .. }));
    let mut world = World::in_state(State::Open);
    world.pass(hours(1));
    assert_eq!(unwatched(&world), 0);
    assert_eq!(world.case().pages.sent, 0);
    world.unwatched = Some(Unwatched::NoConsoleWatches);
    world.pass(hours(1));
    assert_eq!(unwatched(&world), 12, "every five minutes");
    assert_eq!(world.case().pages.sent, 12);
    world.unwatched = None;
    world.pass(hours(1));
    assert_eq!(unwatched(&world), 12);
}
