//! The bus between processes: RabbitMQ, with a publisher and a consumer that each have a
//! connection of their own and rebuild everything after any error (R9).
//!
//! Nothing here is trusted to keep an event: the publisher's outbox has it for ever, the receiver's
//! inbox has it before it is acknowledged. A mark at each queue shows the publisher when the broker
//! has lost what lay between the two: it sends that again, and the loss costs a delay.

mod consumer;
mod declare;
mod given_up;
mod hearing;
mod marks;
mod message;
mod publisher;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;
use visits_core::Fault;

use crate::{Envelope, EventBus, Subscription};
use consumer::{Consumer, Ears};
use given_up::PuttingAside;
use hearing::Hearing;
use publisher::Publisher;

/// A confirm, a connection or a declaration that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(5);
/// What a fault for want of an answer names.
const UNANSWERED: &str = "unanswered";
/// The wait for the broker's word that it has an event.
const CONFIRM: &str = "waiting for a confirm";
/// So many unconfirmed sendings in a row are no passing weakness.
const UNCONFIRMED_MAX: u32 = 3;

/// Where the broker is.
#[derive(Clone)]
pub struct Settings {
    /// `amqp://user:password@host:5672/vhost`.
    pub url: String,
    /// The name of the connections in the broker's own lists: the service.
    pub service: &'static str,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The URL holds a password.
        f.debug_struct("Settings")
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

/// The bus of a process among others. Connects when it is first needed, and again for ever.
pub struct RabbitBus {
    settings: Settings,
    publisher: Mutex<Option<Publisher>>,
    /// Sendings in a row that the broker took and did not confirm in time.
    unconfirmed: AtomicU32,
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl RabbitBus {
    /// A bus that has not connected yet. Its consumers end when `stop` is cancelled.
    #[must_use]
    pub fn new(settings: Settings, stop: CancellationToken) -> Self {
        Self {
            settings,
            publisher: Mutex::new(None),
            unconfirmed: AtomicU32::new(0),
            tracker: TaskTracker::new(),
            stop,
        }
    }

    /// A broker that takes everything and confirms nothing has a queue without a leader: nobody
    /// can mend that over AMQP, so it is said aloud what to do.
    fn count_unconfirmed(&self, fault: Option<&Fault>) {
        let waited = fault.is_some_and(|fault| {
            let unanswered = fault.metadata.get(UNANSWERED);
            unanswered.is_some_and(|what| what == CONFIRM)
        });
        if !waited {
            self.unconfirmed.store(0, Ordering::Relaxed);
            return;
        }
        let in_a_row = self.unconfirmed.fetch_add(1, Ordering::Relaxed) + 1;
        if in_a_row >= UNCONFIRMED_MAX {
            tracing::error!(
                service = self.settings.service,
                bus.unconfirmed_in_a_row = in_a_row,
                "the broker takes events and confirms none: a queue may have no leader; let it \
                 elect one by deploy/rabbitmq/elect.erl (docs/backbone.md)"
            );
        }
    }

    /// The publisher as it is, or a new one. Only one whose last work succeeded is given back.
    async fn publisher(&self, slot: &mut Option<Publisher>) -> Result<Publisher, Fault> {
        match slot.take() {
            Some(publisher) => Ok(publisher),
            None => Publisher::connect(&self.settings).await,
        }
    }

    fn consume(&self, ears: impl Ears + 'static) {
        let consumer = Consumer::new(self.settings.clone(), ears);
        let stop = self.stop.clone();
        self.tracker.spawn(async move {
            stop.run_until_cancelled(consumer.run()).await;
        });
    }

    /// Waits until the consumers have ended; `stop` must be cancelled.
    pub async fn stopped(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }
}

#[async_trait]
impl EventBus for RabbitBus {
    async fn publish_all(&self, envelopes: &[Envelope]) -> Result<(), Fault> {
        let mut slot = self.publisher.lock().await;
        let publisher = self.publisher(&mut slot).await?;
        let sent = publisher.publish_all(envelopes).await;
        self.count_unconfirmed(sent.as_ref().err());
        sent?;
        *slot = Some(publisher);
        Ok(())
    }

    async fn subscribe(&self, subscription: Subscription) -> Result<(), Fault> {
        let given_up = PuttingAside(subscription.clone());
        self.consume(Hearing(subscription));
        self.consume(given_up);
        Ok(())
    }

    fn can_forget(&self) -> bool {
        true
    }

    async fn remembers(&self, mark: Uuid) -> Result<bool, Fault> {
        let mut slot = self.publisher.lock().await;
        let publisher = self.publisher(&mut slot).await?;
        let remembers = publisher.remembers(mark).await?;
        *slot = Some(publisher);
        Ok(remembers)
    }

    async fn set_mark(&self, mark: Uuid, before: Option<Uuid>) -> Result<(), Fault> {
        let mut slot = self.publisher.lock().await;
        let publisher = self.publisher(&mut slot).await?;
        publisher.set_mark(mark, before).await?;
        *slot = Some(publisher);
        Ok(())
    }
}

/// Within our patience, and as a fault that passes.
async fn patiently<T>(
    what: &'static str,
    work: impl Future<Output = lapin::Result<T>>,
) -> Result<T, Fault> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Fault::transient(format!("{what}: {error}"))),
        Err(_) => {
            let fault = Fault::transient(format!("{what}: no answer in {PATIENCE:?}"));
            Err(fault.with(UNANSWERED, what))
        }
    }
}

async fn connect(settings: &Settings, role: &str) -> Result<lapin::Connection, Fault> {
    let name = format!("{}.{role}", settings.service);
    let properties = lapin::ConnectionProperties::default().with_connection_name(name.into());
    patiently(
        "connecting to the broker",
        lapin::Connection::connect(&settings.url, properties),
    )
    .await
}
