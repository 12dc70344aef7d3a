//! What a broker loses after it has confirmed it goes out again, and nothing is heard twice (X15).

mod tally;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tally::{Follow, count, count_up, migrations, request, start};
use uuid::Uuid;
use visits_bus::{Envelope, EventBus, Receiver, Subscription};
use visits_core::{Fault, SignedDuration};
use visits_durable::{Consumer, Durable, ServiceParts, Workers};
use visits_testkit::{Bench, Database, at_every_cut, on_every_database};

/// More than go out at once, twice over.
const MANY: u128 = 250;

/// A broker that confirms what it keeps, hands it over when it is told to, and can lose it.
#[derive(Default)]
struct Broker {
    kept: Mutex<Vec<Envelope>>,
    marks: Mutex<BTreeSet<Uuid>>,
    receiver: Mutex<Option<Arc<dyn Receiver>>>,
    sent: AtomicUsize,
    loses_after: Mutex<Option<usize>>,
}

impl Broker {
    async fn hand_over(&self) {
        let kept = std::mem::take(&mut *self.kept.lock().expect("lock"));
        let receiver = self.receiver.lock().expect("lock").clone();
        let receiver = receiver.expect("somebody hears");
        for part in kept.chunks(100) {
            receiver.receive(part).await.expect("received");
        }
    }

    fn lose_everything(&self) {
        self.kept.lock().expect("lock").clear();
        self.marks.lock().expect("lock").clear();
    }

    /// Lets so many more sendings be confirmed, and loses everything with the last of them.
    fn lose_after(&self, sendings: usize) {
        *self.loses_after.lock().expect("lock") = Some(sendings);
    }

    fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl EventBus for Broker {
    async fn publish_all(&self, envelopes: &[Envelope]) -> Result<(), Fault> {
        // Nobody hears what the one that hears says itself.
        let mut heard: Vec<Envelope> = envelopes.to_vec();
        heard.retain(|event| event.aggregate == "said");
        self.sent.fetch_add(heard.len(), Ordering::SeqCst);
        self.kept.lock().expect("lock").append(&mut heard);
        let mut loses_after = self.loses_after.lock().expect("lock");
        if let Some(left) = loses_after.as_mut() {
            *left -= 1;
            if *left == 0 {
                *loses_after = None;
                self.lose_everything();
            }
        }
        Ok(())
    }

    async fn subscribe(&self, subscription: Subscription) -> Result<(), Fault> {
        *self.receiver.lock().expect("lock") = Some(subscription.receiver);
        Ok(())
    }

    fn can_forget(&self) -> bool {
        true
    }

    async fn remembers(&self, mark: Uuid) -> Result<bool, Fault> {
        Ok(self.marks.lock().expect("lock").contains(&mark))
    }

    async fn set_mark(&self, mark: Uuid, before: Option<Uuid>) -> Result<(), Fault> {
        let mut marks = self.marks.lock().expect("lock");
        marks.retain(|one| Some(*one) != before);
        marks.insert(mark);
        Ok(())
    }
}

/// One tally that speaks, one that hears, and the broker between them.
struct Scene {
    bench: Bench,
    broker: Arc<Broker>,
    said: Durable,
    heard: Durable,
}

impl Scene {
    async fn new(database: Database) -> Self {
        let bench = database.bench("2020-10-23T09:00:00Z");
        Self {
            said: bench.durable("said", migrations).await,
            heard: bench.durable("heard", migrations).await,
            broker: Arc::default(),
            bench,
        }
    }

    /// The loops of a new process: it looks at once whether anything was lost.
    async fn life(&self) -> Workers {
        let mut workers = Workers::new();
        let follow: Arc<dyn Consumer> = Arc::new(Follow(self.heard.clone()));
        for (durable, consumes) in [(&self.said, vec![]), (&self.heard, vec!["said"])] {
            let parts = ServiceParts {
                durable: durable.clone(),
                consumes,
                consumers: vec![follow.clone()],
                jobs: vec![],
                sweeps: vec![],
            };
            let added = workers.add(parts, self.broker.clone()).await;
            added.expect("the broker takes every subscription");
        }
        workers
    }

    async fn lives(&self) {
        self.life().await.settle().await.expect("the loops settle");
    }

    async fn say(&self, numbers: impl IntoIterator<Item = u128>) {
        for number in numbers {
            let counted = count_up(&self.said, request(number, "a"), false).await;
            counted.expect("counted");
        }
    }
}

async fn x15_what_was_confirmed_and_lost_goes_out_again_beside_what_is_new(database: Database) {
    let scene = Scene::new(database).await;
    scene.lives().await;
    scene.say(1..=20).await;
    scene.lives().await;
    scene.broker.hand_over().await;
    scene.say(21..=MANY).await;
    scene.lives().await;
    assert_eq!(scene.broker.sent(), 250, "each once, and confirmed");

    scene.broker.lose_everything();
    scene.say([MANY + 1]).await;
    scene.lives().await;
    assert_eq!(scene.broker.sent(), 250 + 1 + 251);
    let first = scene.broker.kept.lock().expect("lock")[0].aggregate_sequence;
    assert_eq!(first, 251, "what is new waits for nothing");
    scene.broker.hand_over().await;
    scene.lives().await;
    assert_eq!(count(&scene.heard).await, 251, "each counts once");
    assert!(scene.heard.health().await.expect("health").inbox_pending == 0);
}

async fn x15_what_was_not_lost_is_not_sent_again(database: Database) {
    let scene = Scene::new(database).await;
    scene.lives().await;
    scene.say(1..=5).await;
    for _ in 0..3 {
        scene.lives().await;
    }
    assert_eq!(scene.broker.sent(), 5);
}

async fn x15_a_loss_while_the_last_one_is_mended_is_mended_too(database: Database) {
    let scene = Scene::new(database).await;
    scene.lives().await;
    scene.say(1..=MANY).await;
    scene.lives().await;
    scene.broker.lose_everything();
    scene.broker.lose_after(2);
    scene.lives().await;
    scene.lives().await;
    scene.broker.hand_over().await;
    scene.lives().await;
    assert_eq!(count(&scene.heard).await, 250);
}

async fn x15_a_resend_that_is_cut_short_anywhere_loses_nothing(database: Database) {
    let places = at_every_cut(|place| async move {
        let scene = Scene::new(database).await;
        scene.lives().await;
        scene.say(1..=3).await;
        scene.lives().await;
        scene.broker.lose_everything();
        scene.said.cuts().after(place);
        let first = scene.life().await.settle().await;
        let reached = !scene.said.cuts().clear();
        assert!(reached || first.is_ok(), "{first:?}");
        // Lost once more right after the cut: what was begun must not pass for ended.
        scene.broker.lose_everything();
        scene.lives().await;
        scene.broker.hand_over().await;
        scene.lives().await;
        assert_eq!(count(&scene.heard).await, 3, "cut at {place}");
        reached
    })
    .await;
    assert!(places >= 3, "{places} places");
}

async fn who_hears_for_the_first_time_hears_everything(database: Database) {
    let mut scene = Scene::new(database).await;
    // Said on another bus, which has handed it to those who were there.
    scene.say(1..=3).await;
    start(&mut scene.bench, "said", false).await;
    scene.bench.settle().await;
    // The relay of that process has gone with its lease.
    scene.bench.clock.advance(SignedDuration::from_secs(5));
    assert_eq!(count(&scene.heard).await, 0);

    scene.lives().await;
    scene.broker.hand_over().await;
    scene.lives().await;
    assert_eq!(count(&scene.heard).await, 3);
}

on_every_database!(
    x15_what_was_confirmed_and_lost_goes_out_again_beside_what_is_new,
    x15_what_was_not_lost_is_not_sent_again,
    x15_a_loss_while_the_last_one_is_mended_is_mended_too,
    x15_a_resend_that_is_cut_short_anywhere_loses_nothing,
    who_hears_for_the_first_time_hears_everything,
);
