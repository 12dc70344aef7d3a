//! What comes out of the broker: every event of every workflow, counted and timed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use futures_util::StreamExt as _;
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicQosOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use crate::command::{Kind, Target};
use crate::figures::{Times, now_ms};
use crate::systems::visits;

const QUEUE: &str = "perf.events";
const AT_ONCE: u16 = 2_000;
const CHUNK: usize = 256;
const STEPS: usize = 4;

/// What every workflow says once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// It has begun.
    Raised,
    /// The duty desk has been told.
    Duty,
    /// The decision.
    Decided,
    /// Its timer has fired; for how late, when it was due and when it was handled, in ms.
    Fired,
}

/// An event of a workflow.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The workflow, as its system names it.
    pub key: String,
    /// What it says.
    pub step: Step,
    /// When it was due and when its handler ran, in ms, if it is a timer of which that is known.
    pub timer: Option<(f64, f64)>,
}

/// Where events arrive.
#[derive(Default)]
pub struct Sink {
    counts: Mutex<HashMap<String, [u32; STEPS]>>,
    waiting: Mutex<HashMap<(String, Step), oneshot::Sender<()>>>,
    fired: Mutex<Option<mpsc::UnboundedSender<String>>>,
    dues: Mutex<HashMap<String, f64>>,
    /// How late each timer's handler ran.
    pub late: Times,
    /// How late each timer's event was here.
    pub late_here: Times,
}

/// What has become of the workflows.
#[derive(Debug, Default)]
pub struct Tally {
    /// Those of which every event was seen.
    pub complete: u64,
    /// Those of which one event or more was seen.
    pub seen: u64,
    /// Events that were seen again.
    pub again: u64,
}

impl Sink {
    /// Begins to listen, on an empty queue.
    pub async fn open(target: &Target) -> anyhow::Result<Arc<Self>> {
        let connection = Connection::connect(&target.bus, ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        let queue = QueueDeclareOptions {
            durable: true,
            ..QueueDeclareOptions::default()
        };
        channel
            .queue_declare(QUEUE.into(), queue, FieldTable::default())
            .await?;
        if target.kind == Kind::Visits {
            bind(&channel).await?;
        }
        channel
            .basic_qos(AT_ONCE, BasicQosOptions::default())
            .await?;
        let consumer = channel
            .basic_consume(
                QUEUE.into(),
                "load".into(),
                BasicConsumeOptions::default(),
                FieldTable::default(),
            )
            .await?;
        let sink = Arc::new(Self::default());
        let (listening, kind) = (sink.clone(), target.kind);
        tokio::spawn(async move {
            let _connected = (connection, channel);
            let mut chunks = consumer.ready_chunks(CHUNK);
            while let Some(chunk) = chunks.next().await {
                let deliveries: Vec<Delivery> = chunk.into_iter().flatten().collect();
                for delivery in &deliveries {
                    listening.see(kind, &delivery.data);
                }
                if let Some(last) = deliveries.last() {
                    let all = BasicAckOptions { multiple: true };
                    let _ = last.acker.ack(all).await;
                }
            }
        });
        Ok(sink)
    }

    fn see(&self, kind: Kind, data: &[u8]) {
        let Ok(event) = serde_json::from_slice::<Value>(data) else {
            return;
        };
        let seen = match kind {
            Kind::Visits => visits::seen(&event),
            _ => plain(&event),
        };
        if let Some(seen) = seen {
            self.note(seen);
        }
    }

    fn note(&self, seen: Seen) {
        let waiting = {
            let mut counts = self.counts.lock().expect("the lock");
            counts.entry(seen.key.clone()).or_default()[seen.step as usize] += 1;
            let mut waiting = self.waiting.lock().expect("the lock");
            waiting.remove(&(seen.key.clone(), seen.step))
        };
        if let Some(waiting) = waiting {
            let _ = waiting.send(());
        }
        if seen.step != Step::Fired {
            return;
        }
        if let Some((due, handled)) = self.due_and_handled(&seen) {
            self.late.add_ms(handled - due);
            self.late_here.add_ms(now_ms() - due);
        }
        if let Some(fired) = self.fired.lock().expect("the lock").as_ref() {
            let _ = fired.send(seen.key);
        }
    }

    /// A system that doesn't say when a timer was due was told when it is.
    fn due_and_handled(&self, seen: &Seen) -> Option<(f64, f64)> {
        let (due, handled) = seen.timer?;
        if due > 0.0 {
            return Some((due, handled));
        }
        let due = *self.dues.lock().expect("the lock").get(&seen.key)?;
        Some((due, handled))
    }

    /// Remembers when a timer is due.
    pub fn is_due(&self, key: &str, due_ms: f64) {
        let mut dues = self.dues.lock().expect("the lock");
        dues.insert(key.to_owned(), due_ms);
    }

    /// Resolves when this is said.
    pub fn awaits(&self, key: &str, step: Step) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let mut waiting = self.waiting.lock().expect("the lock");
        waiting.insert((key.to_owned(), step), sender);
        receiver
    }

    /// The workflows whose timers fire from now on.
    pub fn fired(&self) -> mpsc::UnboundedReceiver<String> {
        let (sender, receiver) = mpsc::unbounded_channel();
        *self.fired.lock().expect("the lock") = Some(sender);
        receiver
    }

    /// What has become of the workflows so far.
    pub fn tally(&self) -> Tally {
        let counts = self.counts.lock().expect("the lock");
        let mut tally = Tally {
            seen: counts.len() as u64,
            ..Tally::default()
        };
        for steps in counts.values() {
            tally.complete += u64::from(steps.iter().all(|count| *count > 0));
            tally.again += steps
                .iter()
                .map(|c| u64::from(c.saturating_sub(1)))
                .sum::<u64>();
        }
        tally
    }

    /// Forgets what was counted before.
    pub fn forget(&self) {
        self.counts.lock().expect("the lock").clear();
    }
}

/// Our events go to an exchange; here one durable queue hears them, as one hears the peers'.
async fn bind(channel: &Channel) -> anyhow::Result<()> {
    for event in visits::EVENTS {
        channel
            .queue_bind(
                QUEUE.into(),
                visits::EXCHANGE.into(),
                event.0.into(),
                QueueBindOptions::default(),
                FieldTable::default(),
            )
            .await?;
    }
    Ok(())
}

/// `{"id":…,"step":…,"due":…,"at":…}`, as the floor and the peers say it.
fn plain(event: &Value) -> Option<Seen> {
    let step = match event["step"].as_str()? {
        "raised" => Step::Raised,
        "duty" => Step::Duty,
        "decided" => Step::Decided,
        _ => Step::Fired,
    };
    let number = |name: &str| {
        let value = &event[name];
        let text = || value.as_str().and_then(|text| text.parse().ok());
        value.as_f64().or_else(text)
    };
    Some(Seen {
        key: event["id"].as_str()?.to_owned(),
        step,
        timer: number("due").zip(number("at")),
    })
}
