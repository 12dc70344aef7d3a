//! What is agreed on the call: controls, home time, executive leaders; and when the visit is ready.

use uuid::Uuid;
use visits_proto::common::v1::Mode;
use visits_proto::escalation::v1::NfdDecided;
use visits_proto::recording::v1::{VisitCompleted, VisitStarted};
use visits_proto::scheduling::v1 as proto;
use visits_proto::scheduling::v1::visit::State;
use visits_proto::timestamp;
use visits_testkit::events::Of;
use visits_testkit::{Database, on_every_database};

use crate::stage::{LEAD, Stage, answer, refused};

const RECORD: Of<'static> = Of {
    aggregate: "recording.record",
    id: Uuid::from_u128(77),
    sequence: 1,
};

async fn m6_m15_no_visit_is_ready_before_its_controls_are_recorded(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.called().await;
    assert_eq!(visit.state(), State::Called);
    let started = VisitStarted {
        visit: visit.name.clone(),
        school: visit.school.clone(),
        started_time: Some(timestamp("2020-10-13T09:00:00Z".parse().expect("instant"))),
        ..Default::default()
    };
    stage.bench.send(RECORD, &started).await;
    stage.bench.settle().await;
    assert_eq!(stage.visit(&visit.name).await.state(), State::Called, "M6");
    let ready = stage.record_controls(&visit.name).await.expect("recorded");
    assert_eq!(ready.state(), State::Ready);
    let controls = ready.system_of_controls.expect("the controls");
    assert_eq!(
        (&*controls.recorded_by, controls.needs_confirmation),
        (LEAD, false)
    );
    assert_eq!(
        stage.said(&visit.name).await,
        [
            "VisitPlanned",
            "CallDue",
            "CallCompleted",
            "ControlsRecorded",
            "VisitReady"
        ]
    );
}

async fn m6_a_change_of_mode_or_date_asks_for_the_controls_again(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.ready().await;
    let remote = proto::ChangeModeRequest {
        name: visit.name.clone(),
        mode: Mode::Remote.into(),
        reason: "national restrictions".to_owned(),
        request_id: stage.request_id(),
        ..Default::default()
    };
    let changed = answer(stage.planner().change_mode(remote).await).expect("changed");
    assert_eq!(changed.state(), State::Called);
    assert!(
        changed
            .system_of_controls
            .expect("controls")
            .needs_confirmation
    );
    let ready = stage.record_controls(&visit.name).await.expect("confirmed");
    assert_eq!(ready.state(), State::Ready);
    assert_eq!(
        ready.system_of_controls.expect("controls").mode(),
        Mode::Remote
    );
    let moved = proto::RescheduleVisitRequest {
        name: visit.name.clone(),
        visit_date: "2020-10-20".to_owned(),
        reason: "the head is away".to_owned(),
        request_id: stage.request_id(),
        ..Default::default()
    };
    let moved = answer(stage.planner().reschedule_visit(moved).await).expect("moved");
    assert_eq!(moved.state(), State::Planned, "a new call comes first");
    assert!(
        moved
            .system_of_controls
            .expect("controls")
            .needs_confirmation
    );
}

async fn m25_home_time_is_asked_and_the_plan_proposes_a_departure_outside_it(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.called().await;
    let home = |from: &str, until: &str| proto::RecordHomeTimeRequest {
        name: visit.name.clone(),
        home_time: Some(proto::HomeTime {
            from: from.to_owned(),
            until: until.to_owned(),
        }),
        request_id: stage.request_id(),
        ..Default::default()
    };
    let mut lead = stage.hmi(LEAD);
    let early = answer(lead.record_home_time(home("15:00", "15:20")).await).expect("recorded");
    assert_eq!(early.planned_departure, "16:00");
    let late = answer(lead.record_home_time(home("15:45", "16:00")).await).expect("recorded");
    assert_eq!(late.planned_departure, "15:30");
    let outcome = answer(lead.record_home_time(home("16:00", "15:00")).await);
    assert_eq!(refused(outcome), "HOME_TIME_IMPLAUSIBLE");
}

async fn m12_time_is_made_for_executive_leaders_who_ask(database: Database) {
    use proto::executive_conversation::LeaderRole;
    let stage = Stage::new(database).await;
    let visit = stage.called().await;
    let slot = |start: &str| proto::PlanExecutiveConversationRequest {
        name: visit.name.clone(),
        planned_start: start.to_owned(),
        planned_minutes: 30,
        request_id: stage.request_id(),
        ..Default::default()
    };
    let mut lead = stage.hmi(LEAD);
    let outcome = answer(lead.plan_executive_conversation(slot("13:30")).await);
    assert_eq!(refused(outcome), "EXECUTIVE_CONVERSATION_NOT_REQUESTED");
    let asked = proto::RequestExecutiveConversationRequest {
        name: visit.name.clone(),
        leader_role: LeaderRole::TrustChiefExecutive.into(),
        request_id: stage.request_id(),
        ..Default::default()
    };
    answer(lead.request_executive_conversation(asked).await).expect("captured");
    let outcome = answer(lead.plan_executive_conversation(slot("15:45")).await);
    assert_eq!(refused(outcome), "SLOT_OUTSIDE_VISIT");
    let planned = answer(lead.plan_executive_conversation(slot("13:30")).await).expect("a slot");
    let conversation = planned.executive_conversation.expect("asked for");
    assert_eq!(
        (&*conversation.planned_start, conversation.planned_minutes),
        ("13:30", 30)
    );
    let said = stage.said(&visit.name).await;
    assert_eq!(
        said.last().map(String::as_str),
        Some("ExecutiveConversationRequested")
    );
}

async fn the_visit_follows_what_recording_reports(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.ready().await;
    stage.clock("2020-10-13T09:00:00Z");
    let began = timestamp("2020-10-13T08:58:00Z".parse().expect("instant"));
    let started = VisitStarted {
        visit: visit.name.clone(),
        started_time: Some(began),
        ..Default::default()
    };
    stage.bench.send(RECORD, &started).await;
    stage.bench.settle().await;
    let found = stage.visit(&visit.name).await;
    assert_eq!(
        (found.state(), found.started_time),
        (State::InProgress, Some(began))
    );
    let cancel = proto::CancelVisitRequest {
        name: visit.name.clone(),
        reason: proto::CancelReason::NoTeam.into(),
        request_id: stage.request_id(),
        ..Default::default()
    };
    let outcome = answer(stage.planner().cancel_visit(cancel).await);
    assert_eq!(refused(outcome), "VISIT_STATE_FORBIDS");
    let completed = VisitCompleted {
        visit: visit.name.clone(),
        completed_time: Some(began),
        ..Default::default()
    };
    let second = Of {
        sequence: 2,
        ..RECORD
    };
    stage.bench.send(second, &completed).await;
    stage.bench.settle().await;
    assert_eq!(stage.visit(&visit.name).await.state(), State::Completed);
}

async fn m30_only_a_decision_that_an_nfd_is_necessary_converts_the_visit(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.ready().await;
    stage.clock("2020-10-13T11:00:00Z");
    let decided = |required| NfdDecided {
        visit: visit.name.clone(),
        required,
        decided_time: Some(timestamp("2020-10-13T10:40:00Z".parse().expect("instant"))),
        ..Default::default()
    };
    let case = |number| Of {
        aggregate: "escalation.case",
        id: Uuid::from_u128(number),
        sequence: 1,
    };
    stage.bench.send(case(1), &decided(false)).await;
    stage.bench.settle().await;
    assert_eq!(stage.visit(&visit.name).await.state(), State::Ready);
    // Escalation's word can overtake recording's: the visit is converted from ready too.
    stage.bench.send(case(2), &decided(true)).await;
    stage.bench.settle().await;
    let converted = stage.visit(&visit.name).await;
    assert_eq!(converted.state(), State::Converted);
    assert_eq!(converted.converted_time, decided(true).decided_time);
    let started = VisitStarted {
        visit: visit.name.clone(),
        started_time: decided(true).decided_time,
        ..Default::default()
    };
    stage.bench.send(RECORD, &started).await;
    stage.bench.settle().await;
    assert_eq!(stage.visit(&visit.name).await.state(), State::Converted);
}

on_every_database!(
    m30_only_a_decision_that_an_nfd_is_necessary_converts_the_visit,
    m6_m15_no_visit_is_ready_before_its_controls_are_recorded,
    m6_a_change_of_mode_or_date_asks_for_the_controls_again,
    m25_home_time_is_asked_and_the_plan_proposes_a_departure_outside_it,
    m12_time_is_made_for_executive_leaders_who_ask,
    the_visit_follows_what_recording_reports,
);
