//! Consuming a queue: rebuilt from nothing after any error (R9).

use std::time::Duration;

use async_trait::async_trait;
use futures_util::{FutureExt as _, StreamExt as _};
use lapin::Connection;
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use rand::Rng as _;
use visits_core::{Fault, kill_point};

use super::{Settings, connect, declare, patiently};

/// What the broker hands over before the first acknowledgement; one write of the inbox takes it.
const PREFETCH: u16 = 100;
/// Queues and bindings are declared again this often, in case somebody removed them (R7); the
/// broker's answer shows that the connection lives.
const DECLARE_EVERY: Duration = Duration::from_secs(30);
pub(super) const PAUSE_MIN: Duration = Duration::from_millis(200);
pub(super) const PAUSE_MAX: Duration = Duration::from_secs(5);

/// What becomes of what comes out of a queue.
#[async_trait]
pub(super) trait Ears: Send + Sync {
    /// The queue.
    fn queue(&self) -> String;
    /// Takes deliveries in durably and answers the broker for each of them.
    async fn take_in(&self, connection: &Connection, batch: Vec<Delivery>) -> Result<(), Fault>;
}

/// The consumer of one queue.
pub(super) struct Consumer<E> {
    settings: Settings,
    ears: E,
}

impl<E: Ears> Consumer<E> {
    pub(super) fn new(settings: Settings, ears: E) -> Self {
        Self { settings, ears }
    }

    /// For ever: connect, consume until something fails, pause, from the beginning.
    pub(super) async fn run(self) {
        let mut pause = PAUSE_MIN;
        loop {
            let started = tokio::time::Instant::now();
            if let Err(fault) = self.consume().await {
                tracing::warn!(
                    queue = self.ears.queue(),
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
        let queue = self.ears.queue();
        let connection = connect(&self.settings, &queue).await?;
        let channel = patiently("opening a channel", connection.create_channel()).await?;
        declare::everything(&channel).await?;
        let options = BasicQosOptions::default();
        patiently(
            "limiting what is unacknowledged",
            channel.basic_qos(PREFETCH, options),
        )
        .await?;
        let mut deliveries = patiently(
            "consuming",
            channel.basic_consume(
                queue.as_str().into(),
                queue.as_str().into(),
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
                    self.ears.take_in(&connection, batch).await?;
                }
                _ = declare_again.tick() => declare::everything(&channel).await?,
            }
            if !channel.status().connected() {
                return Err(Fault::transient("the channel is closed"));
            }
        }
    }
}

/// At least half of it, the rest is chance: what comes back isn't met by everybody at once.
pub(super) fn spread(pause: Duration) -> Duration {
    pause.mul_f64(rand::rng().random_range(0.5..1.0))
}

pub(super) async fn acknowledge(delivery: &Delivery) -> Result<(), Fault> {
    patiently("acknowledging", delivery.ack(BasicAckOptions::default())).await?;
    Ok(())
}

fn delivered(next: lapin::Result<Delivery>) -> Result<Delivery, Fault> {
    next.map_err(|error| Fault::transient(format!("the broker's stream failed: {error}")))
}
