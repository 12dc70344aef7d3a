//! The information barrier (M11): who reads what was gathered, and that the others learn nothing.

mod staging;

use staging::absent::{every_read, list, reads_as_absent, refusals_audited};
use staging::{MARKER, OTHER_VISIT, Stage, VISIT, answer, at, record, refused};
use visits_core::civil::{date, time};
use visits_core::{Actor, ErrorKind, Role, Timestamp, london};
use visits_proto::recording::v1 as proto;
use visits_testkit::{Database, on_every_database};

async fn m11_another_teams_inspector_reads_a_record_as_absent(database: Database) {
    let (stage, _, _) = Stage::begun(database).await;
    reads_as_absent(&stage, "HMI-003").await;
    assert!(refusals_audited(&stage, "HMI-003").await >= 32);
    let mut own = stage.hmi("HMI-002");
    for (method, outcome) in every_read(&mut own, &record()).await {
        if method != "GetAgreedContent" {
            outcome.expect(method);
        }
    }
    assert_eq!(list(&mut own, "", 0, "").await.visit_records.len(), 1);
}

async fn m11_an_assignment_that_was_heard_of_ends_access_at_once(database: Database) {
    let (stage, discussion, _) = Stage::begun(database).await;
    let mut second = stage.hmi("HMI-002");
    let request = stage.answers(&discussion, &[("CUR-2", "words")]);
    answer(second.record_answers(request.clone()).await).expect("recorded");
    stage.hear_assignment("inspectors/HMI-002").await;
    reads_as_absent(&stage, "HMI-002").await;
    // a repeat of a request from before gives nothing back either
    assert_eq!(refused(second.record_answers(request).await), "NOT_FOUND");
    // the local list stands by itself, with scheduling away or forgetful
    stage.plan.lock().expect("lock").is_down = true;
    for (method, outcome) in every_read(&mut second, &record()).await {
        assert_eq!(
            outcome.expect_err(method).kind,
            ErrorKind::NotFound,
            "{method}"
        );
    }
}

async fn m11_an_assignment_that_only_scheduling_knows_bars_each_call(database: Database) {
    let (stage, _, _) = Stage::begun(database).await;
    let mut second = stage.hmi("HMI-002");
    assert_eq!(list(&mut second, "", 0, "").await.visit_records.len(), 1);
    let barred = "inspectors/HMI-002".to_owned();
    stage.plan.lock().expect("lock").barred.insert(barred);
    reads_as_absent(&stage, "HMI-002").await;
    assert!(refusals_audited(&stage, "HMI-002").await >= 33);
    let mut lead = stage.hmi("HMI-001");
    for (method, outcome) in every_read(&mut lead, &record()).await {
        if method != "GetAgreedContent" {
            outcome.expect(method);
        }
    }
}

async fn m11_nothing_is_read_while_the_barrier_cannot_be_asked_and_writing_goes_on(
    database: Database,
) {
    let (stage, discussion, _) = Stage::begun(database).await;
    stage.plan.lock().expect("lock").is_down = true;
    let mut lead = stage.hmi("HMI-001");
    for (method, outcome) in every_read(&mut lead, &record()).await {
        assert_eq!(
            outcome.expect_err(method).kind,
            ErrorKind::Transient,
            "{method}"
        );
    }
    let list = proto::ListVisitRecordsRequest::default();
    let fault = answer(lead.list_visit_records(list).await).expect_err("a list");
    assert_eq!(fault.kind, ErrorKind::Transient);
    let request = stage.answers(&discussion, &[("CUR-2", "words")]);
    answer(lead.record_answers(request).await).expect("written down");
}

async fn m11_a_hidden_record_leaves_no_gap_in_a_page(database: Database) {
    let stage = Stage::ready(database).await;
    {
        let mut plan = stage.plan.lock().expect("lock");
        plan.visits[1].school = "schools/999999".to_owned();
    }
    stage.hear_ready(OTHER_VISIT, 1).await;
    let mut second = stage.hmi("HMI-002");
    let first = list(&mut second, "", 1, "").await;
    assert_eq!(first.visit_records[0].visit, format!("visits/{VISIT}"));
    assert!(!first.next_page_token.is_empty());
    stage.hear_assignment("inspectors/HMI-002").await;
    let page = list(&mut second, "state = AWAITING_ARRIVAL", 1, "").await;
    assert_eq!(page.visit_records[0].visit, format!("visits/{OTHER_VISIT}"));
    assert_eq!(page.next_page_token, "");
    let hidden = list(&mut second, "school = schools/123166", 0, "").await;
    assert_eq!(hidden.visit_records.len(), 0);
}

async fn m11_no_other_role_reads_an_answer(database: Database) {
    let stage = Stage::complete(database).await;
    for role in Role::ALL {
        if role == Role::Hmi {
            continue;
        }
        // even under the code of an inspector of the team
        let mut client = stage.client("HMI-001", role);
        let list = proto::ListAnswersRequest {
            parent: record(),
            ..Default::default()
        };
        let fault = answer(client.list_answers(list).await).expect_err("refused");
        assert_eq!(fault.kind, ErrorKind::Forbidden, "{role}");
        let write = client.record_departure(stage.depart()).await;
        assert_eq!(
            answer(write).expect_err("refused").kind,
            ErrorKind::Forbidden,
            "{role}"
        );
        let get = proto::GetVisitRecordRequest { name: record() };
        let read = answer(client.get_visit_record(get).await);
        assert_eq!(read.is_ok(), role == Role::Service, "{role}");
        let content = proto::GetAgreedContentRequest {
            name: record(),
            version: 1,
        };
        let read = answer(client.get_agreed_content(content).await);
        assert_eq!(read.is_ok(), role == Role::Service, "{role}");
        let import = proto::ImportVisitFormRequest {
            toml: visits_recording::FIRST_FORM.to_owned(),
            request_id: stage.request_id(),
        };
        let imported = answer(client.import_visit_form(import).await);
        assert_eq!(imported.is_ok(), role == Role::Scheduler, "{role}");
    }
    assert!(refusals_audited(&stage, "HMI-001").await >= 7 * 2);
}

async fn m11_m38_insight_reads_complete_visits_without_whom_the_answers_came_from(
    database: Database,
) {
    let list = || proto::ListDeidentifiedAnswersRequest {
        parent: record(),
        ..Default::default()
    };
    let (begun, _, _) = Stage::begun(database).await;
    let mut early = begun.client("service:insights", Role::Service);
    assert_eq!(
        refused(early.list_deidentified_answers(list()).await),
        "NOT_FOUND"
    );

    let stage = Stage::complete(database).await;
    let mut client = stage.client("service:insights", Role::Service);
    let read = answer(client.list_deidentified_answers(list()).await).expect("answers");
    assert_eq!(read.answers.len(), 1);
    assert_eq!(read.answers[0].text, MARKER);
    assert_eq!(read.form_version, "2020-09");
    let shown = format!("{read:?}");
    assert!(
        !shown.contains("HMI-") && !shown.contains("Head"),
        "{shown}"
    );
    // researchers read them in insights, where they don't learn which visit they are of
    for (principal, role) in [("HMI-001", Role::Hmi), ("researcher-1", Role::Researcher)] {
        let mut client = stage.client(principal, role);
        let fault = answer(client.list_deidentified_answers(list()).await).expect_err("not theirs");
        assert_eq!(fault.kind, ErrorKind::Forbidden);
    }
}

async fn m11_access_ends_ten_working_days_after_the_last_letter(database: Database) {
    let mut stage = Stage::complete(database).await;
    let day =
        |month, day| -> Timestamp { london::instant(date(2020, month, day), time(12, 0, 0, 0)) };
    stage.bench.clock.advance_to(day(10, 30));
    stage.hear_letter(1, day(10, 30)).await;
    stage.bench.clock.advance_to(day(11, 3));
    stage.hear_letter(2, day(11, 3)).await;
    stage.restart().await;
    let end = day(11, 17);
    let mut lead = stage.hmi("HMI-001");
    stage
        .bench
        .clock
        .advance_to(end - visits_core::SignedDuration::from_micros(1));
    stage.bench.settle().await;
    for (method, outcome) in every_read(&mut lead, &record()).await {
        outcome.expect(method);
    }
    // the hour itself ends it, before the timer has said so
    stage.bench.clock.advance_to(end);
    reads_as_absent(&stage, "HMI-001").await;
    stage.bench.settle().await;
    reads_as_absent(&stage, "HMI-001").await;
    let audit = stage
        .durable
        .audit_page(Some(&record()), 0)
        .await
        .expect("audit");
    let ended = audit.iter().filter(|row| row.action == "EndAccess").count();
    assert_eq!(ended, 1);
    // insight goes on
    let mut list = proto::ListDeidentifiedAnswersRequest {
        parent: record(),
        ..Default::default()
    };
    let mut insights = stage.client("service:insights", Role::Service);
    answer(insights.list_deidentified_answers(list.clone()).await).expect("answers");
    list.order_by = "given_time".to_owned();
    let ordered = insights.list_deidentified_answers(list).await;
    let what = "M30: nobody chooses their order";
    assert_eq!(refused(ordered), "FIELDS_INVALID", "{what}");
}

async fn m11_m31_inspectors_of_the_nfd_read_answers_only_if_they_were_on_the_visit(
    database: Database,
) {
    let (stage, _, _) = Stage::begun(database).await;
    stage.clock(12, 0);
    stage.hear_decision(VISIT, true, at(11, 50)).await;
    let list = || proto::ListAnswersRequest {
        parent: record(),
        ..Default::default()
    };
    let own = answer(stage.hmi("HMI-002").list_answers(list()).await).expect("was there");
    assert_eq!(own.answers.len(), 1);
    assert_eq!(
        refused(stage.hmi("HMI-009").list_answers(list()).await),
        "NOT_FOUND"
    );
}

async fn m11_who_leaves_the_team_before_the_visit_is_over_leaves_the_record(database: Database) {
    let (stage, _, _) = Stage::begun(database).await;
    {
        let mut plan = stage.plan.lock().expect("lock");
        plan.visits[0].inspectors = vec!["inspectors/HMI-001".to_owned()];
    }
    let event = visits_proto::scheduling::v1::TeamChanged {
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
    reads_as_absent(&stage, "HMI-002").await;
}

async fn m11_a_step_asks_again_whose_record_it_is(database: Database) {
    use visits_recording::app::{App, step};
    use visits_recording::domain::{Command, VisitId};
    let (stage, _, _) = Stage::begun(database).await;
    stage.hear_assignment("inspectors/HMI-002").await;
    let app = App {
        durable: stage.durable.clone(),
        policy: std::sync::Arc::new(visits_recording::Policy::default()),
    };
    for (inspector, allowed) in [("HMI-001", true), ("HMI-002", false), ("HMI-003", false)] {
        let cause = visits_durable::Cause::request(
            Actor::new(inspector, Role::Hmi),
            "RecordDeparture",
            VISIT,
            &stage.depart(),
        );
        let intent = step::Intent {
            visit: VisitId(VISIT),
            command: Command::RecordDeparture {
                at: None,
                reason: String::new(),
            },
            etag: String::new(),
        };
        let outcome = step::ask(&app, cause, intent, |outcome| outcome.record.version).await;
        let kind = outcome.map_err(|fault| fault.kind);
        assert_eq!(kind.is_ok(), allowed, "{inspector}: {kind:?}");
        assert!(allowed || kind == Err(ErrorKind::NotFound));
    }
}

on_every_database!(
    m11_a_step_asks_again_whose_record_it_is,
    m11_another_teams_inspector_reads_a_record_as_absent,
    m11_an_assignment_that_was_heard_of_ends_access_at_once,
    m11_an_assignment_that_only_scheduling_knows_bars_each_call,
    m11_nothing_is_read_while_the_barrier_cannot_be_asked_and_writing_goes_on,
    m11_a_hidden_record_leaves_no_gap_in_a_page,
    m11_no_other_role_reads_an_answer,
    m11_m38_insight_reads_complete_visits_without_whom_the_answers_came_from,
    m11_access_ends_ten_working_days_after_the_last_letter,
    m11_m31_inspectors_of_the_nfd_read_answers_only_if_they_were_on_the_visit,
    m11_who_leaves_the_team_before_the_visit_is_over_leaves_the_record,
);
