//! What the queue of a group gave up: out of the broker, and to where operators see it (R10).
//!
//! The queue that it comes through brings what other groups gave up too; it is for those to take.

use async_trait::async_trait;
use lapin::Connection;
use lapin::message::Delivery;
use visits_core::{ErrorKind, Fault};

use super::consumer::{Ears, acknowledge};
use crate::topology::{GROUPS, parked_queue_of};
use crate::{EVENT_NOT_STORABLE, Envelope, GivenUp, Subscription};

/// The broker's own headers of a message that a queue gave up.
const FIRST_QUEUE: &str = "x-first-death-queue";
const FIRST_REASON: &str = "x-first-death-reason";
/// Its word for one that its reader refused.
const REFUSED: &str = "rejected";

/// The reason of what the broker gave up by itself: it came back too often, or somebody's policy ended its
/// time or its room.
const EVENT_GIVEN_UP: &str = "EVENT_GIVEN_UP";

/// Takes out of the broker what one group's queue gave up.
pub(super) struct PuttingAside(pub(super) Subscription);

#[async_trait]
impl Ears for PuttingAside {
    fn queue(&self) -> String {
        parked_queue_of(self.0.group)
    }

    async fn take_in(&self, _connection: &Connection, batch: Vec<Delivery>) -> Result<(), Fault> {
        for delivery in batch {
            if !is_for_another(self.0.group, &delivery) {
                let message = given_up(&delivery);
                let (reason, size) = (message.why.reason, message.body.len());
                let (sent_as, words) = (message.sent_as.clone(), message.why.to_string());
                self.0.receiver.put_aside(message).await?;
                tracing::error!(
                    group = self.0.group,
                    message.sent_as = sent_as,
                    message.size = size,
                    reason,
                    "a message was put aside for an operator: {words}"
                );
            }
            acknowledge(&delivery).await?;
        }
        Ok(())
    }
}

/// Whether another group's queue gave it up. What came by another way is everybody's: rather shown
/// more than once than lost.
fn is_for_another(group: &str, delivery: &Delivery) -> bool {
    let from = header(delivery, FIRST_QUEUE);
    let mut others = GROUPS.iter().filter(|other| other.name != group);
    others.any(|other| from.as_deref() == Some(other.queue().as_str()))
}

/// What the broker gave up is not read again: it may be what ends its reader.
fn given_up(delivery: &Delivery) -> GivenUp {
    let by = header(delivery, FIRST_REASON).unwrap_or_default();
    let why = if by == REFUSED {
        let words = "an event that the database can't keep";
        let not_kept = || Fault::new(ErrorKind::InvalidInput, EVENT_NOT_STORABLE, words);
        Envelope::read(&delivery.data)
            .err()
            .unwrap_or_else(not_kept)
    } else {
        let words = format!("the broker gave it up by itself: {by}");
        Fault::new(ErrorKind::InvalidInput, EVENT_GIVEN_UP, words)
    };
    GivenUp {
        sent_as: delivery.routing_key.to_string(),
        body: delivery.data.clone(),
        why,
    }
}

fn header(delivery: &Delivery, name: &str) -> Option<String> {
    let headers = delivery.properties.headers().as_ref()?;
    let value = headers.inner().get(name)?;
    Some(value.as_long_string()?.to_string())
}
