//! Who reads what (M11), and what conversions are counted from (M34).

use uuid::Uuid;
use visits_core::{ErrorKind, Role};
use visits_proto::escalation::v1 as wire;
use visits_proto::recording::v1::VisitStarted;
use visits_proto::scheduling::v1::{RoutineInspectionAssigned, TeamChanged};
use visits_testkit::events::Of;
use visits_testkit::{Database, on_every_database};

use crate::house::{Client, House, OTHER_VISIT, VISIT, answer, refusal};

async fn listed(mut client: Client, filter: &str) -> usize {
    let request = wire::ListCasesRequest {
        filter: filter.into(),
        ..wire::ListCasesRequest::default()
    };
    answer(client.list_cases(request).await).cases.len()
}

/// How often the audit says that HMI-001 was refused this.
async fn refusals(house: &House, resource: &str) -> usize {
    let audit = house.durable.audit_page(Some(resource), 0).await;
    audit
        .expect("the audit")
        .into_iter()
        .filter(|entry| entry.actor == "HMI-001" && entry.outcome == "refused")
        .count()
}

async fn bar(house: &House, inspector: &str) {
    let of = Of {
        aggregate: "scheduling.inspector",
        id: Uuid::from_u128(77),
        sequence: 1,
    };
    let event = RoutineInspectionAssigned {
        inspector: format!("inspectors/{inspector}"),
        school: "schools/123166".into(),
        start_date: "2021-01-12".into(),
    };
    house.bench.send(of, &event).await;
    house.bench.settle().await;
}

async fn m11_an_inspector_reads_the_cases_of_their_own_visits_and_nfds_only(database: Database) {
    let house = House::open(database).await;
    let case = house.nfd_required().await;
    assert!(house.get(house.hmi("HMI-002"), &case).await.is_ok());
    assert_eq!(listed(house.hmi("HMI-002"), "").await, 1);
    let stranger = house
        .get(house.hmi("HMI-010"), &case)
        .await
        .expect_err("not theirs");
    assert_eq!(stranger.kind, ErrorKind::NotFound);
    assert_eq!(listed(house.hmi("HMI-010"), "").await, 0);
    let plan = wire::PlanNfdRequest {
        name: case.name.clone(),
        request_id: house.request_id(),
        etag: case.etag.clone(),
        planned_time: Some(visits_proto::timestamp(
            house.now() + visits_core::SignedDuration::from_hours(20),
        )),
        inspectors: vec!["inspectors/HMI-010".into()],
    };
    answer(house.director().plan_nfd(plan).await);
    assert!(house.get(house.hmi("HMI-010"), &case).await.is_ok());
    assert_eq!(listed(house.hmi("HMI-010"), "").await, 1);
}

async fn m11_an_inspector_with_a_routine_inspection_there_reads_nothing_and_it_is_audited(
    database: Database,
) {
    let house = House::open(database).await;
    let case = house.awaiting_decision().await;
    assert!(house.get(house.lead(), &case).await.is_ok());
    bar(&house, "HMI-001").await;
    let refused = house.get(house.lead(), &case).await.expect_err("barred");
    assert_eq!(refused.kind, ErrorKind::NotFound);
    assert_eq!(listed(house.lead(), "").await, 0);
    let withdraw = wire::WithdrawCaseRequest {
        name: case.name.clone(),
        request_id: house.request_id(),
        etag: String::new(),
        reason: "mine no more".into(),
    };
    let withdrawn = house.lead().withdraw_case(withdraw).await;
    assert_eq!(refusal(withdrawn).0, ErrorKind::NotFound);
    let raise = house.raise_request("safeguarding");
    let raised = house.lead().raise_concern(raise).await;
    assert_eq!(refusal(raised).0, ErrorKind::NotFound);
    assert!(
        house.get(house.hmi("HMI-002"), &case).await.is_ok(),
        "the others go on"
    );
    house.bench.settle().await;
    assert_eq!(
        refusals(&house, &case.name).await,
        2,
        "the read and the withdrawal"
    );
    // The refusal names the visit that was asked for, not the case that it would have joined.
    assert_eq!(refusals(&house, VISIT).await, 1, "the concern");
}

async fn m11_who_leaves_the_visits_team_reads_its_case_no_more(database: Database) {
    let house = House::open(database).await;
    let case = house.raise().await;
    let visit = Uuid::parse_str(&VISIT["visits/".len()..]).expect("a UUID");
    let of = Of {
        aggregate: "scheduling.visit",
        id: visit,
        sequence: 1,
    };
    let event = TeamChanged {
        visit: VISIT.into(),
        school: "schools/123166".into(),
        lead: "inspectors/HMI-001".into(),
        inspectors: vec!["inspectors/HMI-001".into(), "inspectors/HMI-005".into()],
    };
    house.bench.send(of, &event).await;
    house.bench.settle().await;
    let left = house
        .get(house.hmi("HMI-002"), &case)
        .await
        .expect_err("left");
    assert_eq!(left.kind, ErrorKind::NotFound);
    assert!(house.get(house.hmi("HMI-005"), &case).await.is_ok());
    house.assert_at_rest().await;
}

async fn m28_a_director_reads_their_own_regions_cases_only(database: Database) {
    let house = House::open(database).await;
    let case = house.raise().await;
    let request = wire::RaiseConcernRequest {
        visit: OTHER_VISIT.into(),
        ..house.raise_request("leadership-and-management")
    };
    let other = answer(house.hmi("HMI-003").raise_concern(request).await);
    assert!(house.get(house.director(), &case).await.is_ok());
    let elsewhere = house
        .get(house.director(), &other)
        .await
        .expect_err("London's");
    assert_eq!(elsewhere.kind, ErrorKind::NotFound);
    assert_eq!(listed(house.director(), "").await, 1);
    assert_eq!(listed(house.desk(), "").await, 2);
    assert_eq!(
        listed(house.desk(), "region = london AND state = OPEN").await,
        1
    );
    assert_eq!(listed(house.desk(), "state = AWAITING_DECISION").await, 0);
}

async fn a_list_is_paged_without_loss_or_repeat(database: Database) {
    let house = House::open(database).await;
    house.raise().await;
    let request = wire::RaiseConcernRequest {
        visit: OTHER_VISIT.into(),
        ..house.raise_request("safeguarding")
    };
    answer(house.hmi("HMI-003").raise_concern(request).await);
    let mut page = wire::ListCasesRequest {
        page_size: 1,
        ..wire::ListCasesRequest::default()
    };
    let mut visits = Vec::new();
    loop {
        let answered = answer(house.desk().list_cases(page.clone()).await);
        visits.extend(answered.cases.into_iter().map(|case| case.visit));
        if answered.next_page_token.is_empty() {
            break;
        }
        page.page_token = answered.next_page_token;
    }
    assert_eq!(visits, [OTHER_VISIT, VISIT], "newest first");
}

async fn a_role_that_does_not_cover_the_method_is_told_so(database: Database) {
    let house = House::open(database).await;
    let case = house.raise().await;
    for role in [
        Role::Scheduler,
        Role::Researcher,
        Role::Auditor,
        Role::Operator,
        Role::Publisher,
    ] {
        let refused = house.get(house.client("somebody", role), &case).await;
        assert_eq!(refused.expect_err("refused").kind, ErrorKind::Forbidden);
    }
}

async fn m34_the_conversion_rate_is_over_visits_begun_and_alarms_above_the_limit(
    database: Database,
) {
    let house = House::with(database, &[("CONVERSION__MINIMUM_VISITS", "2")]).await;
    for number in 1..=3_u128 {
        let visit = Uuid::from_u128(number);
        let of = Of {
            aggregate: "recording.record",
            id: visit,
            sequence: 1,
        };
        let event = VisitStarted {
            visit: format!("visits/{visit}"),
            school: "schools/123166".into(),
            started_time: Some(visits_proto::timestamp(house.now())),
            ..VisitStarted::default()
        };
        house.bench.send(of, &event).await;
        // Twice is normal.
        house.bench.send(of, &event).await;
    }
    house.bench.settle().await;
    house.nfd_required().await;
    let request = wire::GetConversionRateRequest {};
    let rate = answer(house.director().get_conversion_rate(request).await);
    assert_eq!((rate.visits_begun, rate.visits_converted), (3, 1));
    assert!(rate.above_limit);
    assert!(
        rate.percent
            .is_some_and(|percent| (33.0..34.0).contains(&percent))
    );
    assert_eq!(house.count_said("ConversionLimitExceeded").await, 1);
}

on_every_database!(
    m11_an_inspector_reads_the_cases_of_their_own_visits_and_nfds_only,
    m11_an_inspector_with_a_routine_inspection_there_reads_nothing_and_it_is_audited,
    m11_who_leaves_the_visits_team_reads_its_case_no_more,
    m28_a_director_reads_their_own_regions_cases_only,
    a_list_is_paged_without_loss_or_repeat,
    a_role_that_does_not_cover_the_method_is_told_so,
    m34_the_conversion_rate_is_over_visits_begun_and_alarms_above_the_limit,
);
