//! Files of the outside world, uploaded through gRPC.

use std::fs;
use std::path::PathBuf;

use visits_core::ErrorKind;
use visits_proto::scheduling::v1 as proto;
use visits_testkit::{Database, at_every_cut, on_every_database};

use crate::stage::{OUTCOMES, REGISTER, Source, Stage, answer, refused};

fn data(path: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data");
    fs::read(folder.join(path)).expect(path)
}

fn adds_up(report: &proto::ImportReport) {
    let sum = report.imported + report.updated + report.unchanged + report.refused;
    assert_eq!(report.rows_read, sum, "{report:?}");
}

/// Every state-funded school in England, then the real outcomes of Oxfordshire.
async fn the_whole_register_and_real_outcomes_are_imported_and_again_changes_nothing(
    database: Database,
) {
    let stage = Stage::empty(database, "2020-09-28T08:00:00Z").await;
    let england = data("gias/gias-layout-2020-09-26_england_21567rows.csv.gz");
    let report = stage
        .upload(Source::Gias, &england)
        .await
        .expect("imported");
    adds_up(&report);
    assert_eq!(
        (report.rows_read, report.imported, report.refused),
        (21_567, 21_567, 0)
    );
    let outcomes =
        data("ofsted-mi/ofsted_inspections_outcomes_2017-12-31_oxfordshire_299rows_51cols.csv");
    let report = stage
        .upload(Source::OfstedMi, &outcomes)
        .await
        .expect("imported");
    adds_up(&report);
    assert_eq!(report.rows_read, 299);
    assert!(report.updated > 200, "{report:?}");
    let unknown = report.problems.iter().filter(|p| p.column == "URN").count();
    assert_eq!(
        i64::try_from(unknown),
        Ok(report.refused),
        "schools closed since"
    );
    let again = stage
        .upload(Source::OfstedMi, &outcomes)
        .await
        .expect("imported");
    assert_eq!((again.imported, again.updated), (0, 0), "idempotent");
    let list = proto::ListSchoolsRequest {
        filter: "local_authority_code = 931 AND previous_grade = OUTSTANDING".to_owned(),
        page_size: 500,
        ..Default::default()
    };
    let found = answer(stage.planner().list_schools(list).await).expect("a list");
    assert!(!found.schools.is_empty());
}

async fn a_newer_register_updates_and_keeps_what_ofsted_said(database: Database) {
    let stage = Stage::empty(database, "2020-09-28T08:00:00Z").await;
    stage
        .upload(Source::Gias, REGISTER.as_bytes())
        .await
        .expect("imported");
    let before = school(&stage, "123166").await;
    assert_eq!(
        before.previous_grade(),
        proto::PreviousGrade::NotKnown,
        "not guessed"
    );
    assert_eq!(before.idaci_quintile, None);
    stage
        .upload(Source::OfstedMi, OUTCOMES.as_bytes())
        .await
        .expect("imported");
    let newer = REGISTER
        .replace("First School", "First Academy")
        .replace("123168,", "123169,");
    let report = stage
        .upload(Source::Gias, newer.as_bytes())
        .await
        .expect("imported");
    assert_eq!(
        (report.imported, report.updated, report.unchanged),
        (1, 1, 1)
    );
    let after = school(&stage, "123166").await;
    assert_eq!(after.display_name, "First Academy");
    assert_eq!(after.previous_grade(), proto::PreviousGrade::Good);
    assert_eq!(
        school(&stage, "123168").await.display_name,
        "Closed School",
        "never deleted"
    );
}

async fn a_school_that_closes_flags_its_planned_visit(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.planned("2020-10-13").await;
    let closed = REGISTER.replace("Community school,1,2,210", "Community school,2,2,210");
    stage
        .upload(Source::Gias, closed.as_bytes())
        .await
        .expect("imported");
    let flags = stage.visit(&visit.name).await.review_flags;
    assert_eq!(flags[0].code(), proto::review_flag::Code::SchoolClosed);
    assert_eq!(flags[0].subject, "schools/123166");
}

async fn school(stage: &Stage, urn: &str) -> proto::School {
    let get = proto::GetSchoolRequest {
        name: format!("schools/{urn}"),
    };
    answer(stage.planner().get_school(get).await).expect("a school")
}

async fn m17_a_column_about_complaints_leaves_no_trace(database: Database) {
    let stage = Stage::empty(database, "2020-09-28T08:00:00Z").await;
    let lines = REGISTER.trim_end().split("\r\n").enumerate();
    let smuggled: Vec<_> = lines
        .map(|(at, line)| {
            let last = if at == 0 {
                "Complaints received"
            } else {
                "pupil-was-hit"
            };
            format!("{line},{last}")
        })
        .collect();
    let report = stage
        .upload(Source::Gias, smuggled.join("\r\n").as_bytes())
        .await
        .expect("imported");
    assert_eq!(report.imported, 3);
    let shown = format!("{report:?}{:?}", school(&stage, "123166").await);
    assert!(!shown.contains("pupil-was-hit"));
    let held = crate::twice_and_cut::everything(&stage).await;
    assert!(held.contains("First School") && !held.contains("pupil-was-hit"));
}

async fn a_bad_row_is_reported_with_its_line_and_column_and_the_rest_imported(database: Database) {
    let stage = Stage::empty(database, "2020-09-28T08:00:00Z").await;
    let bad = REGISTER.replace("123167,", "12x,");
    let report = stage
        .upload(Source::Gias, bad.as_bytes())
        .await
        .expect("imported");
    adds_up(&report);
    assert_eq!((report.imported, report.refused), (2, 1));
    let problem = &report.problems[0];
    assert_eq!((problem.line, &*problem.column), (3, "URN"));
    let unknown = OUTCOMES.replace("123166", "999999");
    let report = stage
        .upload(Source::OfstedMi, unknown.as_bytes())
        .await
        .expect("a report");
    assert_eq!((report.refused, report.problems[0].line), (1, 2));
}

async fn a_file_that_is_none_is_refused_whole(database: Database) {
    let stage = Stage::empty(database, "2020-09-28T08:00:00Z").await;
    let outcome = stage
        .upload(Source::Gias, b"URN,EstablishmentName\r\n1,2\r\n")
        .await;
    let fault = outcome.expect_err("columns are missing");
    assert_eq!(
        (fault.kind, fault.reason),
        (ErrorKind::InvalidInput, "IMPORT_COLUMNS_MISSING")
    );
    let named = data("gias/gias_BAD_2019_claim_missing-columns.csv");
    assert_eq!(
        refused(stage.upload(Source::Gias, &named).await),
        "IMPORT_NO_USABLE_ROW"
    );
    let headless = proto::ImportSchoolsRequest {
        part: Some(proto::import_schools_request::Part::Chunk(vec![1])),
    };
    let stream = tokio_stream::iter([headless]);
    let outcome = answer(stage.planner().import_schools(stream).await);
    assert_eq!(refused(outcome), "FIELDS_INVALID");
}

async fn r17_a_repeated_import_gives_the_same_report_and_a_reused_mark_is_refused(
    database: Database,
) {
    let stage = Stage::empty(database, "2020-09-28T08:00:00Z").await;
    let mark = stage.request_id();
    let first = stage
        .upload_as(&mark, Source::Gias, REGISTER.as_bytes())
        .await;
    let again = stage
        .upload_as(&mark, Source::Gias, REGISTER.as_bytes())
        .await;
    assert_eq!(first.expect("imported"), again.expect("the same"));
    let other = REGISTER.replace("First", "Other");
    let outcome = stage.upload_as(&mark, Source::Gias, other.as_bytes()).await;
    assert_eq!(refused(outcome), "REQUEST_ID_REUSED");
}

async fn r17_an_import_cut_short_at_any_place_and_repeated_counts_each_row_once(
    database: Database,
) {
    at_every_cut(|place| async move {
        let stage = Stage::empty(database, "2020-09-28T08:00:00Z").await;
        let mark = stage.request_id();
        stage.durable.cuts().after(place);
        let first = stage
            .upload_as(&mark, Source::Gias, REGISTER.as_bytes())
            .await;
        let was_cut = !stage.durable.cuts().clear();
        assert_eq!(first.is_err(), was_cut);
        let again = stage
            .upload_as(&mark, Source::Gias, REGISTER.as_bytes())
            .await;
        let report = again.expect("the repeat");
        assert_eq!(
            (report.rows_read, report.imported),
            (3, 3),
            "cut at {place}"
        );
        was_cut
    })
    .await;
}

async fn m13_bank_holidays_come_from_gov_uk_and_a_new_one_flags_what_it_hits(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.planned("2020-10-13").await;
    let import = |content: Vec<u8>| proto::ImportBankHolidaysRequest {
        content,
        request_id: stage.request_id(),
    };
    let shipped = visits_core::working_days::BANK_HOLIDAYS.as_bytes().to_vec();
    let report = answer(
        stage
            .planner()
            .import_bank_holidays(import(shipped.clone()))
            .await,
    );
    let report = report.expect("imported");
    adds_up(&report);
    assert_eq!(
        (report.imported, report.updated),
        (0, 0),
        "it ships with them"
    );
    let text = String::from_utf8(shipped).expect("text");
    let jubilee = text.replacen("2020-08-31", "2020-10-12", 1);
    let report = answer(
        stage
            .planner()
            .import_bank_holidays(import(jubilee.into_bytes()))
            .await,
    );
    assert_eq!(report.expect("imported").imported, 1);
    let flags = stage.visit(&visit.name).await.review_flags;
    assert_eq!(flags[0].code(), proto::review_flag::Code::SchoolClosed);
    let broken = answer(
        stage
            .planner()
            .import_bank_holidays(import(b"{".to_vec()))
            .await,
    );
    assert_eq!(refused(broken), "BANK_HOLIDAYS_UNREADABLE");
}

on_every_database!(
    the_whole_register_and_real_outcomes_are_imported_and_again_changes_nothing,
    a_newer_register_updates_and_keeps_what_ofsted_said,
    a_school_that_closes_flags_its_planned_visit,
    m17_a_column_about_complaints_leaves_no_trace,
    a_bad_row_is_reported_with_its_line_and_column_and_the_rest_imported,
    a_file_that_is_none_is_refused_whole,
    r17_a_repeated_import_gives_the_same_report_and_a_reused_mark_is_refused,
    r17_an_import_cut_short_at_any_place_and_repeated_counts_each_row_once,
    m13_bank_holidays_come_from_gov_uk_and_a_new_one_flags_what_it_hits,
);
