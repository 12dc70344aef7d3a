//! Consuming: into the inbox, then acknowledged; rebuilt from nothing after any error (R9).

use std::slice;
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use lapin::Connection;
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions};
use lapin::types::FieldTable;
use rand::Rng as _;
use visits_core::{ErrorKind, Fault, kill_point};

use super::{Settings, connect, declare, message, patiently};
use crate::topology::queue_of;
use crate::{Envelope, Subscription};

/// What the broker hands over before the first acknowledgement; one write of the inbox takes it.
const PREFETCH: u16 = 100;
/// Queues and bindings are declared again this often, in case somebody removed them (R7); the
/// broker's answer shows that the connection lives.
const DECLARE_EVERY: Duration = Duration::from_secs(30);
const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// One group's ears.
pub(super) struct Consumer {
    settings: Settings,
    subscription: Subscription,
}

impl Consumer {
    pub(super) fn new(settings: Settings, subscription: Subscription) -> Self {
        Self {
            settings,
            subscription,
        }
    }

    /// For ever: connect, consume until something fails, pause, from the beginning.
    pub(super) async fn run(self) {
        let mut pause = PAUSE_MIN;
        loop {
            let started = tokio::time::Instant::now();
            if let Err(fault) = self.consume().await {
                tracing::warn!(
                    group = self.subscription.group,
                    "consuming stopped, will begin again: {fault}"
                );
            }
            if started.elapsed() > PAUSE_MAX {
                pause = PAUSE_MIN;
            }
            tokio::time::sleep(spread(pause)).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    async fn consume(&self) -> Result<(), Fault> {
        let connection = connect(&self.settings, "consumer").await?;
        let channel = patiently("opening a channel", connection.create_channel()).await?;
        declare::everything(&channel).await?;
        let options = BasicQosOptions::default();
        patiently(
            "limiting what is unacknowledged",
            channel.basic_qos(PREFETCH, options),
        )
        .await?;
        let queue = queue_of(self.subscription.group);
        let mut deliveries = patiently(
            "consuming",
            channel.basic_consume(
                queue.into(),
                self.subscription.group.into(),
                BasicConsumeOptions::default(),
                FieldTable::default(),
            ),
        )
        .await?;
        kill_point("consumer.connect.after");
        let mut declare_again = tokio::time::interval(DECLARE_EVERY);
        declare_again.tick().await;
        loop {
            tokio::select! {
                next = deliveries.next() => {
                    let Some(first) = next else {
                        return Err(Fault::transient("the broker ended the stream"));
                    };
                    let mut batch = vec![delivered(first)?];
                    // Whatever else is here already goes in with it.
                    while let Some(Some(more)) = deliveries.next().now_or_never() {
                        batch.push(delivered(more)?);
                        if batch.len() >= usize::from(PREFETCH) {
                            break;
                        }
                    }
                    self.take_in(&connection, batch).await?;
                }
                _ = declare_again.tick() => declare::everything(&channel).await?,
            }
            if !channel.status().connected() {
                return Err(Fault::transient("the channel is closed"));
            }
        }
    }

    /// Stores what can be read, then acknowledges it; parks the rest.
    async fn take_in(&self, connection: &Connection, batch: Vec<Delivery>) -> Result<(), Fault> {
        let mut readable: Vec<Envelope> = Vec::with_capacity(batch.len());
        let mut taken = Vec::with_capacity(batch.len());
        for delivery in batch {
            match message::read(&delivery.data) {
                Ok(envelope) => {
                    readable.push(envelope);
                    taken.push(delivery);
                }
                Err(error) => {
                    tracing::error!(
                        group = self.subscription.group,
                        message.size = delivery.data.len(),
                        "a message that is no event was parked: {error}"
                    );
                    park(&delivery).await?;
                }
            }
        }
        if readable.is_empty() {
            return Ok(());
        }
        kill_point("consumer.receive.before");
        match self.store(connection, &readable).await {
            Err(fault) if fault.kind == ErrorKind::InvalidInput => {
                for (envelope, delivery) in readable.iter().zip(&taken) {
                    self.take_in_alone(connection, envelope, delivery).await?;
                }
                return Ok(());
            }
            outcome => outcome?,
        }
        kill_point("consumer.ack.before");
        for delivery in &taken {
            acknowledge(delivery).await?;
            kill_point("consumer.ack.after");
        }
        Ok(())
    }

    /// Stores one of several that can't be stored together, or parks it: one that the database
    /// refuses must not take the others with it.
    async fn take_in_alone(
        &self,
        connection: &Connection,
        envelope: &Envelope,
        delivery: &Delivery,
    ) -> Result<(), Fault> {
        match self.store(connection, slice::from_ref(envelope)).await {
            Err(fault) if fault.kind == ErrorKind::InvalidInput => {
                tracing::error!(
                    group = self.subscription.group,
                    event.id = %envelope.id,
                    "an event that can't be stored was parked: {fault}"
                );
                park(delivery).await
            }
            outcome => {
                outcome?;
                acknowledge(delivery).await
            }
        }
    }

    /// Stores them, and keeps them in hand while they can't be stored, unless it is one of them that
    /// can't be: each time that they went back to the broker would count as a delivery, and after so
    /// many it parks what is sound.
    async fn store(&self, connection: &Connection, events: &[Envelope]) -> Result<(), Fault> {
        let mut pause = PAUSE_MIN;
        loop {
            match self.subscription.receiver.receive(events).await {
                Err(fault)
                    if fault.kind != ErrorKind::InvalidInput && connection.status().connected() =>
                {
                    tracing::warn!(
                        group = self.subscription.group,
                        events = events.len(),
                        "can't be stored yet, will be tried again: {fault}"
                    );
                    tokio::time::sleep(spread(pause)).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
                outcome => return outcome,
            }
        }
    }
}

/// At least half of it, the rest is chance: what comes back isn't met by everybody at once.
fn spread(pause: Duration) -> Duration {
    pause.mul_f64(rand::rng().random_range(0.5..1.0))
}

async fn acknowledge(delivery: &Delivery) -> Result<(), Fault> {
    patiently("acknowledging", delivery.ack(BasicAckOptions::default())).await?;
    Ok(())
}

async fn park(delivery: &Delivery) -> Result<(), Fault> {
    patiently(
        "parking a message",
        delivery.nack(BasicNackOptions::default()),
    )
    .await?;
    Ok(())
}

fn delivered(next: lapin::Result<Delivery>) -> Result<Delivery, Fault> {
    next.map_err(|error| Fault::transient(format!("the broker's stream failed: {error}")))
}
