//! Events that come again and again, in any order and at any age, and events that nobody can
//! handle: each counts once and in order, or is parked, and nothing else suffers (X17–X19, R10, R11).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};
use uuid::Uuid;
use visits_bus::{Envelope, EventBus as _};
use visits_core::{ErrorKind, Fault, Page, SignedDuration, SortKey};
use visits_durable::sea_orm::{ConnectionTrait as _, Statement};
use visits_durable::{Cause, Consumer, Durable, ServiceParts};
use visits_testkit::{Bench, Database, on_every_database, seed};

const AGGREGATES: u128 = 5;
const EACH: i64 = 20;
/// As often as anything is sent at most.
const TIMES_MAX: usize = 50;
const TYPE: &str = "ofsted.visits.tally.v1.Counted";

/// The event of this number of an aggregate.
fn event(aggregate: u128, sequence: i64) -> Envelope {
    let at = "2020-10-23T09:00:00Z".parse().expect("an instant");
    let number = u128::from(sequence.unsigned_abs());
    Envelope {
        id: Uuid::from_u128(aggregate * 1_000 + number),
        event_type: TYPE.into(),
        source: "/services/said".into(),
        subject: format!("tallies/{aggregate}"),
        aggregate: "said".into(),
        aggregate_id: Uuid::from_u128(aggregate),
        aggregate_sequence: sequence,
        position: sequence,
        correlation_id: "visits/3".into(),
        causation_id: None,
        actor: "HMI-001".into(),
        occurred_at: at,
        recorded_at: at,
        traceparent: None,
        data: json!({ "count": sequence }),
    }
}

fn poisoned(aggregate: u128, poison: &str) -> Envelope {
    Envelope {
        data: json!({ "poison": poison }),
        ..event(aggregate, 1)
    }
}

/// Writes down what it hears in the step's own audit; some of it does not agree with it.
struct Scribe(Durable);

#[async_trait]
impl Consumer for Scribe {
    fn name(&self) -> &'static str {
        "scribe.counted"
    }
    fn event_type(&self) -> String {
        TYPE.to_owned()
    }
    fn patience(&self) -> Duration {
        Duration::from_millis(100)
    }
    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        match envelope.data["poison"].as_str() {
            Some("panics") => panic!("it panics"),
            Some("hangs") => std::future::pending().await,
            Some("never works") => return Err(Fault::transient("it never works")),
            Some(_) => {
                let (kind, reason) = (ErrorKind::InvalidInput, "EVENT_UNREADABLE");
                return Err(Fault::new(kind, reason, "not what the contract says"));
            }
            None => {}
        }
        let (subject, sequence) = (envelope.subject.clone(), envelope.aggregate_sequence);
        let cause = Cause::Event {
            consumer: self.name(),
            envelope,
        };
        self.0
            .unit_of_work(cause, move |step| {
                Box::pin(async move {
                    let detail = json!({ "sequence": sequence });
                    step.audit("heard", &subject, detail).await
                })
            })
            .await
    }
}

async fn scribe(database: Database) -> (Bench, Durable) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let heard = bench.durable("scribe", Vec::new).await;
    bench
        .add(ServiceParts {
            durable: heard.clone(),
            consumes: vec!["said"],
            consumers: vec![Arc::new(Scribe(heard.clone()))],
            jobs: vec![],
            sweeps: vec![],
        })
        .await;
    (bench, heard)
}

/// The numbers of what was heard of each aggregate, in the order in which it was done.
async fn heard_by(durable: &Durable) -> BTreeMap<String, Vec<i64>> {
    let reads = durable.reads();
    let ask = "SELECT resource, detail FROM audit WHERE action = 'heard' ORDER BY serial";
    let asked = Statement::from_string(reads.get_database_backend(), ask);
    let mut heard: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for row in reads.query_all_raw(asked).await.expect("rows") {
        let resource: String = row.try_get("", "resource").expect("a resource");
        let detail: Value = row.try_get("", "detail").expect("a detail");
        let number = detail["sequence"].as_i64().expect("a number");
        heard.entry(resource).or_default().push(number);
    }
    heard
}

fn all_of(aggregates: impl Iterator<Item = u128>) -> BTreeMap<String, Vec<i64>> {
    let whole = |aggregate| (format!("tallies/{aggregate}"), (1..=EACH).collect());
    aggregates.map(whole).collect()
}

async fn x17_x18_shuffled_repeated_and_old_events_are_done_once_and_in_order(database: Database) {
    let (bench, heard) = scribe(database).await;
    let mut chance = ChaCha20Rng::seed_from_u64(seed());
    let mut way: Vec<Envelope> = Vec::new();
    for aggregate in 1..=AGGREGATES {
        for sequence in 1..=EACH {
            let times = chance.random_range(1..=TIMES_MAX);
            way.extend(std::iter::repeat_n(event(aggregate, sequence), times));
        }
    }
    way.shuffle(&mut chance);
    for part in way.chunks(97) {
        bench.bus.publish_all(part).await.expect("received");
        bench.settle().await;
    }
    // A year later, some of them once more.
    bench.clock.advance(SignedDuration::from_hours(24 * 400));
    bench.bus.publish_all(&way[..200]).await.expect("received");
    bench.settle().await;
    let expected = all_of(1..=AGGREGATES);
    assert_eq!(heard_by(&heard).await, expected, "seed {}", seed());
    assert!(heard.health().await.expect("health").is_settled());
}

async fn r5_x18_an_event_held_back_for_an_hour_holds_up_its_own_aggregate_only(database: Database) {
    let (bench, heard) = scribe(database).await;
    let held_back = event(1, 7);
    for aggregate in 1..=AGGREGATES {
        for sequence in 1..=EACH {
            let event = event(aggregate, sequence);
            if event != held_back {
                bench.bus.publish(&event).await.expect("received");
            }
        }
    }
    bench.settle().await;
    bench.clock.advance(SignedDuration::from_hours(1));
    bench.settle().await;
    let mut expected = all_of(1..=AGGREGATES);
    expected.insert("tallies/1".to_owned(), (1..=6).collect());
    assert_eq!(heard_by(&heard).await, expected);
    // R5: those behind it don't look like nothing to do.
    let stuck = heard.stuck().await.expect("what is stuck");
    assert_eq!(stuck.inbox_pending, 13);
    bench.bus.publish(&held_back).await.expect("received");
    bench.settle().await;
    assert!(heard.stuck().await.expect("nothing").is_settled());
    assert_eq!(heard_by(&heard).await, all_of(1..=AGGREGATES));
}

/// By kind of poison: how often it is tried, and the reason that operators see.
const POISONS: [(&str, i32, &str); 4] = [
    ("panics", 1, "INTERNAL"),
    ("is of another shape", 1, "EVENT_UNREADABLE"),
    ("hangs", 3, "HANDLER_HUNG"),
    ("never works", 12, "TEMPORARILY_UNAVAILABLE"),
];

async fn x19_poison_is_parked_after_few_tries_and_its_neighbours_are_as_well_as_ever(
    database: Database,
) {
    let (bench, heard) = scribe(database).await;
    for ((poison, ..), aggregate) in POISONS.iter().zip(100..) {
        let first = poisoned(aggregate, poison);
        bench.bus.publish(&first).await.expect("received");
        bench
            .bus
            .publish(&event(aggregate, 2))
            .await
            .expect("received");
    }
    for sequence in 1..=EACH {
        bench
            .bus
            .publish(&event(1, sequence))
            .await
            .expect("received");
    }
    bench.settle().await;
    assert_eq!(heard_by(&heard).await, all_of(1..=1), "at once");
    for _ in 0..12 {
        bench.clock.advance(SignedDuration::from_mins(3));
        bench.settle().await;
    }
    let page = Page {
        limit: 10,
        order: vec![SortKey::ascending("name")],
        after: None,
    };
    let mut items = heard.parked(None, &page).await.expect("parked");
    items.sort_by(|one, other| one.subject.cmp(&other.subject));
    let parked: Vec<_> = items
        .iter()
        .map(|item| (item.attempts, item.reason.as_str(), item.behind))
        .collect();
    let expected = POISONS.map(|(_, attempts, reason)| (attempts, reason, 1));
    assert_eq!(parked, expected);
    assert_eq!(heard_by(&heard).await, all_of(1..=1));
}

on_every_database!(
    x17_x18_shuffled_repeated_and_old_events_are_done_once_and_in_order,
    r5_x18_an_event_held_back_for_an_hour_holds_up_its_own_aggregate_only,
    x19_poison_is_parked_after_few_tries_and_its_neighbours_are_as_well_as_ever,
);
