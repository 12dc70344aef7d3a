//! A visit as it is meant to be, its letter, and the barrier behind it.

use axum::http::StatusCode;
use visits::demo::answered::Answered as _;
use visits::demo::pages::Browser;
use visits::demo::stage::at;
use visits::demo::steps::record_of;
use visits::demo::stories::barrier;
use visits::demo::stories::first_letter::{self, FirstLetter};
use visits::demo::stories::first_visit::{self, FirstVisit};
use visits_journeys::topology::Topology;
use visits_journeys::{Journey, begin, on_every_topology, reason};
use visits_proto::instant;
use visits_proto::letters::v1 as letters;
use visits_proto::recording::v1 as recording;
use visits_proto::scheduling::v1 as scheduling;

on_every_topology!(
    m13_m18_m25_the_call_of_the_friday_prepares_the_visit_of_the_monday,
    m12_m21_m22_m24_what_was_said_on_the_visit_is_written_down_as_given,
    m35_the_letter_is_not_drafted_before_the_departure_and_is_afterwards,
    m5_m36_m37_the_school_checks_the_letter_before_anybody_reads_it,
    m11_an_inspector_of_the_next_routine_inspection_reads_the_letter_and_nothing_else,
    m11_the_teams_access_ends_ten_working_days_after_publication,
);

async fn visited(topology: Topology) -> (Journey, FirstVisit) {
    let mut journey = begin(topology).await;
    let first = first_visit::play(&mut journey.stage, &journey.bank)
        .await
        .expect("the visit is held");
    (journey, first)
}

async fn published(topology: Topology) -> (Journey, FirstVisit, FirstLetter) {
    let (mut journey, first) = visited(topology).await;
    let letter = first_letter::play(&mut journey.stage, &first)
        .await
        .expect("the letter is published");
    (journey, first, letter)
}

async fn plan(journey: &Journey, visit: &str) -> scheduling::Visit {
    let request = scheduling::GetVisitRequest {
        name: visit.to_owned(),
    };
    let mut client = journey.stage.caller("scheduler").scheduling();
    client.get_visit(request).await.granted().expect("the plan")
}

async fn record(journey: &Journey, visit: &str) -> recording::VisitRecord {
    let request = recording::GetVisitRecordRequest {
        name: record_of(visit),
    };
    let mut client = journey.stage.caller("HMI-002").recording();
    let record = client.get_visit_record(request).await;
    record.granted().expect("the record")
}

async fn answers(
    journey: &Journey,
    visit: &str,
    who: &str,
) -> Result<tonic::Response<recording::ListAnswersResponse>, tonic::Status> {
    let request = recording::ListAnswersRequest {
        parent: record_of(visit),
        ..recording::ListAnswersRequest::default()
    };
    journey
        .stage
        .caller(who)
        .recording()
        .list_answers(request)
        .await
}

async fn m13_m18_m25_the_call_of_the_friday_prepares_the_visit_of_the_monday(topology: Topology) {
    let (journey, first) = visited(topology).await;
    let visit = plan(&journey, &first.visit).await;
    assert_eq!(visit.state(), scheduling::visit::State::Completed);
    assert_eq!(visit.planned_departure, "16:00");
    let call = visit.call.expect("a call");
    assert_eq!(
        (call.call_date.as_str(), call.call_time.as_str()),
        ("2020-10-02", "10:00")
    );
    assert_eq!(instant(call.due_time.as_ref()), Some(at(10, 2, 10, 0)));
    assert_eq!(call.skipped_days.len(), 2);
    assert_eq!(call.state(), scheduling::call::State::Done);
    let pack = visit.context_pack.expect("a context pack");
    assert_eq!(pack.previous_grade(), scheduling::PreviousGrade::Good);
    assert_eq!(
        (pack.idaci_quintile, pack.pupils_on_roll),
        (Some(3), Some(405))
    );
    assert_eq!(
        visit.system_of_controls.expect("controls").measures.len(),
        3
    );
}

async fn m12_m21_m22_m24_what_was_said_on_the_visit_is_written_down_as_given(topology: Topology) {
    let (journey, first) = visited(topology).await;
    let record = record(&journey, &first.visit).await;
    assert_eq!(record.state(), recording::visit_record::State::Complete);
    assert_eq!(
        instant(record.departed_time.as_ref()),
        Some(at(10, 5, 15, 45))
    );
    assert_eq!(record.agreed_content_version, 1);
    assert!(
        record
            .school_feedback
            .is_some_and(|feedback| !feedback.text.is_empty())
    );
    let executive = record.executive_conversation.expect("a request");
    assert_eq!(
        instant(executive.held_time.as_ref()),
        Some(at(10, 5, 13, 30))
    );
    assert!(record.coverage_gaps.is_empty());

    let answers = answers(&journey, &first.visit, "HMI-002").await;
    let answers = answers.granted().expect("its own team reads").answers;
    assert_eq!(answers.len(), 24);
    let to = |code: &str| {
        answers
            .iter()
            .find(|a| a.question_code == code)
            .expect("answered")
    };
    assert_eq!(to("CUR-3").follow_ups.len(), 1);
    assert_eq!(to("CUR-4").revisions.len(), 1, "what stood before is kept");
    assert!(
        answers
            .iter()
            .all(|answer| !answer.question_text.is_empty())
    );
}

async fn m35_the_letter_is_not_drafted_before_the_departure_and_is_afterwards(topology: Topology) {
    let (journey, first) = visited(topology).await;
    let refusals = journey
        .stage
        .refusals_in_audit("letters")
        .await
        .expect("the audit");
    let early: Vec<_> = refusals
        .iter()
        .filter(|entry| entry.reason.as_deref() == Some("LETTER_BEFORE_DEPARTURE"))
        .collect();
    assert_eq!(early.len(), 1);
    assert_eq!(early[0].actor, "HMI-001");
    let request = letters::DraftLetterRequest {
        ground: Some(letters::draft_letter_request::Ground::Visit(
            first.visit.clone(),
        )),
        request_id: journey.stage.request_id(),
    };
    let mut client = journey.stage.caller("HMI-001").letters();
    let letter = client
        .draft_letter(request)
        .await
        .granted()
        .expect("now it is");
    assert_eq!(letter.state(), letters::letter::State::Drafting);
}

async fn m5_m36_m37_the_school_checks_the_letter_before_anybody_reads_it(topology: Topology) {
    let (journey, _, letter) = published(topology).await;
    let stage = &journey.stage;
    let request = letters::GetLetterRequest {
        name: letter.letter.clone(),
    };
    let mut client = stage.caller("publisher").letters();
    let whole = client
        .get_letter(request)
        .await
        .granted()
        .expect("the letter");
    assert_eq!(whole.state(), letters::letter::State::Published);
    assert_eq!((whole.editions.len(), whole.factual_checks.len()), (1, 1));
    let round = &whole.factual_checks[0];
    assert_eq!(round.channel(), letters::ReplyChannel::Link);
    assert!(instant(round.delivered_time.as_ref()).is_some());
    let answer = round.corrections[0].answer();
    assert_eq!(answer, letters::correction::Answer::Accepted);

    let browser = Browser::new(stage.pages());
    let page = browser.get(&letter.path).await.expect("the page");
    assert!(
        page.contains("Pupils in Years 3 to 6 read"),
        "the correction is made"
    );
    assert!(!page.contains("outstanding"), "no judgement is published");
    let link = browser.status(&letter.link).await.expect("an answer");
    assert_eq!(link, StatusCode::GONE, "the link worked once");
    let request = letters::GetPublishedLetterRequest {
        name: letter.letter.clone(),
    };
    let mut anybody = stage.caller("auditor").letters();
    let public = anybody.get_published_letter(request).await.granted();
    assert_eq!(public.expect("anybody reads it").public_path, letter.path);
}

async fn m11_an_inspector_of_the_next_routine_inspection_reads_the_letter_and_nothing_else(
    topology: Topology,
) {
    let (mut journey, first, letter) = published(topology).await;
    barrier::play(&mut journey.stage, &first, &letter)
        .await
        .expect("the barrier falls");
    let refused = answers(&journey, &first.visit, "HMI-001").await;
    assert_eq!(
        refused.as_ref().expect_err("barred").code(),
        tonic::Code::NotFound
    );
    assert_eq!(reason(refused), "NOT_FOUND");
    assert!(answers(&journey, &first.visit, "HMI-002").await.is_ok());
    let request = letters::GetPublishedLetterRequest {
        name: letter.letter.clone(),
    };
    let mut barred = journey.stage.caller("HMI-001").letters();
    assert!(barred.get_published_letter(request).await.is_ok());

    journey.stage.settle().await.expect("the loops settle");
    let audit = journey
        .stage
        .refusals_in_audit("recording")
        .await
        .expect("the audit");
    let resource = record_of(&first.visit);
    let of_barred = audit
        .iter()
        .filter(|entry| entry.actor == "HMI-001" && entry.resource == resource)
        .count();
    assert_eq!(of_barred, 3, "each refusal, ours included");
}

async fn m11_the_teams_access_ends_ten_working_days_after_publication(topology: Topology) {
    let (journey, first, _) = published(topology).await;
    let until = instant(
        record(&journey, &first.visit)
            .await
            .access_ends_time
            .as_ref(),
    );
    assert_eq!(until, Some(at(10, 23, 10, 0)));
    let just_before = at(10, 23, 9, 59);
    journey.stage.go_to(just_before).await.expect("time moves");
    assert!(answers(&journey, &first.visit, "HMI-002").await.is_ok());
    journey
        .stage
        .go_to(at(10, 23, 10, 0))
        .await
        .expect("time moves");
    let refused = answers(&journey, &first.visit, "HMI-002").await;
    assert_eq!(reason(refused), "NOT_FOUND");
}
