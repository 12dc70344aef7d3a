//! A mark goes where the events go: with their queue, and never back (X14, X15).

use lapin::options::{ExchangeDeleteOptions, QueueDeleteOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use visits_bus::EventBus as _;
use visits_bus::rabbit::{RabbitBus, Settings};
use visits_bus::topology::{EVENTS, queues_that_hear};
use visits_testkit::rabbit;

const FIRST: Uuid = Uuid::from_u128(1);
const SECOND: Uuid = Uuid::from_u128(2);

/// A publisher's bus, and an operator's way to the same broker.
struct Scene {
    bus: RabbitBus,
    operator: Channel,
    _connection: Connection,
}

impl Scene {
    async fn new() -> Self {
        let url = tokio::task::block_in_place(rabbit::new_vhost);
        let settings = Settings {
            url: url.clone(),
            service: "escalation",
        };
        let connection = Connection::connect(&url, ConnectionProperties::default()).await;
        let connection = connection.expect("connected");
        Self {
            bus: RabbitBus::new(settings, CancellationToken::new()),
            operator: connection.create_channel().await.expect("a channel"),
            _connection: connection,
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
    assert!(scene.remembers(FIRST).await, "no queue was lost");
}
