//! A visit that is turned into an NFD stops (M30), and a cancelled one can't start.

mod staging;

use proto::AnswerMark;
use proto::visit_record::State;
use staging::{CASE, Stage, VISIT, answer, at, record, refused};
use visits_core::Role;
use visits_proto::recording::v1 as proto;
use visits_proto::{instant, timestamp};
use visits_testkit::{Database, on_every_database};

async fn m30_a_visit_stops_at_the_decision_and_late_answers_are_kept_and_marked(
    database: Database,
) {
    let (stage, discussion, _) = Stage::begun(database).await;
    let mut lead = stage.hmi("HMI-001");
    stage.clock(11, 30);
    let late = stage.answers(
        &discussion,
        &[("CUR-2", "after the decision, before it was heard")],
    );
    answer(lead.record_answers(late).await).expect("recorded");
    stage.clock(11, 31);
    stage.hear_decision(VISIT, true, at(11, 20)).await;

    let mut on_its_way = stage.answers(&discussion, &[("CUR-3", "written before the decision")]);
    on_its_way.answers[0].given_time = Some(timestamp(at(11, 10)));
    answer(lead.record_answers(on_its_way).await).expect("kept");
    let after = stage.answers(&discussion, &[("CUR-4", "said after the stop")]);
    answer(lead.record_answers(after).await).expect("kept");

    let request = proto::ListAnswersRequest {
        parent: record(),
        ..Default::default()
    };
    let listed = answer(lead.list_answers(request).await).expect("answers");
    let marks: Vec<_> = listed.answers.iter().map(proto::Answer::mark).collect();
    assert_eq!(
        marks,
        [
            AnswerMark::Unspecified,
            AnswerMark::GivenAfterStop,
            AnswerMark::ReceivedAfterStop,
            AnswerMark::GivenAfterStop
        ]
    );
    let shown = stage.record().await;
    assert_eq!(shown.state(), State::Stopped);
    assert_eq!(instant(shown.stopped_time.as_ref()), Some(at(11, 20)));
    assert_eq!(shown.stopped_reason_code, "NFD_REQUIRED");
    let refusal = lead
        .open_discussion(stage.open(proto::Area::Safeguarding))
        .await;
    assert_eq!(refused(refusal), "RECORDING_VISIT_STOPPED");
    assert_eq!(stage.said().await, ["VisitStarted", "VisitStopped"]);
    let feed = stage
        .durable
        .feed()
        .after(1, "recording.record")
        .await
        .expect("feed");
    let stopped: proto::VisitStopped = feed[0].decode().expect("VisitStopped");
    assert_eq!(stopped.case, format!("cases/{CASE}"));
    assert_eq!(feed[0].occurred_at, at(11, 20));
}

async fn m30_a_complete_visit_that_is_converted_is_no_part_of_insight(database: Database) {
    let stage = Stage::complete(database).await;
    stage.hear_decision(VISIT, true, at(14, 0)).await;
    assert_eq!(stage.record().await.state(), State::Stopped);
    let list = proto::ListDeidentifiedAnswersRequest {
        parent: record(),
        ..Default::default()
    };
    let mut insights = stage.client("service:insights", Role::Service);
    assert_eq!(
        refused(insights.list_deidentified_answers(list).await),
        "NOT_FOUND"
    );
}

async fn m30_a_decision_that_no_nfd_is_necessary_changes_nothing(database: Database) {
    let (stage, _, _) = Stage::begun(database).await;
    let before = stage.record().await;
    stage.hear_decision(VISIT, false, at(10, 30)).await;
    assert_eq!(stage.record().await, before);
}

async fn m30_a_stop_that_overtakes_the_readiness_leaves_nothing_to_start(database: Database) {
    let stage = Stage::new(database).await;
    stage
        .import(visits_recording::FIRST_FORM)
        .await
        .expect("a form");
    stage.hear_decision(VISIT, true, at(9, 0)).await;
    stage.hear_ready(VISIT, 1).await;
    assert_eq!(stage.record().await.state(), State::Stopped);
    let health = stage.durable.health().await.expect("health");
    assert!(health.is_settled(), "{health:?}");
}

async fn a_cancelled_visit_cannot_start(database: Database) {
    let stage = Stage::ready(database).await;
    let event = visits_proto::scheduling::v1::VisitCancelled {
        visit: format!("visits/{VISIT}"),
        ..Default::default()
    };
    let of = visits_testkit::events::Of {
        aggregate: "scheduling.visit",
        id: VISIT,
        sequence: 2,
    };
    stage.bench.send(of, &event).await;
    stage.bench.settle().await;
    let outcome = stage.hmi("HMI-001").start_visit(stage.start()).await;
    assert_eq!(refused(outcome), "RECORDING_VISIT_CANCELLED");
}

async fn m6_a_change_of_mode_waits_for_the_controls_to_be_confirmed(database: Database) {
    use visits_proto::scheduling::v1 as scheduling;
    let stage = Stage::ready(database).await;
    {
        let mut plan = stage.plan.lock().expect("lock");
        plan.visits[0].set_state(scheduling::visit::State::Called);
        plan.visits[0].set_mode(visits_proto::common::v1::Mode::Remote);
    }
    let event = scheduling::ModeChanged {
        visit: format!("visits/{VISIT}"),
        ..Default::default()
    };
    let of = visits_testkit::events::Of {
        aggregate: "scheduling.visit",
        id: VISIT,
        sequence: 2,
    };
    stage.bench.send(of, &event).await;
    stage.bench.settle().await;
    let mut lead = stage.hmi("HMI-001");
    let outcome = lead.start_visit(stage.start()).await;
    assert_eq!(refused(outcome), "RECORDING_VISIT_NOT_READY");
    {
        let mut plan = stage.plan.lock().expect("lock");
        plan.visits[0].set_state(scheduling::visit::State::Ready);
    }
    stage.hear_ready(VISIT, 3).await;
    let started = answer(lead.start_visit(stage.start()).await).expect("started");
    assert_eq!(started.mode(), visits_proto::common::v1::Mode::Remote);
}

on_every_database!(
    m30_a_visit_stops_at_the_decision_and_late_answers_are_kept_and_marked,
    m30_a_complete_visit_that_is_converted_is_no_part_of_insight,
    m30_a_decision_that_no_nfd_is_necessary_changes_nothing,
    m30_a_stop_that_overtakes_the_readiness_leaves_nothing_to_start,
    a_cancelled_visit_cannot_start,
    m6_a_change_of_mode_waits_for_the_controls_to_be_confirmed,
);
