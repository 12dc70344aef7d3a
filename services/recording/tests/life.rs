//! A visit's whole life through gRPC, on each database.

mod staging;

use proto::visit_record::State;
use staging::{MARKER, Stage, VISIT, answer, at, record, refused};
use visits_core::{ErrorKind, Role};
use visits_proto::recording::v1 as proto;
use visits_proto::{instant, timestamp};
use visits_recording::FIRST_FORM;
use visits_testkit::{Database, on_every_database};

async fn m20_m24_m35_a_visit_lives_its_whole_life(database: Database) {
    let stage = Stage::complete(database).await;
    let record = stage.record().await;
    assert_eq!(record.state(), State::Complete);
    assert_eq!(record.form_version, "2020-09");
    assert_eq!(record.system_of_controls[0].topic_code, "VISITORS");
    assert_eq!(record.discussions[0].closed_time, record.departed_time);
    assert_eq!(instant(record.departed_time.as_ref()), Some(at(14, 30)));
    assert_eq!(record.agreed_content_version, 1);
    assert_eq!(record.coverage_gaps.len(), 23);
    assert_eq!(
        stage.said().await,
        [
            "VisitStarted",
            "DepartureRecorded",
            "LetterContentAgreed",
            "SchoolFeedbackRecorded",
            "VisitCompleted"
        ]
    );
    let health = stage.durable.health().await.expect("health");
    assert!(health.is_settled(), "{health:?}");
    let verdict = stage.durable.verify_audit().await.expect("audit");
    assert_eq!(verdict.broken_at, None);
}

async fn m22_answers_are_kept_as_given_with_their_follow_ups_and_history(database: Database) {
    let (stage, _, first) = Stage::begun(database).await;
    let mut second = stage.hmi("HMI-002");
    let follow_up = proto::RecordFollowUpRequest {
        name: record(),
        request_id: stage.request_id(),
        answer_id: first.answer_id.clone(),
        question: "Since when?".to_owned(),
        text: "Since week two.".to_owned(),
        ..Default::default()
    };
    answer(second.record_follow_up(follow_up).await).expect("recorded");
    let correction = proto::CorrectAnswerRequest {
        name: record(),
        request_id: stage.request_id(),
        answer_id: first.answer_id.clone(),
        text: "The school is outstanding, they said.".to_owned(),
        reason: "misheard".to_owned(),
        ..Default::default()
    };
    let corrected = answer(second.correct_answer(correction).await).expect("corrected");
    assert_eq!(corrected.revisions[0].text, MARKER);
    assert_eq!(corrected.inspector, "inspectors/HMI-001");
    assert_eq!(corrected.revisions[0].inspector, "inspectors/HMI-002");
    assert_eq!(corrected.flagged_phrases, ["school is outstanding"]);
    assert_eq!(corrected.follow_ups[0].question, "Since when?");
    let request = proto::ListAnswersRequest {
        parent: record(),
        filter: "area = CURRICULUM".to_owned(),
        ..Default::default()
    };
    let listed = answer(second.list_answers(request).await).expect("listed");
    assert_eq!(listed.answers, [corrected]);
}

async fn m21_answers_are_paged_in_their_order_and_coverage_adds_up(database: Database) {
    let (stage, discussion, _) = Stage::begun(database).await;
    let mut lead = stage.hmi("HMI-001");
    let request = stage.answers(
        &discussion,
        &[("CUR-4", "b"), ("CUR-2", ""), ("CUR-3", "d")],
    );
    let recorded = answer(lead.record_answers(request).await).expect("recorded");
    let coverage = recorded.coverage.expect("coverage");
    assert_eq!(coverage.asked, ["CUR-1", "CUR-2", "CUR-3", "CUR-4"]);
    assert_eq!(coverage.unasked.len(), 20);
    let (mut codes, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = proto::ListAnswersRequest {
            parent: record(),
            page_size: 3,
            page_token,
            ..Default::default()
        };
        let page = answer(lead.list_answers(request).await).expect("a page");
        codes.extend(page.answers.into_iter().map(|a| a.question_code));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(codes, ["CUR-1", "CUR-4", "CUR-2", "CUR-3"]);
}

async fn m8_a_visit_keeps_the_form_that_it_began_with(database: Database) {
    let (stage, _, _) = Stage::begun(database).await;
    let newer = FIRST_FORM
        .replace("version = \"2020-09\"", "version = \"2020-10\"")
        .replace(
            "effective_from = \"2020-09-28\"",
            "effective_from = \"2020-10-13\"",
        )
        .replace("code = \"CUR-2\"", "code = \"CUR-20\"");
    stage
        .import(&newer)
        .await
        .expect("a new version, no redeploy");
    stage.hear_ready(VISIT, 2).await;
    let request = proto::GetCoverageRequest { name: record() };
    let kept = answer(stage.hmi("HMI-001").get_coverage(request).await).expect("coverage");
    assert_eq!(kept.form_version, "2020-09");
    assert!(kept.unasked.iter().any(|question| question.code == "CUR-2"));

    // the same again changes nothing; other content under a known version or date is refused
    let again = stage.import(FIRST_FORM).await.expect("the same");
    assert_eq!(again.version, "2020-09");
    let altered = FIRST_FORM.replace("Interim visits,", "Other visits,");
    let fault = stage.import(&altered).await.expect_err("altered");
    assert_eq!(fault.reason, "RECORDING_FORM_VERSION_TAKEN");
    let same_day = newer.replace("version = \"2020-10\"", "version = \"2020-11\"");
    let fault = stage.import(&same_day).await.expect_err("two on one day");
    assert_eq!(fault.reason, "RECORDING_FORM_DATE_TAKEN");
    let list = proto::ListVisitFormsRequest::default();
    let listed = answer(stage.hmi("HMI-001").list_visit_forms(list).await).expect("forms");
    let versions: Vec<_> = listed
        .visit_forms
        .iter()
        .map(|f| f.version.as_str())
        .collect();
    assert_eq!(versions, ["2020-10", "2020-09"]);
}

async fn m8_a_visit_begins_with_the_form_in_force_on_its_date(database: Database) {
    let stage = Stage::ready(database).await;
    for (version, date) in [("2020-10", "2020-10-13"), ("2020-11", "2020-10-14")] {
        let form = FIRST_FORM
            .replace("version = \"2020-09\"", &format!("version = \"{version}\""))
            .replace("\"2020-09-28\"", &format!("\"{date}\""));
        stage.import(&form).await.expect("imported");
    }
    let started = answer(stage.hmi("HMI-002").start_visit(stage.start()).await).expect("started");
    assert_eq!(started.form_version, "2020-10");
}

async fn r17_a_repeated_request_gets_the_same_answer_and_another_under_its_mark_is_refused(
    database: Database,
) {
    let (stage, discussion, _) = Stage::begun(database).await;
    let mut lead = stage.hmi("HMI-001");
    let request = stage.answers(&discussion, &[("CUR-2", "once")]);
    let first = answer(lead.record_answers(request.clone()).await).expect("recorded");
    let later = stage.answers(&discussion, &[("CUR-3", "another")]);
    answer(lead.record_answers(later).await).expect("recorded");
    let again = answer(lead.record_answers(request.clone()).await).expect("the same answer");
    assert_eq!(again, first);
    let mut reused = request;
    reused.answers[0].text = "twice".to_owned();
    assert_eq!(
        refused(lead.record_answers(reused).await),
        "REQUEST_ID_REUSED"
    );
    assert_eq!(stage.record().await.answer_count, 3);
}

async fn m6_m19_a_visit_that_scheduling_has_not_made_ready_cannot_start(database: Database) {
    let stage = Stage::ready(database).await;
    let mut lead = stage.hmi("HMI-001");
    {
        let mut plan = stage.plan.lock().expect("lock");
        plan.visits[0].set_state(visits_proto::scheduling::v1::visit::State::Called);
    }
    stage.hear_ready(VISIT, 2).await;
    let outcome = lead.start_visit(stage.start()).await;
    assert_eq!(refused(outcome), "RECORDING_VISIT_NOT_READY");
    {
        let mut plan = stage.plan.lock().expect("lock");
        plan.visits[0].set_state(visits_proto::scheduling::v1::visit::State::Ready);
    }
    stage.hear_ready(VISIT, 3).await;
    stage.clock(10, 45);
    let outcome = lead.start_visit(stage.start()).await;
    assert_eq!(refused(outcome), "RECORDING_LATE_START_NEEDS_NOTE");
    let on_time = proto::StartVisitRequest {
        started_time: Some(timestamp(at(10, 5))),
        ..stage.start()
    };
    answer(lead.start_visit(on_time).await).expect("written down later");
}

async fn a_stale_etag_is_refused_and_every_field_at_fault_is_named(database: Database) {
    let (stage, discussion, _) = Stage::begun(database).await;
    let mut lead = stage.hmi("HMI-001");
    let mut stale = stage.answers(&discussion, &[("CUR-2", "words")]);
    stale.etag = "\"1\"".to_owned();
    let fault = answer(lead.record_answers(stale).await).expect_err("stale");
    assert_eq!(
        (fault.kind, fault.reason),
        (ErrorKind::Conflict, "ETAG_MISMATCH")
    );
    let request = proto::RecordAnswersRequest {
        name: "visits/1".to_owned(),
        answers: vec![proto::NewAnswer::default()],
        ..Default::default()
    };
    let fault = answer(lead.record_answers(request).await).expect_err("faults");
    let fields: Vec<_> = fault.violations.iter().map(|v| v.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "name",
            "request_id",
            "discussion_id",
            "answers[0].question_code",
            "answers[0].text"
        ]
    );
}

async fn only_the_lead_completes_and_letters_reads_the_agreed_content(database: Database) {
    let (stage, _, _) = Stage::begun(database).await;
    stage.clock(14, 30);
    let (mut lead, mut second) = (stage.hmi("HMI-001"), stage.hmi("HMI-002"));
    let content = proto::GetAgreedContentRequest {
        name: record(),
        version: 0,
    };
    let mut letters = stage.client("service:letters", Role::Service);
    assert_eq!(
        refused(letters.get_agreed_content(content.clone()).await),
        "NOT_FOUND"
    );
    answer(second.record_departure(stage.depart()).await).expect("departed");
    answer(second.agree_letter_content(stage.agree()).await).expect("agreed");
    answer(second.record_school_feedback(stage.feedback()).await).expect("asked");
    let gaps = stage.gaps().await;
    let outcome = second
        .complete_visit(stage.complete_with(gaps.clone()))
        .await;
    assert_eq!(refused(outcome), "RECORDING_NOT_THE_LEAD");
    let outcome = lead
        .complete_visit(stage.complete_with(gaps[1..].to_vec()))
        .await;
    assert_eq!(refused(outcome), "RECORDING_GAPS_UNEXPLAINED");
    answer(lead.complete_visit(stage.complete_with(gaps)).await).expect("complete");
    let agreed = answer(letters.get_agreed_content(content).await).expect("content");
    assert_eq!((agreed.version, agreed.points.len()), (1, 1));
}

async fn m12_an_executive_request_heard_of_late_keeps_the_visit_open(database: Database) {
    use visits_proto::scheduling::v1 as scheduling;
    let (stage, _, _) = Stage::begun(database).await;
    {
        let mut plan = stage.plan.lock().expect("lock");
        plan.visits[0].executive_conversation = Some(scheduling::ExecutiveConversation {
            leader_role: scheduling::executive_conversation::LeaderRole::TrustChiefExecutive as i32,
            planned_start: "13:30".to_owned(),
            ..Default::default()
        });
    }
    let event = scheduling::ExecutiveConversationRequested {
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
    stage.clock(14, 30);
    let mut lead = stage.hmi("HMI-001");
    answer(lead.record_departure(stage.depart()).await).expect("departed");
    answer(lead.agree_letter_content(stage.agree()).await).expect("agreed");
    answer(lead.record_school_feedback(stage.feedback()).await).expect("asked");
    let gaps = stage.gaps().await;
    let outcome = lead.complete_visit(stage.complete_with(gaps.clone())).await;
    assert_eq!(refused(outcome), "RECORDING_EXECUTIVE_REQUEST_UNMET");
    let unmet = proto::ExplainUnmetConversationRequest {
        name: record(),
        request_id: stage.request_id(),
        reason: "called away".to_owned(),
        ..Default::default()
    };
    let shown = answer(lead.explain_unmet_conversation(unmet).await).expect("explained");
    let conversation = shown.executive_conversation.expect("a request");
    assert_eq!(conversation.leader_role_code, "TRUST_CHIEF_EXECUTIVE");
    assert_eq!(
        instant(conversation.planned_time.as_ref()),
        Some(at(13, 30))
    );
    answer(lead.complete_visit(stage.complete_with(gaps)).await).expect("complete");
}

async fn two_inspectors_write_at_once_and_nothing_is_lost(database: Database) {
    let (stage, discussion, _) = Stage::begun(database).await;
    let form = visits_recording::app::form_file::read(FIRST_FORM).expect("a form");
    let codes: Vec<_> = form.questions.iter().map(|q| q.code.clone()).collect();
    let codes = codes
        .iter()
        .filter(|code| code.starts_with("CUR-") && *code != "CUR-1");
    let writing = codes.enumerate().map(|(index, code)| {
        let inspector = ["HMI-001", "HMI-002"][index % 2];
        let (mut client, request) = (
            stage.hmi(inspector),
            stage.answers(&discussion, &[(code, "words")]),
        );
        async move { answer(client.record_answers(request).await) }
    });
    for outcome in futures_util::future::join_all(writing).await {
        outcome.expect("written down");
    }
    assert_eq!(stage.record().await.answer_count, 8);
}

on_every_database!(
    two_inspectors_write_at_once_and_nothing_is_lost,
    m20_m24_m35_a_visit_lives_its_whole_life,
    m22_answers_are_kept_as_given_with_their_follow_ups_and_history,
    m21_answers_are_paged_in_their_order_and_coverage_adds_up,
    m8_a_visit_keeps_the_form_that_it_began_with,
    m8_a_visit_begins_with_the_form_in_force_on_its_date,
    r17_a_repeated_request_gets_the_same_answer_and_another_under_its_mark_is_refused,
    m6_m19_a_visit_that_scheduling_has_not_made_ready_cannot_start,
    a_stale_etag_is_refused_and_every_field_at_fault_is_named,
    only_the_lead_completes_and_letters_reads_the_agreed_content,
    m12_an_executive_request_heard_of_late_keeps_the_visit_open,
);
