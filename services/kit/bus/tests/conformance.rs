//! What every bus promises, on every bus.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use visits_bus::rabbit::{RabbitBus, Settings};
use visits_bus::{Envelope, EventBus, GivenUp, LocalBus, Receiver, Subscription};
use visits_core::Fault;

/// Longer than any healthy broker needs; what runs into it fails.
const PATIENCE: Duration = Duration::from_secs(30);

fn local() -> Arc<dyn EventBus> {
    Arc::new(LocalBus::new())
}

fn rabbit() -> Arc<dyn EventBus> {
    rabbit_at(visits_testkit::rabbit::new_vhost())
}

fn rabbit_at(url: String) -> Arc<dyn EventBus> {
    let settings = Settings {
        url,
        service: "tests",
    };
    Arc::new(RabbitBus::new(settings, CancellationToken::new()))
}

fn event(number: u128, aggregate: &str, message: &str) -> Envelope {
    let package = aggregate.split('.').next().expect("a package");
    let at = "2020-10-23T13:30:00Z".parse().expect("an instant");
    Envelope {
        id: Uuid::from_u128(number),
        event_type: format!("ofsted.visits.{package}.v1.{message}"),
        source: format!("/services/{package}"),
        subject: "cases/2".into(),
        aggregate: aggregate.into(),
        aggregate_id: Uuid::from_u128(2),
        aggregate_sequence: i64::try_from(number).expect("small"),
        position: i64::try_from(number).expect("small"),
        correlation_id: "visits/3".into(),
        causation_id: None,
        actor: "HMI-001".into(),
        occurred_at: at,
        recorded_at: at,
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
        data: json!({"case": "cases/2", "visit": "visits/3"}),
    }
}

/// Keeps what it hears; refuses as long as it is told to.
struct Ears {
    heard: Mutex<Vec<Envelope>>,
    count: watch::Sender<usize>,
    refusals: Mutex<usize>,
}

impl Ears {
    fn new(refusals: usize) -> Arc<Self> {
        Arc::new(Self {
            heard: Mutex::default(),
            count: watch::Sender::new(0),
            refusals: Mutex::new(refusals),
        })
    }

    /// The numbers of the first `wanted` different events, in the order in which they came.
    async fn numbers(&self, wanted: usize) -> Vec<u128> {
        let mut count = self.count.subscribe();
        let enough = count.wait_for(|count| *count >= wanted);
        tokio::time::timeout(PATIENCE, enough)
            .await
            .expect("they come")
            .expect("the ears live");
        let heard = self.heard.lock().expect("the lock");
        heard.iter().map(|envelope| envelope.id.as_u128()).collect()
    }
}

#[async_trait]
impl Receiver for Ears {
    async fn receive(&self, envelopes: &[Envelope]) -> Result<(), Fault> {
        {
            let mut refusals = self.refusals.lock().expect("the lock");
            if *refusals > 0 {
                *refusals -= 1;
                return Err(Fault::transient("the receiver's disk is full"));
            }
        }
        let mut heard = self.heard.lock().expect("the lock");
        for envelope in envelopes {
            // As the inbox does: an event that is there already is not taken twice.
            if !heard.iter().any(|known| known.id == envelope.id) {
                heard.push(envelope.clone());
            }
        }
        self.count.send_replace(heard.len());
        Ok(())
    }

    async fn put_aside(&self, message: GivenUp) -> Result<(), Fault> {
        panic!("nothing here is to be given up: {message:?}")
    }
}

async fn subscribe(
    bus: &dyn EventBus,
    group: &'static str,
    aggregate: &'static str,
    ears: &Arc<Ears>,
) {
    let subscription = Subscription {
        group,
        aggregates: vec![aggregate],
        receiver: ears.clone(),
    };
    bus.subscribe(subscription).await.expect("subscribed");
}

/// As the relay does: again until it is confirmed.
async fn publish(bus: &dyn EventBus, events: &[Envelope]) {
    let confirmed = async {
        while let Err(fault) = bus.publish_all(events).await {
            assert!(fault.is_retryable(), "{fault:?}");
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, confirmed)
        .await
        .expect("confirmed");
}

async fn an_event_arrives_whole(bus: Arc<dyn EventBus>) {
    let ears = Ears::new(0);
    subscribe(&*bus, "recording", "escalation.case", &ears).await;
    let said = event(1, "escalation.case", "NfdDecided");
    publish(&*bus, std::slice::from_ref(&said)).await;
    ears.numbers(1).await;
    assert_eq!(*ears.heard.lock().expect("the lock"), [said]);
}

async fn every_group_that_hears_the_aggregate_gets_all_of_it_in_order(bus: Arc<dyn EventBus>) {
    let (recording, letters) = (Ears::new(0), Ears::new(0));
    subscribe(&*bus, "recording", "escalation.case", &recording).await;
    subscribe(&*bus, "letters", "escalation.case", &letters).await;
    let events: Vec<Envelope> = (1..=250)
        .map(|number| event(number, "escalation.case", "NfdDecided"))
        .collect();
    for part in events.chunks(100) {
        publish(&*bus, part).await;
    }
    let all: Vec<u128> = (1..=250).collect();
    assert_eq!(recording.numbers(250).await, all);
    assert_eq!(letters.numbers(250).await, all);
}

async fn what_a_receiver_could_not_store_comes_again(bus: Arc<dyn EventBus>) {
    let ears = Ears::new(2);
    subscribe(&*bus, "recording", "escalation.case", &ears).await;
    publish(&*bus, &[event(1, "escalation.case", "NfdDecided")]).await;
    assert_eq!(ears.numbers(1).await, [1]);
}

async fn an_event_sent_twice_keeps_its_id(bus: Arc<dyn EventBus>) {
    let ears = Ears::new(0);
    subscribe(&*bus, "recording", "escalation.case", &ears).await;
    for number in [1, 1, 2] {
        publish(&*bus, &[event(number, "escalation.case", "NfdDecided")]).await;
    }
    assert_eq!(ears.numbers(2).await, [1, 2]);
}

macro_rules! on_every_bus {
    ($($name:ident),* $(,)?) => {
        mod on_local {
            $(#[tokio::test] async fn $name() { super::$name(super::local()).await; })*
        }
        mod on_rabbit {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(super::rabbit()).await; })*
        }
    };
}

on_every_bus!(
    an_event_arrives_whole,
    every_group_that_hears_the_aggregate_gets_all_of_it_in_order,
    what_a_receiver_could_not_store_comes_again,
    an_event_sent_twice_keeps_its_id,
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_of_no_known_type_is_not_confirmed() {
    let bus = rabbit();
    let fault = bus
        .publish(&event(1, "escalation.case", "SomethingNobodyDeclared"))
        .await
        .expect_err("no queue is bound for it");
    assert!(fault.message.contains("no queue is bound"), "{fault}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_broker_costs_a_delay_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let broker = visits_testkit::rabbit::Broker::start(folder.path());
    let bus = rabbit_at(broker.url());
    let ears = Ears::new(0);
    subscribe(&*bus, "recording", "escalation.case", &ears).await;
    // RabbitMQ 3.10 writes a new quorum queue's election state within five seconds; one that is
    // killed before that never elects a leader for it again (docs/decisions). So: under load until
    // that has passed, and then the kill.
    let load_ends = tokio::time::Instant::now() + Duration::from_secs(8);
    let mut number = 0;
    while tokio::time::Instant::now() < load_ends {
        number += 1;
        publish(&*bus, &[event(number, "escalation.case", "NfdDecided")]).await;
    }
    let late: Vec<Envelope> = (number + 1..=number + 30)
        .map(|number| event(number, "escalation.case", "NfdDecided"))
        .collect();
    broker.kill();
    assert!(
        bus.publish_all(&late).await.is_err(),
        "nobody is there to confirm"
    );
    broker.restart();
    publish(&*bus, &late).await;
    let all = number + 30;
    let mut numbers = ears.numbers(usize::try_from(all).expect("small")).await;
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=all).collect::<Vec<_>>());
    broker.kill();
}
