//! A deferral, granted by a deputy, and the visit planned again.

use visits::demo::answered::Answered as _;
use visits::demo::stage::at;
use visits::demo::stories::deferral;
use visits_journeys::topology::Topology;
use visits_journeys::{assert_at_rest, begin, on_every_topology};
use visits_proto::instant;
use visits_proto::scheduling::v1 as scheduling;

on_every_topology!(m13_m28_a_deferral_is_granted_by_the_deputy_and_the_new_call_skips_half_term,);

async fn m13_m28_a_deferral_is_granted_by_the_deputy_and_the_new_call_skips_half_term(
    topology: Topology,
) {
    let mut journey = begin(topology).await;
    let stage = &mut journey.stage;
    let visit = deferral::prepare(stage).await.expect("planned");
    stage.go_to(at(10, 15, 10, 0)).await.expect("time moves");
    deferral::play(stage, &visit).await.expect("deferred");

    let request = scheduling::GetVisitRequest {
        name: visit.clone(),
    };
    let mut client = stage.caller("scheduler").scheduling();
    let plan = client
        .get_visit(request.clone())
        .await
        .granted()
        .expect("the plan");
    assert_eq!(plan.state(), scheduling::visit::State::Planned);
    assert_eq!(plan.visit_date, "2020-11-02");
    let deferral = plan.deferral.expect("a deferral");
    assert_eq!(deferral.decision(), scheduling::deferral::Decision::Granted);
    assert_eq!(deferral.decided_by, "RD-EM-DEPUTY");
    let call = plan.call.expect("a call");
    assert_eq!(instant(call.due_time.as_ref()), Some(at(10, 23, 10, 0)));
    assert_eq!(call.skipped_days.len(), 9, "the half term and two weekends");

    let said = stage
        .said_about("scheduling.visit", &visit)
        .await
        .expect("the feed");
    for event in [
        "CallDue",
        "DeferralRequested",
        "DeferralReminder",
        "DeferralDecided",
    ] {
        assert!(said.iter().any(|name| name == event), "{event}: {said:?}");
    }
    let refused = stage
        .refusals_in_audit("scheduling")
        .await
        .expect("the audit");
    assert!(refused.iter().any(|entry| {
        entry.actor == "RD-LONDON" && entry.reason.as_deref() == Some("REGION_NOT_YOURS")
    }));

    deferral::call_again(stage, &visit)
        .await
        .expect("called again");
    let plan = client.get_visit(request).await.granted().expect("the plan");
    assert_eq!(plan.state(), scheduling::visit::State::Ready);
    assert_at_rest(stage).await;
}
