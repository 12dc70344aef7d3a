//! Raising, withdrawing, the desk (M26, M27).

use super::world::{
    World, call, decision, desk, director, facts, hmi, hours, lead, raise, raise_in, reason,
};
use crate::domain::case::{Outcome, State};
use crate::domain::command::{Command, VisitStage};
use visits_core::{Actor, Refusal as _, Role};

#[test]
fn m26_only_two_areas_can_be_raised() {
    for area in ["safeguarding", "leadership-and-management"] {
        World::new()
            .tell(&lead(), &raise_in(area))
            .expect("in scope");
    }
    for area in ["curriculum", "behaviour", "", "Safeguarding"] {
        let refusal = World::new()
            .tell(&lead(), &raise_in(area))
            .expect_err("out of scope");
        assert_eq!(refusal.reason(), "ESCALATION_AREA_OUT_OF_SCOPE", "{area}");
        assert!(
            refusal.to_string().contains("only safeguarding"),
            "{refusal}"
        );
        assert_eq!(refusal.metadata(), [("area", area.to_owned())]);
    }
}

#[test]
fn m26_only_the_visits_own_team_raises_its_concerns_and_only_once_it_has_begun() {
    let mut world = World::new();
    assert_eq!(
        reason(&mut world, &hmi("HMI-007"), &raise()),
        "NOT_ON_THE_VISIT"
    );
    for (stage, expected) in [
        (VisitStage::Ahead, "VISIT_NOT_BEGUN"),
        (VisitStage::Cancelled, "VISIT_CANCELLED"),
    ] {
        let mut facts = facts();
        facts.stage = stage;
        let command = Command::RaiseConcern {
            facts,
            area: "safeguarding".into(),
            what_was_seen: "seen".into(),
        };
        assert_eq!(reason(&mut world, &lead(), &command), expected);
    }
}

#[test]
fn m27_a_concern_raised_after_the_call_needs_a_call_of_its_own() {
    let mut world = World::in_state(State::AwaitingDecision);
    world.tell(&hmi("HMI-002"), &raise()).expect("joins");
    let asked = reason(&mut world, &director(), &decision(true));
    assert_eq!(asked, "DUTY_DESK_CALL_MISSING");
    let due_at = world.case().target.as_ref().expect("target").due_at;
    let again = call(world.now, Outcome::SeekDecision);
    world.tell(&desk(), &again).expect("a second call");
    let target = world.case().target.as_ref().expect("target");
    assert_eq!(target.due_at, due_at, "the target doesn't move away");
    world
        .tell(&director(), &decision(true))
        .expect("all discussed");
}

#[test]
fn m27_a_call_is_spoken_by_an_hmi_of_the_visit_and_not_in_the_future() {
    let mut world = World::in_state(State::WithDutyDesk);
    let later = call(world.now + hours(1), Outcome::SeekDecision);
    assert_eq!(reason(&mut world, &desk(), &later), "TIME_IN_THE_FUTURE");
    let stranger = Command::LogDutyDeskCall {
        inspector: "HMI-007".into(),
        called_at: world.now,
        summary: "discussed".into(),
        outcome: Outcome::SeekDecision,
    };
    assert_eq!(reason(&mut world, &desk(), &stranger), "NOT_ON_THE_VISIT");
}

#[test]
fn a_concern_is_withdrawn_by_who_raised_it_or_by_the_lead() {
    let mut world = World::in_state(State::Open);
    world.tell(&hmi("HMI-002"), &raise()).expect("joins");
    let reason_given = || "a misunderstanding".to_owned();
    let first = Command::WithdrawConcern {
        concern: world.first_concern(),
        reason: reason_given(),
    };
    assert_eq!(
        reason(&mut world, &hmi("HMI-002"), &first),
        "NOT_YOUR_CONCERN"
    );
    world.tell(&lead(), &first).expect("their own");
    assert_eq!(world.case().state, State::Open, "one concern stands");
    let rest = Command::WithdrawCase {
        reason: reason_given(),
    };
    world
        .tell(&hmi("HMI-002"), &rest)
        .expect("all that stand are theirs");
    assert_eq!(world.case().state, State::Withdrawn);
}

#[test]
fn an_operator_who_raised_a_concern_does_not_handle_it_at_the_desk() {
    let mut world = World::in_state(State::Open);
    let both = Actor {
        principal: "HMI-001".into(),
        roles: vec![Role::Hmi, Role::DutyDesk],
    };
    let acknowledge = Command::AcknowledgeCase {
        note: String::new(),
    };
    assert_eq!(
        reason(&mut world, &both, &acknowledge),
        "DESK_RAISED_THE_CONCERN"
    );
}
