//! The event bus: what travels, and the port that carries it.
//!
//! An [`Envelope`] holds ids, codes, versions and times, never an answer, a concern's text or a
//! person's name (R19). A bus confirms an event once every group subscribed to its aggregate has
//! it *durably*; until then the publisher sends it again, so a receiver must expect it twice.

pub mod asyncapi;
mod envelope;
mod local;
pub mod rabbit;
pub mod topology;

use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;
use visits_core::Fault;

pub use envelope::{EVENT_NOT_STORABLE, EVENT_UNREADABLE, Envelope};
pub use local::LocalBus;

/// Carries events from the service that says them to those that hear them.
#[async_trait]
pub trait EventBus: Send + Sync + 'static {
    /// Hands over events, in order. Returns once every subscribed group has them durably; on a
    /// fault the caller sends all of them again, with the same ids.
    async fn publish_all(&self, envelopes: &[Envelope]) -> Result<(), Fault>;

    /// Hands over one event.
    async fn publish(&self, envelope: &Envelope) -> Result<(), Fault> {
        self.publish_all(std::slice::from_ref(envelope)).await
    }

    /// Lets a group hear every event of the aggregates that it names, from now on.
    async fn subscribe(&self, subscription: Subscription) -> Result<(), Fault>;

    /// Whether it keeps what it has confirmed on disks of its own, and can lose it there.
    fn can_forget(&self) -> bool {
        false
    }

    /// Whether it still has, or has handed over, everything that this publisher was confirmed
    /// since it set this mark. A mark goes where what is kept goes, and never comes back.
    async fn remembers(&self, _mark: Uuid) -> Result<bool, Fault> {
        Ok(true)
    }

    /// Sets a mark with everything that keeps this publisher's events; takes the one before away.
    async fn set_mark(&self, _mark: Uuid, _before: Option<Uuid>) -> Result<(), Fault> {
        Ok(())
    }
}

/// A group's wish to hear all events of some kinds of aggregate. All of them, not only those it
/// acts upon: that is how it sees a gap in an aggregate's sequence (R11).
#[derive(Clone)]
pub struct Subscription {
    /// The group, one a service: `recording`.
    pub group: &'static str,
    /// The kinds of aggregate, as `scheduling.visit`.
    pub aggregates: Vec<&'static str>,
    /// Where the events go.
    pub receiver: Arc<dyn Receiver>,
}

/// Takes events in durably: the inbox of a service.
#[async_trait]
pub trait Receiver: Send + Sync + 'static {
    /// Stores the events, but for those that are stored already. After `Ok` none can be lost; a fault
    /// of the kind `InvalidInput` says that one of them can never be stored.
    async fn receive(&self, envelopes: &[Envelope]) -> Result<(), Fault>;

    /// Puts aside for an operator what the group's queue gave up (R10). After `Ok` it can't be lost; the
    /// same message again is the same item.
    async fn put_aside(&self, message: GivenUp) -> Result<(), Fault>;
}

/// A message that the queue of a group gave up: no event could be made of it, or none that can be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenUp {
    /// What it was sent as: a type of event.
    pub sent_as: String,
    /// As it was sent. Nobody knows what is in there (R19).
    pub body: Vec<u8>,
    /// Why it was given up, with nothing of what it says.
    pub why: Fault,
}
