//! A receiver that can't store what it hears, for a while or at all (R10): what is sound is never
//! parked with it.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use visits_bus::rabbit::{RabbitBus, Settings};
use visits_bus::{Envelope, EventBus, Receiver, Subscription};
use visits_core::{ErrorKind, Fault};
use visits_proto::escalation::v1::NfdDecided;
use visits_testkit::events::{Of, envelope};
use visits_testkit::rabbit;

/// Longer than any healthy broker needs; what runs into it fails.
const PATIENCE: Duration = Duration::from_secs(30);
const POISON: i64 = 2;

/// Refuses so many times, and `POISON` for ever.
struct Ears {
    refusals: Mutex<usize>,
    heard: watch::Sender<Vec<i64>>,
}

impl Ears {
    fn new(refusals: usize) -> Arc<Self> {
        Arc::new(Self {
            refusals: Mutex::new(refusals),
            heard: watch::Sender::new(Vec::new()),
        })
    }

    async fn hear(&self, wanted: usize) -> Vec<i64> {
        let mut heard = self.heard.subscribe();
        let enough = heard.wait_for(|heard| heard.len() >= wanted);
        let heard = tokio::time::timeout(PATIENCE, enough).await;
        heard.expect("they come").expect("the ears live").clone()
    }
}

#[async_trait]
impl Receiver for Ears {
    async fn receive(&self, envelopes: &[Envelope]) -> Result<(), Fault> {
        {
            let mut refusals = self.refusals.lock().expect("the lock");
            if *refusals > 0 {
                *refusals -= 1;
                return Err(Fault::transient("the database is away"));
            }
        }
        let numbers: Vec<i64> = envelopes
            .iter()
            .map(|event| event.aggregate_sequence)
            .collect();
        if numbers.contains(&POISON) {
            let message = "no database can keep it";
            return Err(Fault::new(
                ErrorKind::InvalidInput,
                "EVENT_NOT_STORABLE",
                message,
            ));
        }
        self.heard.send_modify(|heard| heard.extend(numbers));
        Ok(())
    }
}

fn event(number: i64) -> Envelope {
    let of = Of {
        aggregate: "escalation.case",
        id: Uuid::from_u128(2),
        sequence: number,
    };
    let at = "2020-10-23T13:30:00Z".parse().expect("an instant");
    envelope(of, &NfdDecided::default(), at)
}

struct Scene {
    bus: RabbitBus,
    vhost: String,
}

impl Scene {
    async fn with(ears: &Arc<Ears>) -> Self {
        let url = rabbit::new_vhost();
        let vhost = url.rsplit('/').next().expect("a name").to_owned();
        let service = "tests";
        let bus = RabbitBus::new(Settings { url, service }, CancellationToken::new());
        let subscription = Subscription {
            group: "recording",
            aggregates: vec!["escalation.case"],
            receiver: ears.clone(),
        };
        bus.subscribe(subscription).await.expect("subscribed");
        Self { bus, vhost }
    }

    async fn publish(&self, numbers: impl IntoIterator<Item = i64>) {
        let events: Vec<Envelope> = numbers.into_iter().map(event).collect();
        let confirmed = async {
            while let Err(fault) = self.bus.publish_all(&events).await {
                assert!(fault.is_retryable(), "{fault:?}");
                tokio::task::yield_now().await;
            }
        };
        let confirmed = tokio::time::timeout(PATIENCE, confirmed).await;
        confirmed.expect("confirmed");
    }

    /// What the broker says, a line each.
    fn ask(&self, what: &[&str]) -> String {
        let (command, columns) = what.split_first().expect("a command");
        let arguments = [
            &[*command, "-q", "--no-table-headers", "-p", &self.vhost],
            columns,
        ];
        let said = rabbit::shared().control(&arguments.concat());
        assert!(said.status.success(), "{said:?}");
        String::from_utf8(said.stdout).expect("text")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r10_events_that_cannot_be_stored_yet_are_kept_in_hand_and_not_given_back() {
    let ears = Ears::new(1);
    let scene = Scene::with(&ears).await;
    scene.publish([11]).await;
    ears.hear(1).await;
    let listens = ["list_consumers", "queue_name", "channel_pid"];
    let before = scene.ask(&listens);
    assert!(before.contains("recording.events"), "{before}");
    *ears.refusals.lock().expect("the lock") = 4;
    scene.publish([12, 13]).await;
    assert_eq!(ears.hear(3).await, [11, 12, 13]);
    assert_eq!(scene.ask(&listens), before, "the same consumer as before");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r10_an_event_that_can_never_be_stored_is_parked_alone() {
    let ears = Ears::new(0);
    let scene = Scene::with(&ears).await;
    scene.publish([1, POISON, 3]).await;
    assert_eq!(ears.hear(2).await, [1, 3]);
    let parked = async {
        loop {
            let queues = scene.ask(&["list_queues", "name", "messages"]);
            if queues.lines().any(|line| line == "parked.events\t1") {
                return queues;
            }
            tokio::task::yield_now().await;
        }
    };
    let queues = tokio::time::timeout(PATIENCE, parked).await;
    let queues = queues.expect("it is parked");
    assert!(queues.contains("recording.events\t0"), "{queues}");
}
