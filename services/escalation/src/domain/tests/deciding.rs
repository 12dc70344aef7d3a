//! The decision and the wait for it (M28, M34).

use super::world::{World, decision, desk, director, hours, instant, lead, reason};
use crate::domain::case::State;
use crate::domain::event::Event;
use visits_core::{Actor, Refusal as _, Role, SignedDuration};

#[test]
fn m28_only_the_regions_director_or_a_deputy_on_the_register_decides() {
    for (principal, expected) in [
        ("RD-LONDON", Err("NOT_THE_REGIONAL_DIRECTOR")),
        ("RD-NOWHERE", Err("NOT_THE_REGIONAL_DIRECTOR")),
        ("RD-SOUTH-EAST", Ok(false)),
        ("HMI-900", Ok(true)),
    ] {
        let mut world = World::in_state(State::AwaitingDecision);
        let actor = Actor::new(principal, Role::RegionalDirector);
        let got = world
            .tell(&actor, &decision(true))
            .map(|_| world.case().decision.as_ref().expect("decided").as_deputy)
            .map_err(|refusal| refusal.reason());
        assert_eq!(got, expected, "{principal}");
    }
}

#[test]
fn m28_an_entry_that_has_ended_decides_nothing() {
    let mut world = World::in_state(State::AwaitingDecision);
    world.now = instant("2020-12-19T09:00:00Z");
    let deputy = Actor::new("HMI-900", Role::RegionalDirector);
    let got = reason(&mut world, &deputy, &decision(true));
    assert_eq!(got, "NOT_THE_REGIONAL_DIRECTOR");
}

#[test]
fn r_con_30_m28_nobody_decides_about_what_they_raised_or_recorded() {
    let mut world = World::in_state(State::AwaitingDecision);
    for entry in &mut world.register.0 {
        entry.principal = "HMI-001".into();
    }
    let raiser = reason(&mut world, &lead(), &decision(true));
    assert_eq!(raiser, "DECIDER_RAISED_THE_CONCERN");
    for entry in &mut world.register.0 {
        entry.principal = "desk-1".into();
    }
    let recorder = reason(&mut world, &desk(), &decision(true));
    assert_eq!(recorder, "DECIDER_LOGGED_THE_CALL");
}

#[test]
fn the_decision_is_reminded_of_once_then_alarmed_again_and_again_until_it_is_taken() {
    let mut world = World::in_state(State::AwaitingDecision);
    world.pass(SignedDuration::from_mins(59));
    let reminders = |world: &World| world.count(|e| matches!(e, Event::DecisionReminder { .. }));
    let alarms = |world: &World| world.count(|e| matches!(e, Event::DecisionOverdue { .. }));
    assert_eq!((reminders(&world), alarms(&world)), (0, 0));
    world.pass(SignedDuration::from_mins(60));
    assert_eq!((reminders(&world), alarms(&world)), (1, 0));
    world.pass(SignedDuration::from_mins(1));
    assert_eq!((reminders(&world), alarms(&world)), (1, 1));
    world.pass(SignedDuration::from_mins(60));
    assert_eq!((reminders(&world), alarms(&world)), (1, 3));
    world.tell(&director(), &decision(false)).expect("decides");
    world.pass(hours(24));
    assert_eq!((reminders(&world), alarms(&world)), (1, 3));
    assert!(world.armed.is_empty());
}

#[test]
fn after_a_pause_over_the_whole_target_there_is_one_alarm_and_no_reminder() {
    let mut world = World::in_state(State::AwaitingDecision);
    world.sleep_through(hours(9));
    let said: Vec<_> = world
        .events
        .iter()
        .skip(4)
        .map(|(_, event)| event)
        .collect();
    assert!(
        matches!(said[..], [Event::DecisionOverdue { alarm: 1, .. }]),
        "{said:?}"
    );
}

#[test]
fn m34_the_decision_that_takes_conversions_over_the_limit_says_so() {
    let exceeded = |event: &Event| matches!(event, Event::ConversionLimitExceeded { .. });
    for (begun, converted, alarms) in [(49, 10, 0), (50, 0, 0), (50, 1, 1), (1000, 19, 0)] {
        let mut world = World::in_state(State::AwaitingDecision);
        (world.begun, world.converted) = (begun, converted);
        world.tell(&director(), &decision(true)).expect("decides");
        assert_eq!(world.count(exceeded), alarms, "{converted} + 1 of {begun}");
    }
}
