//! A case's life through gRPC, and what the others hear of it.

use visits_core::{ErrorKind, Role};
use visits_proto::common::v1::ConcernArea;
use visits_proto::escalation::v1::case::State;
use visits_proto::escalation::v1::duty_desk_call::Outcome;
use visits_proto::escalation::v1::{self as wire, Case};
use visits_proto::scheduling::v1 as scheduling;
use visits_testkit::{Database, on_every_database};

use crate::house::{House, VISIT, answer, outcome, refusal};

async fn m26_to_m32_a_concern_becomes_an_nfd_and_its_findings(database: Database) {
    let house = House::open(database).await;
    let case = house.nfd_required().await;
    assert_eq!(case.state(), State::NfdRequired);
    assert_eq!(case.region, "regions/south-east");
    let complete = house.complete_nfd(&case).await;
    assert_eq!(complete.state(), State::NfdComplete);
    let name = complete.name.clone();
    let mut letters = house.client("service:letters", Role::Service);
    let findings = letters.get_nfd_findings(wire::GetNfdFindingsRequest { name });
    let findings = answer(findings.await);
    assert_eq!(findings.findings.len(), 1);
    assert_eq!(findings.findings[0].area(), ConcernArea::Safeguarding);
    assert!(findings.left_site_time.is_some());
    assert_eq!(
        house.said_names().await,
        [
            "ConcernRaised",
            "ConcernAcknowledged",
            "DutyDeskCallLogged",
            "DecisionRequested",
            "NfdDecided",
            "NfdStarted",
            "NfdCompleted",
        ]
    );
    house.assert_at_rest().await;
}

async fn r19_nothing_that_anybody_wrote_leaves_on_the_bus(database: Database) {
    let house = House::open(database).await;
    let case = house.nfd_required().await;
    house.complete_nfd(&case).await;
    for entry in house.said().await {
        let data = entry.data.to_string();
        assert!(!data.contains("MARKER"), "{}: {data}", entry.event_type);
        assert!(!data.contains("Larkmead"), "{}: {data}", entry.event_type);
    }
}

async fn m26_an_area_out_of_scope_is_refused_with_the_reason_over_grpc(database: Database) {
    let house = House::open(database).await;
    let request = house.raise_request("curriculum");
    let fault = outcome(house.lead().raise_concern(request).await).expect_err("out of scope");
    assert_eq!(fault.reason, "ESCALATION_AREA_OUT_OF_SCOPE");
    assert_eq!(fault.kind, ErrorKind::InvalidInput);
    assert!(
        fault
            .message
            .contains("only safeguarding, or a breakdown in leadership")
    );
    assert!(house.said().await.is_empty());
    let audit = house
        .durable
        .audit_page(Some(VISIT), 0)
        .await
        .expect("the audit");
    let reasons: Vec<_> = audit.iter().map(|entry| entry.reason.as_deref()).collect();
    assert_eq!(reasons, [Some("ESCALATION_AREA_OUT_OF_SCOPE")]);
}

async fn m26_a_concern_needs_a_visit_that_has_begun_and_a_place_on_its_team(database: Database) {
    let house = House::open(database).await;
    let refused = |state| {
        house.says.visit_state(state);
        let request = house.raise_request("safeguarding");
        async { refusal(house.lead().raise_concern(request).await) }
    };
    let ahead = refused(scheduling::visit::State::Planned).await;
    assert_eq!(ahead, (ErrorKind::WrongState, "VISIT_NOT_BEGUN"));
    let cancelled = refused(scheduling::visit::State::Cancelled).await;
    assert_eq!(cancelled, (ErrorKind::WrongState, "VISIT_CANCELLED"));
    // Ready, and it is the day: recording's word of the start may still be on its way.
    house.says.visit_state(scheduling::visit::State::Ready);
    let request = house.raise_request("safeguarding");
    let stranger = refusal(house.hmi("HMI-007").raise_concern(request).await);
    assert_eq!(stranger, (ErrorKind::Forbidden, "NOT_ON_THE_VISIT"));
    assert_eq!(house.raise().await.state(), State::Open);
}

async fn m27_no_decision_before_the_call_with_the_duty_desk(database: Database) {
    let house = House::open(database).await;
    let open = house.raise().await;
    let decided = house
        .director()
        .decide_nfd(house.decision(&open, true))
        .await;
    let expected = (ErrorKind::WrongState, "DUTY_DESK_CALL_MISSING");
    assert_eq!(refusal(decided), expected);
    let with_desk = house.acknowledge(&open).await;
    let decided = house
        .director()
        .decide_nfd(house.decision(&with_desk, true))
        .await;
    assert_eq!(refusal(decided), expected);
}

async fn m27_not_significant_after_all_withdraws_the_case_and_a_later_concern_opens_another(
    database: Database,
) {
    let house = House::open(database).await;
    let case = house.acknowledge(&house.raise().await).await;
    let withdrawn = house.call(&case, Outcome::NotSignificant).await;
    assert_eq!(withdrawn.state(), State::Withdrawn);
    let next = house.raise().await;
    assert_ne!(next.name, withdrawn.name);
    let joined = house.raise().await;
    assert_eq!(joined.name, next.name);
    assert_eq!(joined.concerns.len(), 2);
}

async fn m28_a_role_in_the_token_alone_does_not_decide(database: Database) {
    let house = House::open(database).await;
    let case = house.awaiting_decision().await;
    for principal in ["RD-LONDON", "RD-NOWHERE"] {
        let mut client = house.client(principal, Role::RegionalDirector);
        let decided = client.decide_nfd(house.decision(&case, true)).await;
        let expected = (ErrorKind::Forbidden, "NOT_THE_REGIONAL_DIRECTOR");
        assert_eq!(refusal(decided), expected, "{principal}");
    }
    let mut roleless = house.client("RD-SOUTH-EAST", Role::DutyDesk);
    let decided = roleless.decide_nfd(house.decision(&case, true)).await;
    assert_eq!(
        refusal(decided),
        (ErrorKind::Forbidden, "ACTION_NOT_PERMITTED")
    );
    let mut deputy = house.client("HMI-900", Role::RegionalDirector);
    let decided = answer(deputy.decide_nfd(house.decision(&case, true)).await);
    assert!(decided.decision.expect("decided").as_deputy);
}

async fn m28_a_decision_says_what_and_why_and_on_which_reading(database: Database) {
    let house = House::open(database).await;
    let case = house.awaiting_decision().await;
    let silent = wire::DecideNfdRequest {
        name: case.name.clone(),
        request_id: house.request_id(),
        ..wire::DecideNfdRequest::default()
    };
    let fault = outcome(house.director().decide_nfd(silent).await).expect_err("silent");
    let named: Vec<_> = fault.violations.iter().map(|v| v.field.as_str()).collect();
    assert_eq!(named, ["etag", "required", "rationale"]);
}

async fn of_two_concurrent_decisions_exactly_one_wins_and_the_other_is_told_whose(
    database: Database,
) {
    let house = House::open(database).await;
    let case = house.awaiting_decision().await;
    let mut director = house.director();
    let mut deputy = house.client("HMI-900", Role::RegionalDirector);
    let (yes, no) = (house.decision(&case, true), house.decision(&case, false));
    let (first, second) = tokio::join!(director.decide_nfd(yes), deputy.decide_nfd(no));
    let outcomes = [outcome(first), outcome(second)];
    let [winner, loser] = match outcomes {
        [Ok(won), Err(lost)] | [Err(lost), Ok(won)] => [Ok(won), Err(lost)],
        other => panic!("exactly one wins: {other:?}"),
    };
    let winner: Case = winner.expect("a winner");
    let loser = loser.expect_err("a loser");
    assert_eq!(loser.kind, ErrorKind::Conflict);
    let decided_by = winner.decision.expect("decided").decided_by;
    assert_eq!(loser.metadata["decided_by"], decided_by);
    assert_eq!(house.count_said("NfdDecided").await, 1);
}

async fn a_repeated_request_gets_the_first_answer_and_a_reused_mark_is_refused(database: Database) {
    let house = House::open(database).await;
    let request = house.raise_request("safeguarding");
    let first = answer(house.lead().raise_concern(request.clone()).await);
    house.acknowledge(&first).await;
    let again = answer(house.lead().raise_concern(request.clone()).await);
    assert_eq!(again, first, "the answer of that time");
    assert_eq!(house.count_said("ConcernRaised").await, 1);
    let other = wire::RaiseConcernRequest {
        what_was_seen: "something else".into(),
        ..request
    };
    let reused = refusal(house.lead().raise_concern(other).await);
    assert_eq!(reused, (ErrorKind::InvalidInput, "REQUEST_ID_REUSED"));
}

async fn a_stale_etag_is_a_conflict(database: Database) {
    let house = House::open(database).await;
    let open = house.raise().await;
    house.acknowledge(&open).await;
    let stale = wire::WithdrawCaseRequest {
        name: open.name.clone(),
        request_id: house.request_id(),
        etag: open.etag.clone(),
        reason: "a misunderstanding".into(),
    };
    let refused = refusal(house.lead().withdraw_case(stale).await);
    assert_eq!(refused, (ErrorKind::Conflict, "ETAG_MISMATCH"));
}

async fn m33_what_is_handed_over_is_the_school_and_the_date_once_routine_inspection_resumes(
    database: Database,
) {
    let list = wire::ListSection5RecommendationsRequest::default();
    for (resumed, handed_over, held) in [("suspended", 0, 1), ("resumed", 1, 0)] {
        let policy = [("SECTION5__ROUTINE_INSPECTION", resumed)];
        let house = House::with(database, &policy).await;
        let case = house.complete_nfd(&house.nfd_required().await).await;
        let recommend = wire::RecommendSection5Request {
            name: case.name.clone(),
            request_id: house.request_id(),
            reason: "MARKER serious".into(),
            ..wire::RecommendSection5Request::default()
        };
        answer(house.lead().recommend_section5(recommend).await);
        house.bench.settle().await;
        let mut scheduler = house.client("planner-1", Role::Scheduler);
        let listed = answer(scheduler.list_section5_recommendations(list.clone()).await);
        assert_eq!(
            listed.section5_recommendations.len(),
            handed_over,
            "{resumed}"
        );
        assert_eq!(listed.held_count, held, "{resumed}");
        let feed = house.durable.feed();
        let said = feed.after(0, "escalation.section5").await.expect("feed");
        assert_eq!(said.len(), handed_over);
        for entry in said {
            assert!(
                !entry.subject.contains("cases/") && !entry.data.to_string().contains("cases/")
            );
        }
    }
}

on_every_database!(
    m26_to_m32_a_concern_becomes_an_nfd_and_its_findings,
    r19_nothing_that_anybody_wrote_leaves_on_the_bus,
    m26_an_area_out_of_scope_is_refused_with_the_reason_over_grpc,
    m26_a_concern_needs_a_visit_that_has_begun_and_a_place_on_its_team,
    m27_no_decision_before_the_call_with_the_duty_desk,
    m27_not_significant_after_all_withdraws_the_case_and_a_later_concern_opens_another,
    m28_a_role_in_the_token_alone_does_not_decide,
    m28_a_decision_says_what_and_why_and_on_which_reading,
    of_two_concurrent_decisions_exactly_one_wins_and_the_other_is_told_whose,
    a_repeated_request_gets_the_first_answer_and_a_reused_mark_is_refused,
    a_stale_etag_is_a_conflict,
    m33_what_is_handed_over_is_the_school_and_the_date_once_routine_inspection_resumes,
);
