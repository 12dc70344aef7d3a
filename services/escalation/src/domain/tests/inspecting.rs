//! The NFD and what follows it (M30 to M33).

use super::world::{World, director, hmi, hours, lead, raise, raise_in, reason};
use crate::domain::case::State;
use crate::domain::command::Command;
use crate::domain::event::Event;
use crate::domain::policy::RoutineInspection;

#[test]
fn m30_the_interim_visit_turns_into_the_nfd_with_its_own_team() {
    let mut world = World::in_state(State::NfdRequired);
    let planless = Command::StartNfd {
        straight_away: false,
    };
    assert_eq!(reason(&mut world, &lead(), &planless), "NFD_NOT_PLANNED");
    let start = Command::StartNfd {
        straight_away: true,
    };
    let outsider = reason(&mut world, &hmi("HMI-010"), &start);
    assert_eq!(outsider, "NOT_AN_NFD_INSPECTOR");
    world.tell(&hmi("HMI-002"), &start).expect("on the team");
    let nfd = world.case().nfd.as_ref().expect("nfd");
    assert_eq!(nfd.inspectors, ["HMI-001", "HMI-002"]);
    assert!(world.armed.is_empty(), "the clock is stopped");
}

#[test]
fn m31_the_nfd_finds_about_the_concerns_raised_and_about_nothing_else() {
    let mut world = World::in_state(State::NfdUnderWay);
    let about = |concern, text: &str| Command::RecordNfdFinding {
        concern,
        text: text.into(),
    };
    let unknown = about(crate::domain::case::ConcernId(uuid::Uuid::nil()), "found");
    assert_eq!(reason(&mut world, &lead(), &unknown), "CONCERN_NOT_ON_CASE");
    let first = world.first_concern();
    world
        .tell(&lead(), &about(first, "gaps"))
        .expect("recorded");
    world
        .tell(&lead(), &about(first, "gaps, now filled"))
        .expect("replaced");
    let findings = &world.case().concerns[0].findings;
    assert_eq!(findings.len(), 2, "what stood before is kept");
    world
        .tell(&lead(), &raise_in("leadership-and-management"))
        .expect("joins the NFD");
    let left_at = world.now;
    world
        .tell(&lead(), &Command::RecordLeavingSite { left_at })
        .expect("left");
    let incomplete = reason(&mut world, &lead(), &Command::CompleteNfd);
    assert_eq!(incomplete, "NFD_FINDINGS_MISSING");
    assert_eq!(
        reason(&mut world, &lead(), &raise()),
        "NFD_HAS_LEFT_THE_SITE"
    );
}

#[test]
fn m32_the_nfd_is_complete_once_leaving_the_site_is_on_record() {
    let mut world = World::in_state(State::NfdUnderWay);
    let concern = world.first_concern();
    let text = "found".into();
    world
        .tell(&lead(), &Command::RecordNfdFinding { concern, text })
        .expect("recorded");
    assert_eq!(
        reason(&mut world, &lead(), &Command::CompleteNfd),
        "LEAVING_SITE_MISSING"
    );
    let too_early = Command::RecordLeavingSite {
        left_at: world.now - hours(1),
    };
    assert_eq!(
        reason(&mut world, &lead(), &too_early),
        "LEFT_BEFORE_THE_START"
    );
}

#[test]
fn m33_a_recommendation_is_held_until_routine_inspection_resumes_and_handed_over_once() {
    let mut world = World::in_state(State::NfdComplete);
    let recommend = Command::RecommendSection5 {
        reason: "serious".into(),
    };
    world.tell(&lead(), &recommend).expect("recommended");
    assert_eq!(
        reason(&mut world, &lead(), &recommend),
        "SECTION5_ALREADY_RECOMMENDED"
    );
    let handed = |world: &World| world.count(|e| matches!(e, Event::Section5HandedOver { .. }));
    world.pass(hours(24 * 30));
    assert_eq!(handed(&world), 0);
    world.policy.routine_inspection = RoutineInspection::Resumed;
    world.pass(hours(24 * 30));
    assert_eq!(handed(&world), 1);
    assert!(world.armed.is_empty());
}

#[test]
fn m11_an_hmi_with_a_routine_inspection_of_the_school_is_not_sent_to_its_nfd() {
    let mut world = World::in_state(State::NfdRequired);
    world.barred = vec!["HMI-010".into()];
    let plan = Command::PlanNfd {
        planned_at: world.now + hours(2),
        inspectors: vec!["HMI-010".into()],
    };
    assert_eq!(
        reason(&mut world, &director(), &plan),
        "NFD_INSPECTOR_BARRED"
    );
}
