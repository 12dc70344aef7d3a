//! A school asks for deferral; the region decides by 16:00 of that day.

use visits_core::{ErrorKind, Role};
use visits_proto::scheduling::v1 as proto;
use visits_proto::scheduling::v1::deferral::{Decision, Reason};
use visits_proto::scheduling::v1::visit::State;
use visits_testkit::{Database, on_every_database};

use crate::stage::{LEAD, Stage, answer, refused};

async fn asked(stage: &Stage, name: &str) -> proto::Visit {
    let request = proto::RequestDeferralRequest {
        name: name.to_owned(),
        reason: Reason::CovidClosure.into(),
        note: "two year groups are at home".to_owned(),
        request_id: stage.request_id(),
        ..Default::default()
    };
    answer(stage.hmi(LEAD).request_deferral(request).await).expect("asked")
}

fn decision(stage: &Stage, name: &str, new_date: Option<&str>) -> proto::DecideDeferralRequest {
    proto::DecideDeferralRequest {
        name: name.to_owned(),
        decision: match new_date {
            Some(_) => Decision::Granted.into(),
            None => Decision::Refused.into(),
        },
        rationale: "as the region sees it".to_owned(),
        new_visit_date: new_date.unwrap_or_default().to_owned(),
        request_id: stage.request_id(),
        ..Default::default()
    }
}

async fn a_granted_deferral_plans_the_visit_and_its_call_again(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.called().await;
    let waiting = asked(&stage, &visit.name).await;
    assert_eq!(waiting.state(), State::DeferralRequested);
    let mut director = stage.client("RD-SOUTH-EAST", Role::RegionalDirector);
    let granted = decision(&stage, &visit.name, Some("2020-11-10"));
    let again = answer(director.decide_deferral(granted).await).expect("granted");
    assert_eq!(
        (again.state(), &*again.visit_date),
        (State::Planned, "2020-11-10")
    );
    let deferral = again.deferral.expect("the deferral");
    assert_eq!(deferral.decision(), Decision::Granted);
    assert_eq!(deferral.decided_by, "RD-SOUTH-EAST");
    assert!(again.context_pack.is_none(), "to be frozen again (M18)");
    stage.bench.run_until("2020-11-09T10:00:00Z").await;
    assert_eq!(
        stage.said(&visit.name).await,
        [
            "VisitPlanned",
            "CallDue",
            "CallCompleted",
            "DeferralRequested",
            "DeferralDecided",
            "VisitRescheduled",
            "CallDue"
        ]
    );
}

async fn a_refused_deferral_lets_the_visit_go_on(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.called().await;
    asked(&stage, &visit.name).await;
    let mut director = stage.client("RD-SOUTH-EAST", Role::RegionalDirector);
    let refusal = decision(&stage, &visit.name, None);
    let on = answer(director.decide_deferral(refusal).await).expect("refused");
    assert_eq!((on.state(), &*on.visit_date), (State::Called, "2020-10-13"));
    assert_eq!(stage.durable.pending_jobs(&visit.name).await, Ok(vec![]));
}

async fn m28_only_the_director_on_the_register_decides(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.called().await;
    asked(&stage, &visit.name).await;
    for (principal, role, reason) in [
        ("RD-LONDON", Role::RegionalDirector, "REGION_NOT_YOURS"),
        ("RD-NOBODY", Role::RegionalDirector, "REGION_NOT_YOURS"),
        ("planner-1", Role::Scheduler, "ACTION_NOT_PERMITTED"),
        (LEAD, Role::Hmi, "ACTION_NOT_PERMITTED"),
    ] {
        let mut client = stage.client(principal, role);
        let refusal = decision(&stage, &visit.name, None);
        let fault = answer(client.decide_deferral(refusal).await).expect_err("not theirs");
        assert_eq!(
            (fault.kind, fault.reason),
            (ErrorKind::Forbidden, reason),
            "{principal}"
        );
    }
}

async fn an_undecided_deferral_is_reminded_of_at_14_00_and_overdue_at_16_00(database: Database) {
    let mut stage = Stage::new(database).await;
    let visit = stage.called().await;
    asked(&stage, &visit.name).await;
    stage.bench.run_until("2020-10-12T12:59:59Z").await;
    assert_eq!(
        stage.said(&visit.name).await.len(),
        4,
        "nothing before 14:00"
    );
    stage.restart().await;
    stage.bench.run_until("2020-10-12T20:00:00Z").await;
    let said = stage.said(&visit.name).await;
    assert_eq!(said[4..], ["DeferralReminder", "DeferralOverdue"]);
    assert_eq!(
        stage.visit(&visit.name).await.state(),
        State::DeferralRequested
    );
}

async fn a_deferral_can_be_asked_for_in_the_middle_of_the_call(database: Database) {
    let stage = Stage::new(database).await;
    let visit = stage.planned("2020-10-13").await;
    stage.bench.run_until("2020-10-12T09:00:00Z").await;
    stage.start_call(&visit.name).await.expect("begun");
    let waiting = asked(&stage, &visit.name).await;
    assert_eq!(waiting.state(), State::DeferralRequested);
    let mut director = stage.client("RD-SOUTH-EAST", Role::RegionalDirector);
    let half_granted = proto::DecideDeferralRequest {
        decision: Decision::Granted.into(),
        ..decision(&stage, &visit.name, None)
    };
    let outcome = answer(director.decide_deferral(half_granted).await);
    assert_eq!(refused(outcome), "FIELDS_INVALID");
}

on_every_database!(
    a_granted_deferral_plans_the_visit_and_its_call_again,
    a_refused_deferral_lets_the_visit_go_on,
    m28_only_the_director_on_the_register_decides,
    an_undecided_deferral_is_reminded_of_at_14_00_and_overdue_at_16_00,
    a_deferral_can_be_asked_for_in_the_middle_of_the_call,
);
