//! What a group hears: into the inbox, then acknowledged. What can't be read or never be kept goes back
//! to the broker, which moves it to the queue of what the group gave up.

use std::slice;

use async_trait::async_trait;
use lapin::Connection;
use lapin::message::Delivery;
use lapin::options::BasicNackOptions;
use visits_core::{ErrorKind, Fault, kill_point};

use super::consumer::{Ears, PAUSE_MAX, PAUSE_MIN, acknowledge, spread};
use super::patiently;
use crate::topology::queue_of;
use crate::{Envelope, Subscription};

/// One group's ears.
pub(super) struct Hearing(pub(super) Subscription);

#[async_trait]
impl Ears for Hearing {
    fn queue(&self) -> String {
        queue_of(self.0.group)
    }

    /// Stores what can be read, then acknowledges it; gives up the rest.
    async fn take_in(&self, connection: &Connection, batch: Vec<Delivery>) -> Result<(), Fault> {
        let mut readable: Vec<Envelope> = Vec::with_capacity(batch.len());
        let mut taken = Vec::with_capacity(batch.len());
        for delivery in batch {
            match Envelope::read(&delivery.data) {
                Ok(envelope) => {
                    readable.push(envelope);
                    taken.push(delivery);
                }
                Err(_) => give_up(&delivery).await?,
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
}

impl Hearing {
    /// Stores one of several that can't be stored together, or gives it up: one that the database
    /// refuses must not take the others with it.
    async fn take_in_alone(
        &self,
        connection: &Connection,
        envelope: &Envelope,
        delivery: &Delivery,
    ) -> Result<(), Fault> {
        match self.store(connection, slice::from_ref(envelope)).await {
            Err(fault) if fault.kind == ErrorKind::InvalidInput => give_up(delivery).await,
            outcome => {
                outcome?;
                acknowledge(delivery).await
            }
        }
    }

    /// Stores them, and keeps them in hand while they can't be stored, unless it is one of them that
    /// can't be: each time that they went back to the broker would count as a delivery, and after so
    /// many it gives up what is sound.
    async fn store(&self, connection: &Connection, events: &[Envelope]) -> Result<(), Fault> {
        let mut pause = PAUSE_MIN;
        loop {
            match self.0.receiver.receive(events).await {
                Err(fault)
                    if fault.kind != ErrorKind::InvalidInput && connection.status().connected() =>
                {
                    tracing::warn!(
                        group = self.0.group,
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

async fn give_up(delivery: &Delivery) -> Result<(), Fault> {
    patiently(
        "giving a message up",
        delivery.nack(BasicNackOptions::default()),
    )
    .await?;
    Ok(())
}
