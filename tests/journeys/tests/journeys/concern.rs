//! A safeguarding concern, from 11:20 to the NFD's published letter.

use visits::demo::answered::Answered as _;
use visits::demo::case;
use visits::demo::stage::at;
use visits::demo::steps::record_of;
use visits::demo::stories::nfd_letter;
use visits::demo::stories::safeguarding::{self, Concern};
use visits_core::SignedDuration;
use visits_journeys::topology::Topology;
use visits_journeys::{Journey, assert_at_rest, begin, on_every_topology};
use visits_proto::escalation::v1 as escalation;
use visits_proto::instant;
use visits_proto::letters::v1 as letters;
use visits_proto::recording::v1 as recording;
use visits_proto::scheduling::v1 as scheduling;

on_every_topology!(
    m26_m27_m28_only_the_two_areas_the_call_first_and_the_regions_own_director,
    m30_the_visit_stops_on_the_decision_and_what_came_later_is_marked,
    m31_m32_the_nfd_looks_at_its_concern_only_and_its_letter_is_published,
);

async fn escalated(topology: Topology) -> (Journey, Concern) {
    let mut journey = begin(topology).await;
    let visit = safeguarding::prepare(&mut journey.stage)
        .await
        .expect("planned");
    journey
        .stage
        .go_to(at(10, 19, 10, 0))
        .await
        .expect("time moves");
    safeguarding::call(&journey.stage, &visit)
        .await
        .expect("called");
    let watch = safeguarding::begin(&mut journey.stage)
        .await
        .expect("on duty");
    let concern = safeguarding::play(&mut journey.stage, &visit, &journey.bank, watch)
        .await
        .expect("escalated");
    (journey, concern)
}

async fn reasons(journey: &Journey, service: &str) -> Vec<String> {
    let audit = journey
        .stage
        .refusals_in_audit(service)
        .await
        .expect("the audit");
    audit.into_iter().filter_map(|entry| entry.reason).collect()
}

async fn m26_m27_m28_only_the_two_areas_the_call_first_and_the_regions_own_director(
    topology: Topology,
) {
    let (journey, concern) = escalated(topology).await;
    let refused = reasons(&journey, "escalation").await;
    for reason in [
        "ESCALATION_AREA_OUT_OF_SCOPE",
        "DUTY_DESK_CALL_MISSING",
        "NOT_THE_REGIONAL_DIRECTOR",
    ] {
        assert!(
            refused.iter().any(|found| found == reason),
            "{reason}: {refused:?}"
        );
    }
    let case = case::get(&journey.stage, &concern.case)
        .await
        .expect("the case");
    assert_eq!(case.concerns.len(), 1, "the third area opened nothing");
    assert_eq!(case.calls.len(), 1);
    let decision = case.decision.expect("a decision");
    assert_eq!(decision.decided_by, "RD-SOUTH-EAST");
    assert!(decision.required && !decision.as_deputy);
    let called = instant(case.calls[0].called_time.as_ref()).expect("a call");
    let decided = instant(decision.decided_time.as_ref()).expect("a decision");
    assert!(called < decided);
    let window = case.window.expect("the 48 hours");
    let deadline = instant(window.deadline_time.as_ref()).expect("an end");
    assert_eq!(deadline - decided, SignedDuration::from_hours(48));
}

async fn m30_the_visit_stops_on_the_decision_and_what_came_later_is_marked(topology: Topology) {
    let (journey, concern) = escalated(topology).await;
    let stage = &journey.stage;
    let request = recording::GetVisitRecordRequest {
        name: record_of(&concern.visit),
    };
    let mut client = stage.caller("HMI-003").recording();
    let record = client
        .get_visit_record(request)
        .await
        .granted()
        .expect("the record");
    assert_eq!(record.state(), recording::visit_record::State::Stopped);
    assert_eq!(
        instant(record.stopped_time.as_ref()),
        Some(at(10, 20, 12, 5))
    );
    let request = recording::ListAnswersRequest {
        parent: record_of(&concern.visit),
        ..recording::ListAnswersRequest::default()
    };
    let answers = client
        .list_answers(request)
        .await
        .granted()
        .expect("its team")
        .answers;
    let marked: Vec<_> = answers
        .iter()
        .filter(|answer| answer.mark() == recording::AnswerMark::GivenAfterStop)
        .collect();
    assert_eq!((answers.len(), marked.len()), (4, 1));
    let request = scheduling::GetVisitRequest {
        name: concern.visit.clone(),
    };
    let mut client = stage.caller("scheduler").scheduling();
    let plan = client.get_visit(request).await.granted().expect("the plan");
    assert_eq!(plan.state(), scheduling::visit::State::Converted);
    let request = recording::ListDeidentifiedAnswersRequest {
        parent: record_of(&concern.visit),
        ..recording::ListDeidentifiedAnswersRequest::default()
    };
    let mut researcher = stage.caller("researcher").recording();
    let refused = researcher.list_deidentified_answers(request).await;
    assert!(
        refused.is_err(),
        "nothing of a stopped visit is for insight"
    );
}

async fn m31_m32_the_nfd_looks_at_its_concern_only_and_its_letter_is_published(topology: Topology) {
    let (mut journey, concern) = escalated(topology).await;
    let case = case::get(&journey.stage, &concern.case)
        .await
        .expect("the case");
    assert_eq!(case.state(), escalation::case::State::NfdComplete);
    assert!(!case.concerns[0].finding.is_empty());
    let nfd = case.nfd.expect("an NFD");
    assert!(nfd.straight_away);
    assert_eq!(nfd.inspectors, ["inspectors/HMI-003", "inspectors/HMI-004"]);
    let refused = reasons(&journey, "escalation").await;
    assert!(refused.iter().any(|reason| reason == "CONCERN_NOT_ON_CASE"));
    let refused = reasons(&journey, "letters").await;
    assert!(
        refused
            .iter()
            .any(|reason| reason == "LETTER_OF_CONVERTED_VISIT")
    );

    let stage = &mut journey.stage;
    let letter = nfd_letter::send(stage, &concern).await.expect("sent");
    let path = nfd_letter::publish(stage, &letter)
        .await
        .expect("published");
    let request = letters::GetLetterRequest { name: letter };
    let mut client = stage.caller("publisher").letters();
    let letter = client
        .get_letter(request)
        .await
        .granted()
        .expect("the letter");
    assert_eq!(letter.kind(), letters::LetterKind::Nfd);
    assert_eq!(letter.public_path, path);
    let round = &letter.factual_checks[0];
    assert_eq!(
        instant(round.reminded_time.as_ref()),
        Some(at(10, 27, 9, 0))
    );
    assert_eq!(
        instant(round.overdue_time.as_ref()),
        Some(at(10, 28, 17, 0))
    );
    assert_eq!(
        round.no_reply.as_ref().expect("a decision").decided_by,
        "publisher"
    );
    let refused = reasons(&journey, "letters").await;
    assert!(
        refused
            .iter()
            .any(|reason| reason == "LETTER_SCHOOL_STILL_HAS_TIME")
    );
    assert_at_rest(&journey.stage).await;
}
