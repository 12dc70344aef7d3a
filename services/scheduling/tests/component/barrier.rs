//! The information barrier (M11) as scheduling holds it, and who may do what.

use visits_core::{ErrorKind, Role};
use visits_proto::scheduling::v1 as proto;
use visits_testkit::{Database, on_every_database};

use crate::stage::{LEAD, OTHER_SCHOOL, SCHOOL, Stage, answer, refused};

async fn assign(stage: &Stage, inspector: &str, school: &str) -> proto::Inspector {
    let request = proto::AssignRoutineInspectionRequest {
        name: format!("inspectors/{inspector}"),
        school: school.to_owned(),
        start_date: "2021-02-01".to_owned(),
        request_id: stage.request_id(),
        ..Default::default()
    };
    answer(stage.planner().assign_routine_inspection(request).await).expect("recorded")
}

async fn barred(stage: &Stage, inspector: &str, school: &str) -> bool {
    let request = proto::CheckBarrierRequest {
        inspector: format!("inspectors/{inspector}"),
        school: school.to_owned(),
    };
    let mut recording = stage.client("service:recording", Role::Service);
    answer(recording.check_barrier(request).await)
        .expect("an answer")
        .barred
}

async fn m11_an_assignment_bars_at_once_and_at_that_school_alone(database: Database) {
    let stage = Stage::new(database).await;
    assert!(!barred(&stage, LEAD, SCHOOL).await);
    let assigned = assign(&stage, LEAD, SCHOOL).await;
    assert_eq!(assigned.routine_inspections[0].school, SCHOOL);
    assert!(barred(&stage, LEAD, SCHOOL).await);
    assert!(!barred(&stage, LEAD, OTHER_SCHOOL).await);
    assert!(!barred(&stage, "HMI-002", SCHOOL).await);
    let said = stage.said("inspectors/HMI-001").await;
    assert_eq!(said, ["RoutineInspectionAssigned"]);
}

async fn m11_a_barred_inspector_finds_no_visit_not_even_their_own(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.ready().await;
    let repeat = stage.controls_request(&visit.name);
    answer(
        stage
            .hmi(LEAD)
            .record_system_of_controls(repeat.clone())
            .await,
    )
    .expect("before");
    assign(&stage, LEAD, SCHOOL).await;
    let mut lead = stage.hmi(LEAD);
    let get = proto::GetVisitRequest {
        name: visit.name.clone(),
    };
    assert_eq!(
        refused(answer(lead.get_visit(get.clone()).await)),
        "NOT_FOUND"
    );
    let sheet = proto::GetCallSheetRequest {
        name: format!("{}/callSheet", visit.name),
    };
    assert_eq!(
        refused(answer(lead.get_call_sheet(sheet).await)),
        "NOT_FOUND"
    );
    let list = proto::ListVisitsRequest::default();
    let listed = answer(lead.list_visits(list.clone()).await).expect("a list");
    assert!(listed.visits.is_empty());
    // a repeat of a request from before gives nothing back either
    let outcome = answer(lead.record_system_of_controls(repeat).await);
    assert_eq!(refused(outcome), "NOT_FOUND");
    let other = answer(stage.hmi("HMI-002").list_visits(list).await).expect("a list");
    assert_eq!(other.visits.len(), 1);
    let flags = stage.visit(&visit.name).await.review_flags;
    assert_eq!(flags[0].code(), proto::review_flag::Code::InspectorBarred);
    stage.bench.settle().await;
    let audit = stage.durable.audit_page(None, 0).await.expect("the audit");
    let refusals = audit
        .iter()
        .filter(|row| row.actor == LEAD && row.outcome == "refused");
    assert!(refusals.count() >= 3, "every refusal is audited");
}

async fn m11_a_barred_or_conflicted_inspector_is_put_on_no_team(database: Database) {
    let stage = Stage::new(database).await;
    assign(&stage, LEAD, SCHOOL).await;
    let outcome = answer(
        stage
            .planner()
            .plan_visit(stage.plan_request("2020-10-13"))
            .await,
    );
    assert_eq!(refused(outcome), "INSPECTOR_BARRED");
    let declared = proto::DeclareConflictRequest {
        name: "inspectors/HMI-003".to_owned(),
        school: SCHOOL.to_owned(),
        kind: proto::inspector::conflict::Kind::Governance.into(),
        request_id: stage.request_id(),
        ..Default::default()
    };
    answer(
        stage
            .hmi("HMI-003")
            .declare_conflict(declared.clone())
            .await,
    )
    .expect("by themselves");
    let other = proto::DeclareConflictRequest {
        request_id: stage.request_id(),
        ..declared
    };
    let outcome = answer(stage.hmi("HMI-004").declare_conflict(other).await);
    assert_eq!(refused(outcome), "NOT_FOUND");
    let request = proto::PlanVisitRequest {
        lead: "inspectors/HMI-002".to_owned(),
        inspectors: vec!["inspectors/HMI-003".to_owned()],
        ..stage.plan_request("2020-10-13")
    };
    let outcome = answer(stage.planner().plan_visit(request).await);
    assert_eq!(refused(outcome), "INSPECTOR_CONFLICT");
}

async fn deny_by_default_each_role_reaches_only_what_is_its_own(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.called().await;
    for role in Role::ALL {
        let mut client = stage.client("HMI-001", role);
        let plan = proto::PlanVisitRequest {
            school: OTHER_SCHOOL.to_owned(),
            lead: "inspectors/HMI-003".to_owned(),
            inspectors: vec!["inspectors/HMI-004".to_owned()],
            ..stage.plan_request("2020-11-17")
        };
        let planned = answer(client.plan_visit(plan).await);
        assert_eq!(planned.is_ok(), role == Role::Scheduler, "{role}");
        let controls = stage.controls_request(&visit.name);
        let recorded = answer(client.record_system_of_controls(controls).await);
        assert_eq!(recorded.is_ok(), role == Role::Hmi, "{role}");
        let check = proto::CheckBarrierRequest {
            inspector: "inspectors/HMI-001".to_owned(),
            school: SCHOOL.to_owned(),
        };
        let checked = answer(client.check_barrier(check).await);
        assert_eq!(checked.is_ok(), role == Role::Service, "{role}");
        let get = proto::GetVisitRequest {
            name: visit.name.clone(),
        };
        let read = answer(client.get_visit(get).await);
        let strangers = [Role::Researcher, Role::Auditor, Role::Operator];
        assert_eq!(read.is_ok(), !strangers.contains(&role), "{role}");
        let sheet = proto::GetCallSheetRequest {
            name: format!("{}/callSheet", visit.name),
        };
        let shown = answer(client.get_call_sheet(sheet).await);
        let callers = [Role::Hmi, Role::Scheduler];
        assert_eq!(shown.is_ok(), callers.contains(&role), "{role}");
        let listed = answer(
            client
                .list_visits(proto::ListVisitsRequest::default())
                .await,
        );
        assert_eq!(listed.is_ok(), !strangers.contains(&role), "{role}");
        let assign = proto::AssignRoutineInspectionRequest {
            name: "inspectors/HMI-004".to_owned(),
            school: SCHOOL.to_owned(),
            start_date: "2021-02-01".to_owned(),
            request_id: stage.request_id(),
            ..Default::default()
        };
        let assigned = answer(client.assign_routine_inspection(assign).await);
        assert_eq!(assigned.is_ok(), role == Role::Scheduler, "{role}");
        for fault in [recorded.err(), checked.err(), read.err(), assigned.err()] {
            assert!(
                fault.is_none_or(|fault| fault.kind == ErrorKind::Forbidden),
                "{role}"
            );
        }
    }
}

async fn a_call_without_a_token_reaches_nothing(database: Database) {
    use visits_proto::scheduling::v1::scheduling_service_client::SchedulingServiceClient;
    let stage = Stage::new(database).await;
    let mut stranger = SchedulingServiceClient::new(stage.host.stranger());
    let get = proto::GetSchoolRequest {
        name: SCHOOL.to_owned(),
    };
    let fault = answer(stranger.get_school(get).await).expect_err("no token");
    assert_eq!(fault.kind, ErrorKind::Unauthenticated);
}

on_every_database!(
    m11_an_assignment_bars_at_once_and_at_that_school_alone,
    m11_a_barred_inspector_finds_no_visit_not_even_their_own,
    m11_a_barred_or_conflicted_inspector_is_put_on_no_team,
    deny_by_default_each_role_reaches_only_what_is_its_own,
    a_call_without_a_token_reaches_nothing,
);
