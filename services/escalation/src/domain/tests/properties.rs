//! What holds whatever anybody does, in whatever order, with whatever pauses.

use proptest::prelude::*;
use visits_core::{Actor, SignedDuration};

use super::world::{World, call, decision, desk, director, hmi, lead, raise, raise_in};
use crate::domain::case::{Outcome, State};
use crate::domain::command::Command;
use crate::domain::event::Event;
use crate::domain::timer::{TimerKind, needed};

/// One thing that somebody does, or a time that passes.
#[derive(Clone, Debug)]
enum Act {
    Do(usize, usize),
    Pass(i64),
    SleepThrough(i64),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        8 => (0..5_usize, 0..16_usize).prop_map(|(who, what)| Act::Do(who, what)),
        2 => (0..30_i64 * 60).prop_map(Act::Pass),
        1 => (0..30_i64 * 60).prop_map(Act::SleepThrough),
    ];
    prop::collection::vec(act, 1..60)
}

fn someone(who: usize) -> Actor {
    match who {
        0 | 1 => lead(),
        2 => hmi("HMI-002"),
        3 => desk(),
        _ => director(),
    }
}

fn something(world: &World, what: usize) -> Command {
    let now = world.now;
    let words = || "because".to_owned();
    let concern = world.case.as_ref().map(|case| case.concerns.len() - 1);
    let concern = concern.map(|last| world.case().concerns[last].id);
    match (what, concern) {
        (0, _) | (_, None) => raise(),
        (1, _) => raise_in("curriculum"),
        (2, _) => Command::AcknowledgeCase { note: words() },
        (3, _) => call(now, Outcome::SeekDecision),
        (4, _) => call(now, Outcome::NotSignificant),
        (5, Some(concern)) => Command::WithdrawConcern {
            concern,
            reason: words(),
        },
        (6, _) => decision(true),
        (7, _) => decision(false),
        (8, _) => Command::PlanNfd {
            planned_at: now + SignedDuration::from_hours(3),
            inspectors: vec!["HMI-002".into()],
        },
        (9, _) => Command::StartNfd {
            straight_away: now.as_second() % 2 == 0,
        },
        (10, Some(concern)) => Command::RecordNfdFinding {
            concern,
            text: words(),
        },
        (11, _) => Command::RecordLeavingSite { left_at: now },
        (12, _) => Command::AddCaseNote { text: words() },
        (13, _) => Command::AssignCase {
            operator: (now.as_second() % 2 == 0).then(|| "desk-2".into()),
        },
        (14, _) => Command::SetNextStepAlert {
            after_minutes: 30,
            reason: words(),
        },
        _ => Command::CompleteNfd,
    }
}

/// The way from `WithDutyDesk` on is steep for chance alone: half of the worlds begin further on.
fn worlds() -> impl Strategy<Value = Option<State>> {
    prop_oneof![
        Just(None),
        Just(Some(State::WithDutyDesk)),
        Just(Some(State::AwaitingDecision)),
        Just(Some(State::NfdRequired)),
        Just(Some(State::NfdUnderWay)),
    ]
}

fn play(start: Option<State>, acts: &[Act]) -> World {
    let mut world = start.map_or_else(World::new, World::in_state);
    for act in acts {
        match act {
            Act::Do(who, what) => {
                let command = something(&world, *what);
                // A refusal is an answer too.
                let _ = world.tell(&someone(*who), &command);
            }
            Act::Pass(minutes) => world.pass(SignedDuration::from_mins(*minutes)),
            Act::SleepThrough(minutes) => world.sleep_through(SignedDuration::from_mins(*minutes)),
        }
        check(&world);
    }
    world
}

fn check(world: &World) {
    let Some(case) = &world.case else {
        return;
    };
    let decisions = world.count(|event| matches!(event, Event::NfdDecided { .. }));
    assert!(decisions <= 1, "m28: one decision covers the case");
    if let Some(decision) = &case.decision {
        let called = case
            .calls
            .iter()
            .any(|call| call.outcome == Outcome::SeekDecision && call.logged_at <= decision.at);
        assert!(called, "m27: never a decision without a call on record");
    }
    if let Some(window) = &case.window {
        let length = window.deadline_at.duration_since(window.start_at);
        assert_eq!(length, SignedDuration::from_hours(48), "m29: elapsed hours");
        let started_at = case.nfd.as_ref().and_then(|nfd| nfd.started_at);
        let stopped_at = started_at.unwrap_or(world.now);
        let broken = usize::from(stopped_at >= window.deadline_at);
        assert_eq!(world.breaches(), broken, "m29: exactly one breach, or none");
    }
    for kind in TimerKind::ALL {
        let armed = world.armed.get(kind.job()).map(|(due_at, _)| *due_at);
        assert_eq!(
            armed,
            needed(case, kind),
            "{kind:?}: armed is what is needed"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn m26_m27_m28_m29_the_invariants_hold_over_any_sequence(start in worlds(), acts in acts()) {
        play(start, &acts);
    }

    #[test]
    fn m31_nothing_happens_to_a_case_after_its_nfd_is_complete(acts in acts()) {
        let world = World::in_state(State::NfdComplete);
        let (case, events) = (world.case().clone(), world.events.len());
        let after = play(Some(State::NfdComplete), &acts);
        prop_assert_eq!(after.case(), &case);
        prop_assert_eq!(after.events.len(), events);
    }

    #[test]
    fn a_timer_that_fires_twice_does_it_once(start in worlds(), acts in acts()) {
        let mut world = play(start, &acts);
        for kind in TimerKind::ALL {
            if world.case.is_some() {
                let first = world.tell(&super::world::timer(), &kind.command());
                let before = world.events.len();
                let second = world.tell(&super::world::timer(), &kind.command());
                prop_assert!(first.is_ok());
                prop_assert_eq!(second, Ok(false));
                prop_assert_eq!(world.events.len(), before);
            }
        }
    }
}
