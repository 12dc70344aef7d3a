//! A mark goes where the events go: with their queue, and never back (X14, X15). What else can be
//! missing at the broker, and what becomes of events meanwhile (X14).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lapin::options::{ExchangeDeclareOptions, ExchangeDeleteOptions, QueueDeleteOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties, ExchangeKind};
use serde::Serialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use visits_bus::rabbit::{RabbitBus, Settings};
use visits_bus::topology::{EVENTS, queues_that_hear};
use visits_bus::{Envelope, EventBus, GivenUp, Receiver, Subscription};
use visits_core::Fault;
use visits_proto::escalation::v1::NfdDecided;
use visits_proto::letters::v1::LetterPublished;
use visits_testkit::events::{Of, envelope};
use visits_testkit::rabbit;

/// Longer than any healthy broker needs; what runs into it fails.
const PATIENCE: Duration = Duration::from_secs(30);
const FIRST: Uuid = Uuid::from_u128(1);
const SECOND: Uuid = Uuid::from_u128(2);

/// Keeps the numbers of what it hears.
struct Ears(watch::Sender<Vec<i64>>);

#[async_trait]
impl Receiver for Ears {
    async fn receive(&self, envelopes: &[Envelope]) -> Result<(), Fault> {
        self.0.send_modify(|heard| {
            for number in envelopes.iter().map(|event| event.aggregate_sequence) {
                // As the inbox does: an event that is there already is not taken twice.
                if !heard.contains(&number) {
                    heard.push(number);
                }
            }
        });
        Ok(())
    }

    async fn put_aside(&self, message: GivenUp) -> Result<(), Fault> {
        panic!("nothing here is to be given up: {message:?}")
    }
}

/// An event of this number among those of one aggregate.
fn event<M: prost::Name + Serialize>(aggregate: &str, number: i64, message: &M) -> Envelope {
    let of = Of {
        aggregate,
        id: Uuid::from_u128(2),
        sequence: number,
    };
    let at = "2020-10-23T13:30:00Z".parse().expect("an instant");
    envelope(of, message, at)
}

/// Scheduling, recording, letters and insights hear it.
fn decided(number: i64) -> Envelope {
    event("escalation.case", number, &NfdDecided::default())
}

/// As the relay does: again until it is confirmed.
async fn publish(bus: &RabbitBus, event: &Envelope) {
    let confirmed = async {
        while let Err(fault) = bus.publish(event).await {
            assert!(fault.is_retryable(), "{fault:?}");
            tokio::task::yield_now().await;
        }
    };
    let confirmed = tokio::time::timeout(PATIENCE, confirmed).await;
    confirmed.expect("confirmed");
}

/// A publisher's bus, and an operator's way to the same broker.
struct Scene {
    url: String,
    bus: RabbitBus,
    operator: Channel,
    connection: Connection,
}

impl Scene {
    async fn new() -> Self {
        let url = tokio::task::block_in_place(rabbit::new_vhost);
        let connection = Connection::connect(&url, ConnectionProperties::default()).await;
        let connection = connection.expect("connected");
        Self {
            bus: process(&url),
            url,
            operator: connection.create_channel().await.expect("a channel"),
            connection,
        }
    }

    async fn remembers(&self, mark: Uuid) -> bool {
        self.bus.remembers(mark).await.expect("the broker answers")
    }

    async fn delete(&self, queue: &str) {
        let options = QueueDeleteOptions::default();
        let deleted = self.operator.queue_delete(queue.into(), options).await;
        deleted.expect("deleted");
    }

    /// Takes away what brings this type of event into a queue.
    async fn unbind(&self, queue: &str, event_type: &str) {
        let none = FieldTable::default();
        let unbound =
            self.operator
                .queue_unbind(queue.into(), EVENTS.into(), event_type.into(), none);
        unbound.await.expect("unbound");
    }

    /// Whether the exchange of all events is there.
    async fn has_exchange(&self) -> bool {
        // A channel of its own: the broker closes it if the exchange is not there.
        let channel = self.connection.create_channel().await.expect("a channel");
        let options = ExchangeDeclareOptions {
            passive: true,
            ..ExchangeDeclareOptions::default()
        };
        let none = FieldTable::default();
        let found = channel.exchange_declare(EVENTS.into(), ExchangeKind::Topic, options, none);
        found.await.is_ok()
    }

    /// The numbers of what comes to a group, in the order in which it came, once there are `wanted`.
    async fn heard_by(&self, group: &'static str, wanted: usize) -> Vec<i64> {
        let ears = Arc::new(Ears(watch::Sender::new(Vec::new())));
        let subscription = Subscription {
            group,
            aggregates: vec!["escalation.case", "letters.letter"],
            receiver: ears.clone(),
        };
        self.bus.subscribe(subscription).await.expect("subscribed");
        let mut heard = ears.0.subscribe();
        let enough = heard.wait_for(|heard| heard.len() >= wanted);
        let heard = tokio::time::timeout(PATIENCE, enough).await;
        heard.expect("they come").expect("the ears live").clone()
    }
}

/// The bus of a process of escalation's.
fn process(url: &str) -> RabbitBus {
    let settings = Settings {
        url: url.to_owned(),
        service: "escalation",
    };
    RabbitBus::new(settings, CancellationToken::new())
}

#[test]
fn each_service_has_its_marks_where_it_is_heard() {
    let of_letters = queues_that_hear("letters");
    assert_eq!(of_letters, ["recording.events"]);
    let of_escalation = queues_that_hear("escalation");
    let heard = ["scheduling", "recording", "letters", "insights"];
    assert_eq!(of_escalation, heard.map(|group| format!("{group}.events")));
    assert!(queues_that_hear("insights").is_empty(), "it says nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x14_a_deleted_queue_takes_its_mark_along_and_another_queue_does_not() {
    let scene = Scene::new().await;
    assert!(!scene.remembers(FIRST).await, "it was never set");
    scene.bus.set_mark(FIRST, None).await.expect("set");
    assert!(scene.remembers(FIRST).await);
    scene.delete("escalation.events").await;
    assert!(scene.remembers(FIRST).await, "it doesn't hear escalation");

    scene.delete("letters.events").await;
    assert!(!scene.remembers(FIRST).await);
    // Whoever declares the queue again, its mark is gone for good.
    let set = scene.bus.set_mark(SECOND, Some(FIRST)).await;
    assert!(set.is_err(), "there is no queue to mark: {set:?}");
    scene.bus.set_mark(SECOND, Some(FIRST)).await.expect("set");
    assert!(!scene.remembers(FIRST).await);
    assert!(scene.remembers(SECOND).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x14_whoever_takes_a_binding_of_a_mark_away_takes_the_mark_away() {
    let scene = Scene::new().await;
    scene.bus.set_mark(FIRST, None).await.expect("set");
    let mark = format!("marks.escalation.letters.events.{}", FIRST.simple());
    let none = FieldTable::default();
    let unbound =
        scene
            .operator
            .queue_unbind("letters.events".into(), mark.into(), "".into(), none);
    unbound.await.expect("unbound");
    assert!(!scene.remembers(FIRST).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x14_a_missing_exchange_is_declared_again_and_costs_no_mark() {
    let scene = Scene::new().await;
    scene.bus.set_mark(FIRST, None).await.expect("set");
    let options = ExchangeDeleteOptions::default();
    let deleted = scene.operator.exchange_delete(EVENTS.into(), options).await;
    deleted.expect("deleted");
    assert!(!scene.has_exchange().await);
    assert!(scene.remembers(FIRST).await, "no queue was lost");

    let refused = scene.bus.publish(&decided(1)).await;
    let fault = refused.expect_err("what has nowhere to go is not confirmed");
    assert!(fault.is_retryable(), "{fault:?}");
    // The relay tries again, over a connection that declares everything.
    publish(&scene.bus, &decided(1)).await;
    assert!(scene.has_exchange().await);
    publish(&scene.bus, &decided(2)).await;
    assert_eq!(scene.heard_by("letters", 2).await, [1, 2]);
    assert!(scene.remembers(FIRST).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x14_an_event_whose_only_binding_is_missing_is_not_confirmed_until_it_is_bound_again() {
    let scene = Scene::new().await;
    // Nothing to send: connecting declares everything.
    scene.bus.publish_all(&[]).await.expect("connected");
    // Recording alone hears it.
    let published = event("letters.letter", 1, &LetterPublished::default());
    scene
        .unbind("recording.events", &published.event_type)
        .await;
    let refused = scene.bus.publish(&published).await;
    let fault = refused.expect_err("it stays in the outbox");
    assert!(fault.is_retryable(), "{fault:?}");
    assert!(fault.message.contains("no queue is bound"), "{fault}");
    publish(&scene.bus, &published).await;
    assert_eq!(scene.heard_by("recording", 1).await, [1]);
}

/// Decision 0016 says it: AMQP has no way to ask for a binding, so that one among several is missed
/// by nobody, and its queue has to be deleted for what it lacks to be sent again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x14_while_one_of_several_bindings_is_missing_its_queue_alone_lacks_what_is_confirmed() {
    let scene = Scene::new().await;
    scene.bus.set_mark(FIRST, None).await.expect("set");
    scene.unbind("letters.events", &decided(1).event_type).await;
    let confirmed = scene.bus.publish(&decided(1)).await;
    confirmed.expect("the other queues have it");
    assert!(scene.remembers(FIRST).await, "it goes with the queue only");

    // Whoever connects binds it again, and who is connected does so every half minute.
    publish(&process(&scene.url), &decided(2)).await;
    assert_eq!(scene.heard_by("recording", 2).await, [1, 2]);
    assert_eq!(scene.heard_by("letters", 1).await, [2]);

    scene.delete("letters.events").await;
    assert!(!scene.remembers(FIRST).await, "all of it goes out again");
}
