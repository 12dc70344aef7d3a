//! The 48 hours (M29).

use super::world::{World, call, decision, desk, director, hours, lead, raise, reason};
use crate::domain::case::{Outcome, State, WindowStart};
use crate::domain::command::Command;
use crate::domain::event::Event;
use crate::domain::timer::TimerKind;
use visits_core::{SignedDuration, london};

#[test]
fn m29_forty_eight_elapsed_hours_over_the_clock_change() {
    let world = World::in_state(State::NfdRequired);
    assert_eq!(
        london::spoken(world.now),
        "Friday 23 October 2020 at 2:30pm BST"
    );
    let window = world.case().window.as_ref().expect("window");
    let deadline = london::spoken(window.deadline_at);
    assert_eq!(deadline, "Sunday 25 October 2020 at 1:30pm GMT");
}

#[test]
fn m29_the_window_can_start_with_the_first_standing_concern() {
    let mut world = World::new();
    world.policy.window_starts_at = WindowStart::ConcernRaised;
    let raised_at = world.now;
    world.tell(&lead(), &raise()).expect("opens");
    world.pass(hours(1));
    let note = String::new();
    let acknowledge = Command::AcknowledgeCase { note };
    world.tell(&desk(), &acknowledge).expect("taken on");
    let call = call(world.now, Outcome::SeekDecision);
    world.tell(&desk(), &call).expect("called");
    world.tell(&director(), &decision(true)).expect("decided");
    let window = world.case().window.as_ref().expect("window");
    assert_eq!(window.start_at, raised_at);
    assert_eq!(window.deadline_at, raised_at + hours(48));
}

#[test]
fn m29_nothing_at_a_second_before_and_exactly_one_breach_at_the_deadline() {
    let mut world = World::in_state(State::NfdRequired);
    world.pass(hours(48) - SignedDuration::from_secs(1));
    assert_eq!(world.breaches(), 0);
    world.pass(SignedDuration::from_secs(1));
    assert_eq!(world.breaches(), 1);
    world.pass(hours(96));
    assert_eq!(world.breaches(), 1);
    assert_eq!(
        world.case().state,
        State::NfdRequired,
        "the case stays open"
    );
    let start = Command::StartNfd {
        straight_away: true,
    };
    world.tell(&lead(), &start).expect("late, but it starts");
}

#[test]
fn m29_warnings_come_in_order_and_each_once() {
    let mut world = World::in_state(State::NfdRequired);
    let decided_at = world.now;
    world.pass(hours(47));
    let given: Vec<_> = world
        .events
        .iter()
        .filter_map(|(at, event)| match event {
            Event::NfdDeadlineWarning {
                hours_left, late, ..
            } => Some((at.duration_since(decided_at).as_hours(), *hours_left, *late)),
            _ => None,
        })
        .collect();
    assert_eq!(
        given,
        [
            (24, 24, false),
            (36, 12, false),
            (44, 4, false),
            (47, 1, false)
        ]
    );
}

#[test]
fn m29_warnings_skipped_in_a_pause_are_marked_late_and_not_sent_in_a_burst() {
    let mut world = World::in_state(State::NfdRequired);
    world.sleep_through(hours(45));
    let sent: Vec<_> = world
        .events
        .iter()
        .filter_map(|(_, event)| match event {
            Event::NfdDeadlineWarning {
                hours_left,
                late,
                skipped_hours,
                ..
            } => Some((*hours_left, *late, skipped_hours.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(sent, [(4, true, vec![24, 12])]);
    let window = world.case().window.as_ref().expect("window");
    let late: Vec<_> = window
        .warnings
        .iter()
        .map(|w| (w.hours_left, w.late))
        .collect();
    assert_eq!(late, [(24, true), (12, true), (4, true), (1, false)]);
    let (next, _) = world.armed[TimerKind::NfdWarning.job()];
    assert_eq!(next, window.deadline_at - hours(1));
}

#[test]
fn m29_a_start_after_the_deadline_does_not_hide_the_breach() {
    let mut world = World::in_state(State::NfdRequired);
    world.now += hours(49);
    let start = Command::StartNfd {
        straight_away: true,
    };
    world.tell(&lead(), &start).expect("starts");
    assert_eq!(world.breaches(), 1);
    world.sleep_through(hours(1));
    assert_eq!(world.breaches(), 1);
}

#[test]
fn m29_a_planned_start_lies_inside_the_window_and_after_a_breach_in_what_comes() {
    let mut world = World::in_state(State::NfdRequired);
    let plan = |planned_at| Command::PlanNfd {
        planned_at,
        inspectors: vec!["HMI-010".into()],
    };
    let deadline = world.now + hours(48);
    for outside in [world.now - hours(1), deadline, deadline + hours(1)] {
        let got = reason(&mut world, &director(), &plan(outside));
        assert_eq!(got, "NFD_PLANNED_OUTSIDE_WINDOW");
    }
    let last = deadline - SignedDuration::from_secs(1);
    world.tell(&director(), &plan(last)).expect("inside");
    world.pass(hours(50));
    let past = plan(world.now - hours(1));
    assert_eq!(
        reason(&mut world, &desk(), &past),
        "NFD_PLANNED_IN_THE_PAST"
    );
    let tomorrow = plan(world.now + hours(20));
    world.tell(&desk(), &tomorrow).expect("the case stays open");
}
