//! Drafting: when, by whom, from what (M24, M32, M35), and the text check (M5).

use tonic::Code;
use visits_core::Role;
use visits_proto::letters::v1 as wire;
use visits_proto::recording::v1::Area;
use visits_testkit::{Database, on_every_database};

use crate::world::{World, case, reason, text, visit};

async fn m35_no_letter_is_drafted_before_the_departure_is_on_record(database: Database) {
    let world = World::new(database).await;
    assert_eq!(reason(world.draft().await), "LETTER_BEFORE_DEPARTURE");
    world.agreed(1).await;
    world.bench.settle().await;
    assert_eq!(reason(world.draft().await), "LETTER_BEFORE_DEPARTURE");
    assert_eq!(
        world.known().fetches,
        0,
        "nothing is fetched before it may be"
    );
    world.departed().await;
    world.bench.settle().await;
    let letter = world.draft().await.expect("drafted");
    assert_eq!(letter.state(), wire::letter::State::Drafting);
    let refused = world.audit().await;
    let early = refused.iter().filter(|row| {
        row.action == "DraftLetter" && row.reason.as_deref() == Some("LETTER_BEFORE_DEPARTURE")
    });
    assert_eq!(early.count(), 2);
}

async fn m24_the_letter_is_drafted_from_the_content_agreed_with_the_school(database: Database) {
    let world = World::new(database).await;
    world.departed().await;
    world.bench.settle().await;
    assert_eq!(reason(world.draft().await), "LETTER_CONTENT_NOT_AGREED");
    world.agreed(2).await;
    world.bench.settle().await;
    let letter = world.draft().await.expect("drafted");
    assert_eq!(letter.content_version, 2);
    let text = letter.text.expect("a text");
    let headings: Vec<_> = text.sections.iter().map(|s| s.heading.as_str()).collect();
    assert_eq!(headings, ["", "Curriculum", "Attendance and behaviour"]);
    assert_eq!(text.sections[1].paragraphs, ["Pupils read every day."]);
    assert_eq!(
        letter.findings,
        [],
        "what a draft says by itself has no finding"
    );
}

async fn m32_the_nfd_letter_is_drafted_once_the_nfd_is_complete(database: Database) {
    let world = World::new(database).await;
    world.agreed(1).await;
    world.decided(true).await;
    world.bench.settle().await;
    assert_eq!(
        reason(world.draft_nfd().await),
        "LETTER_BEFORE_NFD_COMPLETED"
    );
    world.nfd_completed().await;
    world.bench.settle().await;
    let letter = world.draft_nfd().await.expect("drafted");
    assert_eq!(letter.kind(), wire::LetterKind::Nfd);
    assert_eq!(letter.case, case());
    assert_eq!(
        letter.inspectors,
        [
            "inspectors/HMI-001",
            "inspectors/HMI-002",
            "inspectors/HMI-007"
        ]
    );
    let sections = letter.text.expect("a text").sections;
    assert_eq!(sections[1].heading, "Safeguarding");
    assert_eq!(sections[1].paragraphs, ["Checks on adults are complete."]);
}

async fn only_the_lead_hmi_drafts_and_for_others_the_visit_is_not_there(database: Database) {
    let world = World::new(database).await;
    world.visit_over().await;
    let ground = || wire::draft_letter_request::Ground::Visit(visit());
    for (who, role, code) in [
        ("HMI-002", Role::Hmi, Code::NotFound),
        ("HMI-009", Role::Hmi, Code::NotFound),
        ("publisher-1", Role::Publisher, Code::PermissionDenied),
        ("desk-1", Role::DutyDesk, Code::PermissionDenied),
        ("service:insights", Role::Service, Code::PermissionDenied),
    ] {
        let answer = world.draft_as(world.client(who, role), ground()).await;
        assert_eq!(answer.expect_err(who).code(), code, "{who}");
    }
    assert_eq!(world.known().fetches, 0);
    let missing = wire::draft_letter_request::Ground::Visit(
        "visits/01750000-0000-7000-8000-0000000000ff".into(),
    );
    let answer = world.draft_as(world.lead(), missing).await;
    assert_eq!(answer.expect_err("absent").code(), Code::NotFound);
}

async fn a_visit_has_one_interim_letter_and_a_repeated_request_gets_it_again(database: Database) {
    let world = World::new(database).await;
    world.visit_over().await;
    let request = wire::DraftLetterRequest {
        ground: Some(wire::draft_letter_request::Ground::Visit(visit())),
        request_id: world.request(),
    };
    let first = world
        .lead()
        .draft_letter(request.clone())
        .await
        .expect("drafted")
        .into_inner();
    let again = world
        .lead()
        .draft_letter(request.clone())
        .await
        .expect("the same")
        .into_inner();
    assert_eq!(first, again);
    assert_eq!(reason(world.draft().await), "LETTER_ALREADY_DRAFTED");
    let other = wire::DraftLetterRequest {
        ground: Some(wire::draft_letter_request::Ground::Case(case())),
        ..request
    };
    let reused = world
        .lead()
        .draft_letter(other)
        .await
        .map(tonic::Response::into_inner);
    assert_eq!(reason(reused), "REQUEST_ID_REUSED");
}

async fn m5_a_letter_that_states_a_judgement_goes_nowhere(database: Database) {
    let world = World::new(database).await;
    world.known().points = vec![(Area::Curriculum, "The school is outstanding.".into())];
    world.visit_over().await;
    let letter = world.draft().await.expect("drafted, with a finding");
    assert_eq!(letter.findings.len(), 1);
    assert_eq!(
        letter.findings[0].severity(),
        wire::finding::Severity::Refused
    );
    assert_eq!(
        reason(world.send(&letter).await),
        "LETTER_STATES_A_JUDGEMENT"
    );
    assert_eq!(world.messages(), []);
    world
        .revise(&letter, "Mrs Khan leads reading.")
        .await
        .expect("revised");
    assert_eq!(reason(world.send(&letter).await), "LETTER_NAMES_A_PERSON");
    world
        .revise(&letter, "Pupils read every day.")
        .await
        .expect("revised");
    world.send(&letter).await.expect("sent");
}

async fn m5_ordinary_use_of_a_scale_word_is_confirmed_by_the_writer(database: Database) {
    let world = World::new(database).await;
    world.visit_over().await;
    let letter = world.draft().await.expect("drafted");
    let revised = world
        .revise(&letter, "Pupils have good attendance habits.")
        .await
        .expect("revised");
    assert_eq!(
        reason(world.send(&letter).await),
        "LETTER_MARKS_UNCONFIRMED"
    );
    let asked = wire::CheckTextRequest {
        name: letter.name.clone(),
        text: None,
    };
    let checked = world
        .lead()
        .check_text(asked)
        .await
        .expect("checked")
        .into_inner();
    assert!(!checked.acceptable);
    assert_eq!(checked.findings, revised.findings);
    let confirm = |ids: Vec<String>| wire::ConfirmMarksRequest {
        name: letter.name.clone(),
        finding_ids: ids,
        etag: String::new(),
        request_id: world.request(),
    };
    let unknown = world
        .lead()
        .confirm_marks(confirm(vec!["no-such".into()]))
        .await;
    assert_eq!(
        reason(unknown.map(tonic::Response::into_inner)),
        "LETTER_NO_SUCH_MARK"
    );
    let ids = checked.findings.iter().map(|f| f.id.clone()).collect();
    let confirmed = world
        .lead()
        .confirm_marks(confirm(ids))
        .await
        .expect("confirmed")
        .into_inner();
    assert!(confirmed.findings[0].confirmed);
    world.send(&letter).await.expect("sent");
}

async fn the_text_check_reads_any_text_and_changes_nothing(database: Database) {
    let world = World::new(database).await;
    world.visit_over().await;
    let letter = world.draft().await.expect("drafted");
    let asked = wire::CheckTextRequest {
        name: letter.name.clone(),
        text: Some(text("The school was judged to be strong.")),
    };
    let checked = world
        .lead()
        .check_text(asked)
        .await
        .expect("checked")
        .into_inner();
    assert!(!checked.acceptable);
    assert_eq!(world.get(&letter).await, letter);
}

async fn every_field_at_fault_is_reported_at_once(database: Database) {
    let world = World::new(database).await;
    let request = wire::ReviseLetterRequest {
        name: "letters/1".into(),
        text: Some(wire::LetterText {
            title: String::new(),
            sections: vec![wire::Section {
                heading: "x".repeat(201),
                paragraphs: vec![" ".into()],
            }],
        }),
        etag: String::new(),
        request_id: "once".into(),
    };
    let status = world
        .lead()
        .revise_letter(request)
        .await
        .expect_err("invalid");
    let fault = visits_runtime::from_status(&status);
    let fields: Vec<_> = fault.violations.iter().map(|v| v.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "text.title",
            "text.sections[0].heading",
            "text.sections[0].paragraphs[0]",
            "name",
            "request_id"
        ]
    );
}

on_every_database!(
    m35_no_letter_is_drafted_before_the_departure_is_on_record,
    m24_the_letter_is_drafted_from_the_content_agreed_with_the_school,
    m32_the_nfd_letter_is_drafted_once_the_nfd_is_complete,
    only_the_lead_hmi_drafts_and_for_others_the_visit_is_not_there,
    a_visit_has_one_interim_letter_and_a_repeated_request_gets_it_again,
    m5_a_letter_that_states_a_judgement_goes_nowhere,
    m5_ordinary_use_of_a_scale_word_is_confirmed_by_the_writer,
    the_text_check_reads_any_text_and_changes_nothing,
    every_field_at_fault_is_reported_at_once,
);
