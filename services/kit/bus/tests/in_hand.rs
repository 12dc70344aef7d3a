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
use visits_bus::topology::EVENTS;
use visits_bus::{EVENT_UNREADABLE, Envelope, EventBus, GivenUp, Receiver, Subscription};
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
    aside: watch::Sender<Vec<GivenUp>>,
}

async fn wait_for<T: Clone>(sender: &watch::Sender<Vec<T>>, wanted: usize) -> Vec<T> {
    let mut held = sender.subscribe();
    let enough = held.wait_for(|held| held.len() >= wanted);
    let held = tokio::time::timeout(PATIENCE, enough).await;
    held.expect("they come").expect("the ears live").clone()
}

impl Ears {
    fn new(refusals: usize) -> Arc<Self> {
        Arc::new(Self {
            refusals: Mutex::new(refusals),
            heard: watch::Sender::new(Vec::new()),
            aside: watch::Sender::new(Vec::new()),
        })
    }

    async fn hear(&self, wanted: usize) -> Vec<i64> {
        wait_for(&self.heard, wanted).await
    }

    async fn aside(&self, wanted: usize) -> Vec<GivenUp> {
        wait_for(&self.aside, wanted).await
    }

    fn refused(&self) -> Result<(), Fault> {
        let mut refusals = self.refusals.lock().expect("the lock");
        if *refusals == 0 {
            return Ok(());
        }
        *refusals -= 1;
        Err(Fault::transient("the database is away"))
    }
}

#[async_trait]
impl Receiver for Ears {
    async fn receive(&self, envelopes: &[Envelope]) -> Result<(), Fault> {
        self.refused()?;
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
        self.heard.send_modify(|heard| {
            // As the inbox does: an event that is there already is not taken twice.
            for number in numbers {
                if !heard.contains(&number) {
                    heard.push(number);
                }
            }
        });
        Ok(())
    }

    async fn put_aside(&self, message: GivenUp) -> Result<(), Fault> {
        self.refused()?;
        self.aside.send_modify(|aside| aside.push(message));
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
    url: String,
}

impl Scene {
    fn new() -> Self {
        let url = rabbit::new_vhost();
        let settings = Settings {
            url: url.clone(),
            service: "tests",
        };
        let bus = RabbitBus::new(settings, CancellationToken::new());
        Self { bus, url }
    }

    async fn with(ears: &Arc<Ears>) -> Self {
        let scene = Self::new();
        scene.hear("recording", ears).await;
        scene
    }

    async fn hear(&self, group: &'static str, ears: &Arc<Ears>) {
        let subscription = Subscription {
            group,
            aggregates: vec!["escalation.case"],
            receiver: ears.clone(),
        };
        self.bus.subscribe(subscription).await.expect("subscribed");
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

    /// Sends a body under the name of an event, as a stranger would.
    async fn rave(&self, exchange: &str, key: &str, body: &[u8]) {
        let stranger = lapin::Connection::connect(&self.url, Default::default()).await;
        let channel = stranger.expect("connected").create_channel().await;
        let channel = channel.expect("a channel");
        channel
            .confirm_select(Default::default())
            .await
            .expect("confirms");
        let (options, properties) = (Default::default(), lapin::BasicProperties::default());
        let sent = channel.basic_publish(exchange.into(), key.into(), options, body, properties);
        let confirmed = sent.await.expect("sent").await.expect("answered");
        assert!(confirmed.is_ack(), "{confirmed:?}");
    }

    /// What the broker says, a line each.
    fn ask(&self, what: &[&str]) -> String {
        self.tell(&[what, &["--no-table-headers"]].concat())
    }

    fn tell(&self, what: &[&str]) -> String {
        let vhost = self.url.rsplit('/').next().expect("a name");
        let (command, rest) = what.split_first().expect("a command");
        let arguments = [&[*command, "-q", "-p", vhost], rest];
        let said = rabbit::shared().control(&arguments.concat());
        assert!(said.status.success(), "{said:?}");
        String::from_utf8(said.stdout).expect("text")
    }

    /// Waits until the queues of these groups hold nothing.
    async fn is_empty(&self, groups: &[&str]) {
        let empty = async {
            let holds = |line: &str| {
                let is_theirs = groups.iter().any(|group| line.starts_with(group));
                is_theirs && !line.ends_with("\t0")
            };
            let queues = || self.ask(&["list_queues", "name", "messages"]);
            while queues().lines().any(holds) {
                tokio::task::yield_now().await;
            }
        };
        let empty = tokio::time::timeout(PATIENCE, empty).await;
        empty.expect("everything has gone to its receiver");
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
async fn r10_an_event_that_can_never_be_stored_is_put_aside_alone() {
    let ears = Ears::new(0);
    let scene = Scene::with(&ears).await;
    scene.publish([1, POISON, 3]).await;
    assert_eq!(ears.hear(2).await, [1, 3]);
    let aside = ears.aside(1).await;
    let [message] = aside.as_slice() else {
        panic!("one: {aside:?}");
    };
    assert_eq!(message.why.reason, "EVENT_NOT_STORABLE");
    assert_eq!(message.sent_as, event(POISON).event_type);
    assert_eq!(Envelope::read(&message.body).expect("read"), event(POISON));
    scene.is_empty(&["recording"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r10_x19_what_nobody_can_read_comes_to_the_operators_of_each_who_heard_it_and_to_no_other()
{
    let ears = [(); 3].map(|()| Ears::new(0));
    let scene = Scene::new();
    // Escalation hears nothing of its own.
    for (group, ears) in ["recording", "letters", "escalation"]
        .into_iter()
        .zip(&ears)
    {
        scene.hear(group, ears).await;
    }
    scene.publish([1]).await;
    for ears in &ears[..2] {
        ears.hear(1).await;
    }
    let key = event(1).event_type;
    // One of them can't keep it at once.
    *ears[1].refusals.lock().expect("the lock") = 1;
    scene.rave(EVENTS, &key, b"{\"name\": \"Jane Roe\"}").await;
    // And one whom nobody's exchange sent it.
    scene.rave("", "escalation.events", b"\xff").await;
    for ears in &ears[..2] {
        let aside = ears.aside(1).await;
        assert_eq!(aside[0].body, b"{\"name\": \"Jane Roe\"}");
        assert_eq!(
            (aside[0].why.reason, aside[0].sent_as.as_str()),
            (EVENT_UNREADABLE, key.as_str())
        );
        assert_eq!(
            aside[0].why.message,
            "JSON, but no event (line 1, column 20)"
        );
    }
    let aside = ears[2].aside(1).await;
    assert_eq!(aside[0].why.message, "no JSON (line 1, column 1)");
    assert_eq!(aside[0].sent_as, "escalation.events");
    scene
        .is_empty(&["recording", "letters", "escalation"])
        .await;
    for ears in &ears {
        assert_eq!(ears.aside.borrow().len(), 1);
        assert_eq!(*ears.refusals.lock().expect("the lock"), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r10_an_event_without_a_place_among_its_aggregates_is_put_aside_and_not_passed_over() {
    let ears = Ears::new(0);
    let scene = Scene::with(&ears).await;
    scene.publish([1]).await;
    ears.hear(1).await;
    let key = event(3).event_type;
    let mut wire = serde_json::to_value(event(3)).expect("JSON");
    wire["aggregatesequence"] = "the third".into();
    let body = wire.to_string();
    scene.rave(EVENTS, &key, body.as_bytes()).await;
    let aside = ears.aside(1).await;
    assert_eq!(
        (aside[0].why.reason, aside[0].sent_as.as_str()),
        (EVENT_UNREADABLE, key.as_str())
    );
    assert_eq!(
        aside[0].why.message,
        "an event, but its aggregatesequence is no number that it can have"
    );
    assert_eq!(aside[0].body, body.as_bytes());
    assert_eq!(*ears.heard.borrow(), [1]);
    scene.is_empty(&["recording"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r7_x14_a_policy_that_leaves_a_queue_no_room_holds_events_with_their_sender() {
    let scene = Scene::new();
    scene.publish([11]).await;
    let tight = "{\"max-length\": 1}";
    scene.tell(&["set_policy", "tight", "recording.events", tight]);
    let full = async {
        // The queue takes a moment to follow, and one more than it may hold.
        let mut number = 12;
        loop {
            let refused = scene.bus.publish(&event(number)).await;
            if let Err(fault) = refused {
                return (number, fault);
            }
            number += 1;
        }
    };
    let (refused, fault) = tokio::time::timeout(PATIENCE, full).await.expect("full");
    assert!(fault.is_retryable(), "{fault:?}");
    scene.tell(&["clear_policy", "tight"]);
    scene.publish([refused]).await;
    let ears = Ears::new(0);
    scene.hear("recording", &ears).await;
    let mut heard = ears.hear(usize::try_from(refused - 10).expect("few")).await;
    heard.sort_unstable();
    assert_eq!(
        heard,
        (11..=refused).collect::<Vec<_>>(),
        "each, and none was lost"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r10_x14_a_policy_that_ends_the_time_of_sound_events_brings_them_to_operators() {
    let scene = Scene::new();
    // Its queues are there, and nothing is in them: what came before the policy keeps its time.
    scene.publish([]).await;
    let short = "{\"message-ttl\": 1}";
    scene.tell(&["set_policy", "short", "recording.events", short]);
    scene.publish([1]).await;
    let gone = async {
        let parked = || scene.ask(&["list_queues", "name", "messages"]);
        while !parked().contains("recording.parked\t1") {
            tokio::task::yield_now().await;
        }
    };
    let gone = tokio::time::timeout(PATIENCE, gone).await;
    gone.expect("its time ends");
    let ears = Ears::new(0);
    scene.hear("recording", &ears).await;
    let aside = ears.aside(1).await;
    assert_eq!(aside[0].why.reason, "EVENT_GIVEN_UP");
    assert_eq!(
        aside[0].why.message,
        "the broker gave it up by itself: expired"
    );
    assert_eq!(Envelope::read(&aside[0].body).expect("an event"), event(1));
    scene.is_empty(&["recording"]).await;
}
