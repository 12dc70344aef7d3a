//! The call on the school day before: its timer across clock changes and restarts, attempts, the
//! sheet, the steps.

use visits_proto::scheduling::v1 as proto;
use visits_proto::scheduling::v1::call::State as CallState;
use visits_proto::scheduling::v1::visit::State;
use visits_testkit::{Database, on_every_database};

use crate::stage::{LEAD, MARKER, Stage, answer, refused};

async fn call_state(stage: &Stage, name: &str) -> CallState {
    stage.visit(name).await.call.expect("a call").state()
}

/// Planned in summer time, called about in winter time, with a restart in between.
async fn m13_the_call_is_due_at_10_00_across_the_autumn_clock_change(database: Database) {
    let mut stage = Stage::new(database).await;
    let visit = stage.planned("2020-11-03").await;
    stage.bench.run_until("2020-10-25T12:00:00Z").await;
    stage.restart().await;
    stage.bench.run_until("2020-11-02T09:59:59Z").await;
    assert_eq!(call_state(&stage, &visit.name).await, CallState::Scheduled);
    assert_eq!(stage.said(&visit.name).await, ["VisitPlanned"]);
    stage.bench.run_until("2020-11-02T10:00:00Z").await;
    assert_eq!(call_state(&stage, &visit.name).await, CallState::Due);
    assert_eq!(stage.said(&visit.name).await, ["VisitPlanned", "CallDue"]);
}

async fn m13_the_call_is_due_at_10_00_across_the_spring_clock_change(database: Database) {
    let mut stage = Stage::at(database, "2021-03-19T12:00:00Z").await;
    let visit = stage.planned("2021-03-30").await;
    stage.restart().await;
    stage.bench.run_until("2021-03-29T08:59:59Z").await;
    assert_eq!(call_state(&stage, &visit.name).await, CallState::Scheduled);
    stage.bench.run_until("2021-03-29T09:00:00Z").await;
    assert_eq!(call_state(&stage, &visit.name).await, CallState::Due);
}

/// A timer that came due while nothing ran fires once, late.
async fn m13_a_call_that_came_due_while_nothing_ran_is_due_once(database: Database) {
    let mut stage = Stage::new(database).await;
    let visit = stage.planned("2020-10-13").await;
    stage.bench.kill();
    stage.clock("2020-10-12T09:40:00Z");
    stage.restart().await;
    stage.bench.settle().await;
    stage.bench.settle().await;
    assert_eq!(stage.said(&visit.name).await, ["VisitPlanned", "CallDue"]);
}

async fn attempt(stage: &Stage, name: &str) -> proto::Visit {
    let request = proto::RecordCallAttemptRequest {
        name: name.to_owned(),
        request_id: stage.request_id(),
        ..Default::default()
    };
    answer(stage.hmi(LEAD).record_call_attempt(request).await).expect("recorded")
}

async fn m13_with_no_contact_by_16_00_the_visit_cannot_start(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.planned("2020-10-13").await;
    stage.bench.run_until("2020-10-12T09:00:00Z").await;
    let tried = attempt(&stage, &visit.name).await;
    let call = tried.call.expect("a call");
    let next = visits_proto::instant(call.next_attempt_time.as_ref()).expect("an instant");
    assert_eq!(next.to_string(), "2020-10-12T09:20:00Z", "20 minutes later");
    stage.bench.run_until("2020-10-12T09:20:00Z").await;
    attempt(&stage, &visit.name).await;
    stage.bench.run_until("2020-10-12T14:59:59Z").await;
    let late = stage.visit(&visit.name).await;
    let told = late.call.expect("a call").duty_desk_told_time;
    let told = visits_proto::instant(told.as_ref()).expect("told");
    assert_eq!(told.to_string(), "2020-10-12T11:00:00Z", "after 12:00");
    stage.bench.run_until("2020-10-12T15:00:00Z").await;
    let lost = stage.visit(&visit.name).await;
    assert_eq!(
        lost.call.as_ref().expect("a call").state(),
        CallState::NotReached
    );
    let code = proto::review_flag::Code::CallNotReached;
    assert_eq!(lost.review_flags[0].code(), code);
    assert_eq!(
        refused(stage.start_call(&visit.name).await),
        "CALL_NOT_REACHED"
    );
    let again = proto::RescheduleVisitRequest {
        name: visit.name.clone(),
        visit_date: "2020-10-15".to_owned(),
        reason: "nobody was reached".to_owned(),
        request_id: stage.request_id(),
        ..Default::default()
    };
    answer(stage.planner().reschedule_visit(again).await).expect("another date");
    assert_eq!(
        stage.said(&visit.name).await,
        [
            "VisitPlanned",
            "CallDue",
            "CallDue",
            "CallDue",
            "DutyDeskTold",
            "CallNotReached",
            "VisitRescheduled"
        ]
    );
}

async fn m13_the_school_can_ask_to_be_called_later_that_day(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.planned("2020-10-13").await;
    stage.bench.run_until("2020-10-12T09:00:00Z").await;
    let later = |time: &str| proto::RearrangeCallRequest {
        name: visit.name.clone(),
        call_time: time.to_owned(),
        request_id: stage.request_id(),
        ..Default::default()
    };
    let outcome = answer(stage.hmi(LEAD).rearrange_call(later("16:30")).await);
    assert_eq!(refused(outcome), "CALL_TIME_OUTSIDE");
    let moved = answer(stage.hmi(LEAD).rearrange_call(later("14:00")).await).expect("moved");
    assert_eq!(moved.call.expect("a call").call_time, "14:00");
    stage.bench.run_until("2020-10-12T13:00:00Z").await;
    assert_eq!(
        stage.said(&visit.name).await,
        ["VisitPlanned", "CallDue", "CallDue"],
        "and the duty desk is not told"
    );
}

async fn the_calls_of_a_day_are_listed_until_they_are_made(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.planned("2020-10-13").await;
    stage.clock("2020-10-12T09:05:00Z");
    let due = proto::ListCallsDueRequest::default();
    let listed = answer(stage.hmi(LEAD).list_calls_due(due.clone()).await).expect("a list");
    assert_eq!(listed.visits[0].name, visit.name);
    let other = answer(stage.hmi("HMI-004").list_calls_due(due.clone()).await).expect("a list");
    assert!(other.visits.is_empty(), "an inspector sees their own");
    stage.bench.settle().await;
    stage.start_call(&visit.name).await.expect("begun");
    stage.record_steps(&visit.name).await;
    stage.complete_call(&visit.name).await.expect("completed");
    let listed = answer(stage.planner().list_calls_due(due).await).expect("a list");
    assert!(listed.visits.is_empty());
    let whole_day = proto::ListCallsDueRequest {
        include_ended: true,
        ..Default::default()
    };
    let listed = answer(stage.hmi(LEAD).list_calls_due(whole_day.clone()).await).expect("a list");
    let made = listed.visits[0].call.as_ref().expect("a call");
    assert_eq!(made.state(), proto::call::State::Done);
    let other = answer(stage.hmi("HMI-004").list_calls_due(whole_day).await).expect("a list");
    assert!(other.visits.is_empty(), "and of the whole day their own");
}

async fn m14_m15_m18_the_sheet_holds_the_script_the_pack_and_the_controls(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.planned("2020-10-13").await;
    stage.bench.run_until("2020-10-12T09:00:00Z").await;
    stage.start_call(&visit.name).await.expect("begun");
    stage.record_steps(&visit.name).await;
    stage.record_controls(&visit.name).await.expect("recorded");
    let request = proto::GetCallSheetRequest {
        name: format!("{}/callSheet", visit.name),
    };
    let sheet = answer(stage.hmi("HMI-002").get_call_sheet(request).await).expect("a sheet");
    assert_eq!(sheet.script_version, "2020-09-29");
    assert!(
        sheet
            .notice
            .contains("not an educationally focused conversation"),
        "M16"
    );
    assert!(
        sheet.steps.iter().all(|step| step.recorded_time.is_some()),
        "M14"
    );
    let controls = sheet.system_of_controls.expect("the controls");
    assert!(controls.measures[0].arrangement.contains(MARKER), "M15");
    let pack = sheet.context_pack.expect("the pack");
    assert_eq!(pack.previous_grade(), proto::PreviousGrade::Good);
    assert_eq!(
        pack.previous_report_uri,
        "https://reports.example/provider/123166"
    );
    assert_eq!(pack.idaci_quintile, Some(1));
    assert_eq!(pack.school_type, "Community school");
    assert_eq!(pack.phase(), proto::Phase::Primary);
    assert_eq!(pack.pupils_on_roll, Some(210));
}

async fn m18_the_pack_is_frozen_when_the_call_begins(database: Database) {
    use crate::stage::{REGISTER, Source};
    let stage = Stage::new(database).await;
    let visit = stage.planned("2020-10-13").await;
    let fuller = REGISTER.replace(",2,210,J", ",2,233,J");
    stage
        .upload(Source::Gias, fuller.as_bytes())
        .await
        .expect("imported");
    stage.bench.run_until("2020-10-12T09:00:00Z").await;
    stage.start_call(&visit.name).await.expect("begun");
    stage
        .upload(Source::Gias, REGISTER.as_bytes())
        .await
        .expect("imported");
    let pack = stage.visit(&visit.name).await.context_pack.expect("frozen");
    assert_eq!(pack.pupils_on_roll, Some(233));
}

async fn m14_the_call_ends_when_its_required_steps_are_recorded(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.planned("2020-10-13").await;
    stage.bench.run_until("2020-10-12T09:00:00Z").await;
    stage.start_call(&visit.name).await.expect("begun");
    assert_eq!(
        refused(stage.complete_call(&visit.name).await),
        "CALL_STEPS_MISSING"
    );
    stage.record_steps(&visit.name).await;
    let called = stage.complete_call(&visit.name).await.expect("completed");
    assert_eq!(called.state(), State::Called);
    assert_eq!(
        stage.said(&visit.name).await,
        ["VisitPlanned", "CallDue", "CallCompleted"]
    );
}

async fn m8_m14_a_call_keeps_the_script_with_which_it_began(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.planned("2020-10-13").await;
    let later = stage.planned_elsewhere("2020-10-20").await;
    stage.bench.run_until("2020-10-12T09:00:00Z").await;
    stage.start_call(&visit.name).await.expect("begun");
    let newer = visits_scheduling::FIRST_CALL_SCRIPT
        .replace("version = \"2020-09-29\"", "version = \"2020-10-13\"")
        .replace(
            "effective_date = \"2020-09-01\"",
            "effective_date = \"2020-10-13\"",
        );
    let import = proto::ImportCallScriptRequest {
        content: newer,
        request_id: stage.request_id(),
    };
    answer(stage.planner().import_call_script(import).await).expect("imported, no redeploy");
    let version = |visit: proto::Visit| visit.call.expect("a call").script_version;
    assert_eq!(version(stage.record_steps(&visit.name).await), "2020-09-29");
    stage.bench.run_until("2020-10-19T09:00:00Z").await;
    let request = proto::StartCallRequest {
        name: later.name,
        request_id: stage.request_id(),
        ..Default::default()
    };
    let begun = answer(stage.hmi("HMI-003").start_call(request).await).expect("begun");
    assert_eq!(version(begun), "2020-10-13");
    let list = proto::ListCallScriptsRequest {
        page_size: 1,
        ..Default::default()
    };
    let page = answer(stage.planner().list_call_scripts(list).await).expect("a page");
    assert_eq!(
        page.call_scripts[0].version, "2020-10-13",
        "the newest first"
    );
    assert!(!page.next_page_token.is_empty());
}

async fn only_the_lead_makes_the_call_and_another_team_sees_nothing(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.planned("2020-10-13").await;
    stage.bench.run_until("2020-10-12T09:00:00Z").await;
    for (who, reason) in [("HMI-002", "NOT_THE_LEAD"), ("HMI-004", "NOT_FOUND")] {
        let request = proto::StartCallRequest {
            name: visit.name.clone(),
            request_id: stage.request_id(),
            ..Default::default()
        };
        let outcome = answer(stage.hmi(who).start_call(request).await);
        assert_eq!(refused(outcome), reason, "{who}");
    }
}

on_every_database!(
    m13_the_call_is_due_at_10_00_across_the_autumn_clock_change,
    m13_the_call_is_due_at_10_00_across_the_spring_clock_change,
    m13_a_call_that_came_due_while_nothing_ran_is_due_once,
    m13_with_no_contact_by_16_00_the_visit_cannot_start,
    m13_the_school_can_ask_to_be_called_later_that_day,
    the_calls_of_a_day_are_listed_until_they_are_made,
    m14_m15_m18_the_sheet_holds_the_script_the_pack_and_the_controls,
    m18_the_pack_is_frozen_when_the_call_begins,
    m14_the_call_ends_when_its_required_steps_are_recorded,
    m8_m14_a_call_keeps_the_script_with_which_it_began,
    only_the_lead_makes_the_call_and_another_team_sees_nothing,
);
