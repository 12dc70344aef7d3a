//! A stranger who is bound to the exchange and counts what goes over the wire: the events' ids, and
//! how often each.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use lapin::message::Delivery;
use lapin::options::{
    BasicConsumeOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties, Consumer, ExchangeKind};
use uuid::Uuid;
use visits_bus::topology::EVENTS;
use visits_core::Timestamp;

const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(50);

/// An event that was heard for the first time.
#[derive(Clone, Debug)]
pub struct First {
    /// Who said it: `/services/escalation`.
    pub source: String,
    /// When it was said, by the deployment's clock: its id has that instant.
    pub said: Timestamp,
    /// When it was heard.
    pub heard: Instant,
}

/// What was heard so far.
#[derive(Debug, Default)]
struct Heard {
    times: BTreeMap<String, u32>,
    first: Vec<First>,
}

/// The stranger; hears until dropped.
pub struct Spy {
    heard: Arc<Mutex<Heard>>,
    task: tokio::task::JoinHandle<()>,
}

impl Spy {
    /// Binds a queue of its own to every event, and again whenever the broker has been away.
    ///
    /// # Errors
    /// If the broker refuses.
    pub async fn listen(url: &str) -> anyhow::Result<Self> {
        let mut ears = Some(ears(url).await?);
        let heard = Arc::<Mutex<Heard>>::default();
        let (ear, url) = (heard.clone(), url.to_owned());
        let task = tokio::spawn(async move {
            loop {
                if let Some((_connection, mut deliveries)) = ears.take() {
                    while let Some(Ok(delivery)) = deliveries.next().await {
                        take(&ear, &delivery);
                    }
                }
                let again = tokio::time::timeout(PATIENCE, self::ears(&url)).await;
                ears = again.ok().and_then(Result::ok);
                if ears.is_none() {
                    tokio::time::sleep(PAUSE).await;
                }
            }
        });
        Ok(Self { heard, task })
    }

    /// How often each event was heard.
    #[must_use]
    pub fn heard(&self) -> BTreeMap<String, u32> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.times.clone()
    }

    /// Each event when it was heard for the first time.
    #[must_use]
    pub fn first(&self) -> Vec<First> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.first.clone()
    }
}

/// A queue of its own and what comes into it; it goes with the connection.
async fn ears(url: &str) -> anyhow::Result<(Connection, Consumer)> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    let table = FieldTable::default;
    let options = ExchangeDeclareOptions {
        durable: true,
        ..ExchangeDeclareOptions::default()
    };
    // As the services declare it: after a loss it may be the first who wants it.
    channel
        .exchange_declare(EVENTS.into(), ExchangeKind::Topic, options, table())
        .await?;
    let options = QueueDeclareOptions {
        exclusive: true,
        ..QueueDeclareOptions::default()
    };
    let queue = channel.queue_declare("".into(), options, table()).await?;
    let name = queue.name().clone();
    let options = QueueBindOptions::default();
    channel
        .queue_bind(name.clone(), EVENTS.into(), "#".into(), options, table())
        .await?;
    let options = BasicConsumeOptions {
        no_ack: true,
        ..BasicConsumeOptions::default()
    };
    let deliveries = channel
        .basic_consume(name, "spy".into(), options, table())
        .await?;
    Ok((connection, deliveries))
}

fn take(heard: &Mutex<Heard>, delivery: &Delivery) {
    let id = delivery.properties.message_id().as_ref();
    let Some(id) = id.map(ToString::to_string) else {
        return; // no event: somebody else's noise
    };
    let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
    let first = first(&id, &delivery.data);
    let times = heard.times.entry(id).or_default();
    *times += 1;
    if *times == 1 {
        heard.first.extend(first);
    }
}

fn first(id: &str, body: &[u8]) -> Option<First> {
    let id: Uuid = id.parse().ok()?;
    let (seconds, nanos) = id.get_timestamp()?.to_unix();
    let seconds = i64::try_from(seconds).ok()?;
    let said = Timestamp::new(seconds, i32::try_from(nanos).ok()?).ok()?;
    let event: serde_json::Value = serde_json::from_slice(body).ok()?;
    Some(First {
        source: event["source"].as_str()?.to_owned(),
        said,
        heard: Instant::now(),
    })
}

impl Drop for Spy {
    fn drop(&mut self) {
        self.task.abort();
    }
}
