//! Planning by hand, and what can change after it.

use visits_core::{ErrorKind, Role};
use visits_proto::common::v1::Mode;
use visits_proto::scheduling::v1 as proto;
use visits_proto::scheduling::v1::visit::State;
use visits_testkit::{Database, on_every_database};

use crate::stage::{OTHER_SCHOOL, SCHOOL, Stage, answer, refused};

async fn m4_m13_m19_a_plan_says_its_team_its_call_and_its_start(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.planned("2020-10-13").await;
    assert_eq!(visit.state(), State::Planned);
    assert_eq!(
        visit.inspectors,
        ["inspectors/HMI-001", "inspectors/HMI-002"]
    );
    assert_eq!(visit.region, "south-east");
    let start = visits_proto::instant(visit.planned_start_time.as_ref()).expect("a start");
    assert_eq!(start.to_string(), "2020-10-13T09:00:00Z", "10:00 BST (M19)");
    let call = visit.call.expect("a call");
    assert_eq!(
        (&*call.call_date, &*call.call_time),
        ("2020-10-12", "10:00")
    );
    assert_eq!(call.time_zone, "Europe/London");
    assert_eq!(call.calendar_used(), proto::call::CalendarUsed::England);
    assert_eq!(stage.said(&visit.name).await, ["VisitPlanned"]);
}

async fn m4_one_or_three_inspectors_need_a_reason(database: Database) {
    let stage = Stage::new(database).await;
    let mut alone = stage.plan_request("2020-10-13");
    alone.inspectors.clear();
    let outcome = answer(stage.planner().plan_visit(alone.clone()).await);
    assert_eq!(refused(outcome), "TEAM_SIZE_NEEDS_REASON");
    alone.team_size_reason = "a school of 40 pupils".to_owned();
    alone.request_id = stage.request_id();
    let visit = answer(stage.planner().plan_visit(alone).await).expect("planned");
    assert_eq!(visit.team_size_reason, "a school of 40 pupils");
}

async fn every_field_at_fault_is_named_at_once(database: Database) {
    let stage = Stage::new(database).await;
    let wrong = proto::PlanVisitRequest {
        school: "schools/12".to_owned(),
        visit_date: "soon".to_owned(),
        lead: "Mr Smith".to_owned(),
        ..Default::default()
    };
    let fault = answer(stage.planner().plan_visit(wrong).await).expect_err("refused");
    assert_eq!(fault.kind, ErrorKind::InvalidInput);
    let named: Vec<_> = fault.violations.iter().map(|v| v.field.as_str()).collect();
    assert_eq!(
        named,
        ["school", "visit_date", "mode", "lead", "request_id"]
    );
}

async fn r17_a_repeated_plan_is_one_visit_and_a_reused_mark_is_refused(database: Database) {
    let stage = Stage::new(database).await;
    let request = stage.plan_request("2020-10-13");
    let first = answer(stage.planner().plan_visit(request.clone()).await).expect("planned");
    let again = answer(stage.planner().plan_visit(request.clone()).await).expect("the same");
    assert_eq!(first, again);
    let other = proto::PlanVisitRequest {
        visit_date: "2020-10-14".to_owned(),
        ..request
    };
    let outcome = answer(stage.planner().plan_visit(other).await);
    assert_eq!(refused(outcome), "REQUEST_ID_REUSED");
    assert_eq!(stage.said(&first.name).await, ["VisitPlanned"]);
}

async fn nobody_is_in_two_places_on_one_day(database: Database) {
    let stage = Stage::new(database).await;
    stage.planned("2020-10-13").await;
    let elsewhere = |date: &str, lead: &str, other: &str| proto::PlanVisitRequest {
        school: OTHER_SCHOOL.to_owned(),
        lead: format!("inspectors/{lead}"),
        inspectors: vec![format!("inspectors/{other}")],
        ..stage.plan_request(date)
    };
    for (date, lead, other) in [
        ("2020-10-13", "HMI-003", "HMI-002"),
        ("2020-10-14", "HMI-001", "HMI-003"),
        ("2020-10-12", "HMI-003", "HMI-001"),
    ] {
        let outcome = answer(
            stage
                .planner()
                .plan_visit(elsewhere(date, lead, other))
                .await,
        );
        assert_eq!(
            refused(outcome),
            "INSPECTOR_ENGAGED",
            "{date} {lead} {other}"
        );
    }
    let free = elsewhere("2020-10-14", "HMI-003", "HMI-002");
    answer(stage.planner().plan_visit(free).await).expect("HMI-002 makes no call");
    let same = stage.plan_request("2020-11-10");
    let outcome = answer(stage.planner().plan_visit(same).await);
    assert_eq!(refused(outcome), "SCHOOL_HAS_VISIT");
}

async fn two_plans_at_once_never_put_anybody_in_two_places(database: Database) {
    let stage = Stage::new(database).await;
    let elsewhere = proto::PlanVisitRequest {
        school: OTHER_SCHOOL.to_owned(),
        lead: "inspectors/HMI-003".to_owned(),
        ..stage.plan_request("2020-10-13")
    };
    let here = stage.plan_request("2020-10-13");
    let same_school = proto::PlanVisitRequest {
        lead: "inspectors/HMI-004".to_owned(),
        inspectors: Vec::new(),
        team_size_reason: "a small school".to_owned(),
        ..stage.plan_request("2020-10-15")
    };
    let (mut first, mut second, mut third) = (stage.planner(), stage.planner(), stage.planner());
    let (here, elsewhere, same_school) = tokio::join!(
        first.plan_visit(here),
        second.plan_visit(elsewhere),
        third.plan_visit(same_school)
    );
    let planned = |outcome: &Result<_, _>| u32::from(outcome.is_ok());
    assert!(
        planned(&here) + planned(&elsewhere) <= 1,
        "HMI-002 is in one place"
    );
    assert!(
        planned(&here) + planned(&same_school) <= 1,
        "one visit a school"
    );
    let list = answer(
        stage
            .planner()
            .list_visits(proto::ListVisitsRequest::default())
            .await,
    )
    .expect("a list");
    let all = planned(&here) + planned(&elsewhere) + planned(&same_school);
    assert_eq!(u32::try_from(list.visits.len()), Ok(all));
    assert!(all >= 1);
}

async fn m13_without_bank_holidays_of_its_year_no_visit_is_planned(database: Database) {
    let stage = Stage::new(database).await;
    let far = stage.plan_request("2041-10-15");
    let outcome = answer(stage.planner().plan_visit(far).await);
    assert_eq!(refused(outcome), "BANK_HOLIDAYS_UNKNOWN");
    let closed = stage.plan_request("2020-10-28");
    let outcome = answer(stage.planner().plan_visit(closed).await);
    assert_eq!(refused(outcome), "SCHOOL_CLOSED");
}

async fn a_closed_school_and_an_unknown_one_get_no_visit(database: Database) {
    let stage = Stage::new(database).await;
    for (school, reason) in [
        ("schools/123168", "SCHOOL_NOT_OPEN"),
        ("schools/999999", "NOT_FOUND"),
    ] {
        let request = proto::PlanVisitRequest {
            school: school.to_owned(),
            ..stage.plan_request("2020-10-13")
        };
        let outcome = answer(stage.planner().plan_visit(request).await);
        assert_eq!(refused(outcome), reason);
    }
}

async fn a_visit_is_moved_changed_and_cancelled_with_reasons(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.planned("2020-10-13").await;
    let moved = proto::RescheduleVisitRequest {
        name: visit.name.clone(),
        etag: visit.etag.clone(),
        visit_date: "2020-11-03".to_owned(),
        reason: "the head is away".to_owned(),
        request_id: stage.request_id(),
    };
    let stale = proto::RescheduleVisitRequest {
        request_id: stage.request_id(),
        ..moved.clone()
    };
    let moved = answer(stage.planner().reschedule_visit(moved).await).expect("moved");
    assert_eq!(moved.call.as_ref().expect("a call").call_date, "2020-11-02");
    let outcome = answer(stage.planner().reschedule_visit(stale).await);
    assert_eq!(refused(outcome), "ETAG_MISMATCH");
    let team = proto::ChangeTeamRequest {
        name: visit.name.clone(),
        lead: "inspectors/HMI-003".to_owned(),
        inspectors: vec!["inspectors/HMI-001".to_owned()],
        reason: "the lead is ill".to_owned(),
        request_id: stage.request_id(),
        ..Default::default()
    };
    let changed = answer(stage.planner().change_team(team).await).expect("changed");
    assert_eq!(changed.lead, "inspectors/HMI-003");
    let remote = proto::ChangeModeRequest {
        name: visit.name.clone(),
        mode: Mode::Remote.into(),
        reason: "national restrictions".to_owned(),
        request_id: stage.request_id(),
        ..Default::default()
    };
    let changed = answer(stage.hmi("HMI-003").change_mode(remote).await).expect("by the lead");
    let reasons: Vec<_> = changed.changes.iter().map(|c| c.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "the head is away",
            "the lead is ill",
            "national restrictions"
        ]
    );
    let cancel = proto::CancelVisitRequest {
        name: visit.name.clone(),
        reason: proto::CancelReason::NoTeam.into(),
        request_id: stage.request_id(),
        ..Default::default()
    };
    let cancelled = answer(stage.planner().cancel_visit(cancel).await).expect("cancelled");
    assert_eq!(cancelled.state(), State::Cancelled);
    assert_eq!(stage.durable.pending_jobs(&visit.name).await, Ok(vec![]));
    stage.planned("2020-10-13").await;
    assert_eq!(
        stage.said(&visit.name).await,
        [
            "VisitPlanned",
            "VisitRescheduled",
            "TeamChanged",
            "ModeChanged",
            "VisitCancelled"
        ]
    );
}

async fn a_closure_that_hits_a_plan_flags_it_and_a_new_date_clears_the_flag(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.planned("2020-10-13").await;
    let training = proto::ImportCalendarRequest {
        name: "calendars/schools-123166".to_owned(),
        closures: vec![proto::Closure {
            first_date: "2020-10-12".to_owned(),
            last_date: "2020-10-12".to_owned(),
            kind: proto::closure::Kind::TrainingDay.into(),
        }],
        request_id: stage.request_id(),
    };
    let saved = answer(stage.planner().import_calendar(training).await).expect("saved");
    assert_eq!(saved.closures.len(), 1);
    let flagged = stage.visit(&visit.name).await;
    let code = proto::review_flag::Code::SchoolClosed;
    assert_eq!(flagged.review_flags[0].code(), code);
    assert_eq!(flagged.review_flags[0].subject, "calendars/schools-123166");
    let list = proto::ListVisitsRequest {
        filter: "flagged = true".to_owned(),
        ..Default::default()
    };
    let listed = answer(stage.planner().list_visits(list).await).expect("a list");
    assert_eq!(listed.visits.len(), 1);
    let moved = proto::RescheduleVisitRequest {
        name: visit.name.clone(),
        visit_date: "2020-10-15".to_owned(),
        reason: "training day".to_owned(),
        request_id: stage.request_id(),
        ..Default::default()
    };
    let moved = answer(stage.planner().reschedule_visit(moved).await).expect("moved");
    assert!(moved.review_flags.is_empty());
    let days = proto::GetSchoolDaysRequest {
        school: SCHOOL.to_owned(),
        from_date: "2020-10-09".to_owned(),
        to_date: "2020-10-13".to_owned(),
    };
    let mut escalation = stage.client("service:escalation", Role::Service);
    let open = answer(escalation.get_school_days(days).await).expect("days");
    assert_eq!(open.dates, ["2020-10-09", "2020-10-13"]);
}

async fn leave_that_hits_a_plan_flags_it_until_it_is_solved(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.planned("2020-10-13").await;
    let leave = proto::AddLeaveRequest {
        name: "inspectors/HMI-002".to_owned(),
        first_date: "2020-10-13".to_owned(),
        last_date: "2020-10-16".to_owned(),
        request_id: stage.request_id(),
        ..Default::default()
    };
    answer(stage.planner().add_leave(leave).await).expect("noted");
    let flag = stage.visit(&visit.name).await.review_flags[0].clone();
    assert_eq!(flag.code(), proto::review_flag::Code::InspectorAway);
    let solve = proto::SolveReviewFlagRequest {
        name: visit.name.clone(),
        code: flag.code,
        subject: flag.subject,
        resolution: "the leave was given back".to_owned(),
        request_id: stage.request_id(),
        ..Default::default()
    };
    let solved = answer(stage.planner().solve_review_flag(solve).await).expect("solved");
    assert!(solved.review_flags.is_empty());
    assert_eq!(solved.changes[0].reason, "the leave was given back");
}

/// What the other services read in the events, word by word.
async fn the_events_of_a_plan_say_who_where_and_when(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.planned("2020-10-13").await;
    let remote = proto::ChangeModeRequest {
        name: visit.name.clone(),
        mode: Mode::Remote.into(),
        reason: "national restrictions".to_owned(),
        request_id: stage.request_id(),
        ..Default::default()
    };
    answer(stage.planner().change_mode(remote).await).expect("changed");
    stage.bench.settle().await;
    let feed = stage.durable.feed();
    let said = feed.after(0, "scheduling.visit").await.expect("the feed");
    let planned: proto::VisitPlanned = said[0].decode().expect("an event");
    assert_eq!(
        planned,
        proto::VisitPlanned {
            visit: visit.name.clone(),
            school: SCHOOL.to_owned(),
            visit_date: "2020-10-13".to_owned(),
            mode: Mode::OnSite.into(),
            lead: "inspectors/HMI-001".to_owned(),
            inspectors: visit.inspectors.clone(),
            region: "south-east".to_owned(),
            call_due_time: visit.call.expect("a call").due_time,
        }
    );
    let changed: proto::ModeChanged = said[1].decode().expect("an event");
    assert_eq!(changed.mode(), Mode::Remote);
    let sequences: Vec<_> = said.iter().map(|event| event.aggregate_sequence).collect();
    assert_eq!(sequences, [1, 2]);
    assert_eq!(said[0].correlation_id, visit.name);
    assert_eq!(said[0].actor, "planner-1");
}

on_every_database!(
    the_events_of_a_plan_say_who_where_and_when,
    m4_m13_m19_a_plan_says_its_team_its_call_and_its_start,
    m4_one_or_three_inspectors_need_a_reason,
    every_field_at_fault_is_named_at_once,
    r17_a_repeated_plan_is_one_visit_and_a_reused_mark_is_refused,
    nobody_is_in_two_places_on_one_day,
    two_plans_at_once_never_put_anybody_in_two_places,
    m13_without_bank_holidays_of_its_year_no_visit_is_planned,
    a_closed_school_and_an_unknown_one_get_no_visit,
    a_visit_is_moved_changed_and_cancelled_with_reasons,
    a_closure_that_hits_a_plan_flags_it_and_a_new_date_clears_the_flag,
    leave_that_hits_a_plan_flags_it_until_it_is_solved,
);
