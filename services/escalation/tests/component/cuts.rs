//! Twice and cut: every timer, every consumer and a request are cut short at each place of their
//! step, then run again; what happened, happened once.

use uuid::Uuid;
use visits_core::SignedDuration;
use visits_durable::CUT_REASON;
use visits_proto::escalation::v1 as wire;
use visits_proto::recording::v1::VisitStarted;
use visits_proto::scheduling::v1::{RoutineInspectionAssigned, TeamChanged};
use visits_testkit::events::Of;
use visits_testkit::{Database, at_every_cut};

use crate::house::{House, VISIT, answer};

/// Longer than the first retry's delay, shorter than anything that is repeated.
const A_MOMENT: SignedDuration = SignedDuration::from_secs(10);

/// Runs the loops with a cut after `place`, then again without; whether the cut was reached.
async fn cut_then_again(house: &House, place: u32) -> bool {
    house.durable.cuts().after(place);
    if let Err(fault) = house.bench.workers.settle().await {
        assert_eq!(fault.reason, CUT_REASON, "a loop was cut itself");
    }
    let reached = !house.durable.cuts().clear();
    house.bench.clock.advance(A_MOMENT);
    house.bench.settle().await;
    reached
}

/// A case at which the timer is armed, the hours until it is due, and what it then says.
#[derive(Clone, Copy, Debug)]
enum Timer {
    DecisionReminder,
    DecisionOverdue,
    NfdWarning,
    NfdDeadline,
    NextStep,
    DeskCheck,
}

impl Timer {
    async fn arrange(self, house: &House) -> (i64, &'static str) {
        match self {
            Self::DecisionReminder => {
                house.awaiting_decision().await;
                (1, "DecisionReminder")
            }
            Self::DecisionOverdue => {
                house.awaiting_decision().await;
                (2, "DecisionOverdue")
            }
            Self::NfdWarning => {
                house.nfd_required().await;
                (24, "NfdDeadlineWarning")
            }
            Self::NfdDeadline => {
                house.nfd_required().await;
                (48, "NfdDeadlineBreached")
            }
            Self::NextStep => {
                house.acknowledge(&house.raise().await).await;
                (1, "NextStepOverdue")
            }
            Self::DeskCheck => {
                house.raise().await;
                (1, "DeskUnwatched")
            }
        }
    }
}

async fn timer_is_cut_at(database: Database, timer: Timer, place: u32) -> bool {
    let house = House::open(database).await;
    let (hours, event) = timer.arrange(&house).await;
    house.bench.settle().await;
    let due = house.now() + SignedDuration::from_hours(hours);
    // Everything that is due before runs first, undisturbed.
    let before = due - SignedDuration::from_secs(1);
    house.bench.run_until(&before.to_string()).await;
    let said = house.count_said(event).await;
    house.bench.clock.advance_to(due);
    let reached = cut_then_again(&house, place).await;
    assert_eq!(
        house.count_said(event).await,
        said + 1,
        "{timer:?} cut at {place}"
    );
    house.assert_at_rest().await;
    reached
}

#[tokio::test]
async fn a_timer_cut_anywhere_and_run_again_says_what_it_says_once() {
    for timer in [
        Timer::DecisionReminder,
        Timer::DecisionOverdue,
        Timer::NfdWarning,
        Timer::NfdDeadline,
        Timer::NextStep,
        Timer::DeskCheck,
    ] {
        let places = at_every_cut(|place| timer_is_cut_at(Database::Sqlite, timer, place)).await;
        assert!(places >= 5, "{timer:?} was cut at {places} places");
    }
}

#[tokio::test]
async fn a_page_cut_anywhere_and_run_again_goes_out_once() {
    let places = at_every_cut(async |place| {
        let house = House::open(Database::Sqlite).await;
        house.raise().await;
        house.bench.settle().await;
        house.bench.clock.advance(SignedDuration::from_mins(5));
        let reached = cut_then_again(&house, place).await;
        assert_eq!(house.pages.all().len(), 1, "cut at {place}");
        house.assert_at_rest().await;
        reached
    })
    .await;
    assert!(places >= 8, "cut at {places} places");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m29_the_deadline_cut_anywhere_on_postgresql_is_breached_once() {
    let deadline = Timer::NfdDeadline;
    at_every_cut(|place| timer_is_cut_at(Database::Postgres, deadline, place)).await;
}

#[tokio::test]
async fn m33_a_handover_cut_anywhere_and_run_again_is_handed_over_once() {
    let places = at_every_cut(async |place| {
        let house = House::with(
            Database::Sqlite,
            &[("SECTION5__ROUTINE_INSPECTION", "resumed")],
        )
        .await;
        let case = house.complete_nfd(&house.nfd_required().await).await;
        house.bench.settle().await;
        let recommend = wire::RecommendSection5Request {
            name: case.name,
            request_id: house.request_id(),
            reason: "serious".into(),
            ..wire::RecommendSection5Request::default()
        };
        answer(house.lead().recommend_section5(recommend).await);
        let reached = cut_then_again(&house, place).await;
        let feed = house.durable.feed();
        let said = feed.after(0, "escalation.section5").await.expect("feed");
        assert_eq!(said.len(), 1, "cut at {place}");
        house.assert_at_rest().await;
        reached
    })
    .await;
    assert!(places >= 5, "cut at {places} places");
}

#[tokio::test]
async fn m11_a_barrier_heard_twice_and_cut_anywhere_stands() {
    let places = at_every_cut(async |place| {
        let house = House::open(Database::Sqlite).await;
        let case = house.raise().await;
        let of = Of {
            aggregate: "scheduling.inspector",
            id: Uuid::from_u128(77),
            sequence: 1,
        };
        let event = RoutineInspectionAssigned {
            inspector: "inspectors/HMI-002".into(),
            school: "schools/123166".into(),
            start_date: "2021-01-12".into(),
        };
        house.bench.settle().await;
        house.bench.send(of, &event).await;
        house.bench.send(of, &event).await;
        let reached = cut_then_again(&house, place).await;
        assert!(
            house.get(house.hmi("HMI-002"), &case).await.is_err(),
            "cut at {place}"
        );
        house.assert_at_rest().await;
        reached
    })
    .await;
    assert!(places >= 3, "cut at {places} places");
}

#[tokio::test]
async fn m11_a_change_of_team_heard_twice_and_cut_anywhere_is_followed() {
    let places = at_every_cut(async |place| {
        let house = House::open(Database::Sqlite).await;
        let case = house.raise().await;
        let of = Of {
            aggregate: "scheduling.visit",
            id: Uuid::from_u128(7),
            sequence: 1,
        };
        let event = TeamChanged {
            visit: VISIT.into(),
            school: "schools/123166".into(),
            lead: "inspectors/HMI-001".into(),
            inspectors: vec!["inspectors/HMI-001".into(), "inspectors/HMI-005".into()],
        };
        house.bench.settle().await;
        house.bench.send(of, &event).await;
        house.bench.send(of, &event).await;
        let reached = cut_then_again(&house, place).await;
        let followed = house
            .get(house.hmi("HMI-005"), &case)
            .await
            .expect("their case");
        assert_eq!(followed.etag, "\"2\"", "changed once, cut at {place}");
        house.assert_at_rest().await;
        reached
    })
    .await;
    assert!(places >= 3, "cut at {places} places");
}

#[tokio::test]
async fn m34_a_visit_begun_heard_twice_and_cut_anywhere_counts_once() {
    let places = at_every_cut(async |place| {
        let house = House::open(Database::Sqlite).await;
        let visit = Uuid::from_u128(5);
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
        house.bench.settle().await;
        house.bench.send(of, &event).await;
        house.bench.send(of, &event).await;
        let reached = cut_then_again(&house, place).await;
        let request = wire::GetConversionRateRequest {};
        let rate = answer(house.director().get_conversion_rate(request).await);
        assert_eq!(rate.visits_begun, 1, "cut at {place}");
        house.assert_at_rest().await;
        reached
    })
    .await;
    assert!(places >= 3, "cut at {places} places");
}

#[tokio::test]
async fn m26_a_concern_cut_anywhere_and_raised_again_is_raised_once() {
    let places = at_every_cut(async |place| {
        let house = House::open(Database::Sqlite).await;
        let request = house.raise_request("safeguarding");
        house.durable.cuts().after(place);
        let first = house.lead().raise_concern(request.clone()).await;
        let reached = !house.durable.cuts().clear();
        assert_eq!(first.is_err(), reached, "cut at {place}");
        let case = answer(house.lead().raise_concern(request).await);
        assert_eq!(case.concerns.len(), 1, "cut at {place}");
        assert_eq!(house.count_said("ConcernRaised").await, 1, "cut at {place}");
        house.assert_at_rest().await;
        reached
    })
    .await;
    assert!(places >= 5, "cut at {places} places");
}
