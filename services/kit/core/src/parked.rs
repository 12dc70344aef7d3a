//! What a service could not handle and put aside for an operator (R10).
//!
//! Ids, codes and times only: what an event or a job carried besides stays where it is (R19).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::page::Part;

/// What was put aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParkedKind {
    /// An event of another service.
    Event,
    /// A timer or an effect of its own.
    Job,
    /// What came over the bus and is no event that can be read or kept here.
    Message,
}

/// How far an operator has got with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParkedState {
    /// It waits for an operator.
    Parked,
    /// It is to be tried again.
    Retried,
    /// It never will be.
    Discarded,
}

/// What waits for an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParkedItem {
    /// The event's or the job's identifier.
    pub id: Uuid,
    /// What it is.
    pub kind: ParkedKind,
    /// How far an operator has got with it.
    pub state: ParkedState,
    /// The event's type, the kind of job, or what the message was sent as.
    pub code: String,
    /// The resource that it is about: `visits/0192…`; of a message its size and the beginning of its hash.
    pub subject: String,
    /// Whose events are handled in order with this one; none but for an event.
    pub aggregate: Option<(String, Uuid)>,
    /// The event's place among those of its aggregate, or the version that armed the job.
    pub sequence: i64,
    /// How often it was tried; how often the message came.
    pub attempts: i32,
    /// When it came first, or the job was armed.
    pub received_at: Timestamp,
    /// Since when it waits for an operator.
    pub parked_at: Timestamp,
    /// The reason of the last fault.
    pub reason: String,
    /// What the last fault said.
    pub message: String,
    /// How many later events of the same aggregate wait for this one.
    pub behind: u64,
}

impl ParkedItem {
    /// What it holds in a field that lists are ordered by.
    #[must_use]
    pub fn part(&self, field: &str) -> Part {
        match field {
            "park_time" => Part::Number(self.parked_at.as_microsecond()),
            _ => Part::text(&self.id),
        }
    }
}

/// An event that waits for one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingEvent {
    /// Its identifier.
    pub id: Uuid,
    /// Its type.
    pub event_type: String,
    /// Its place among those of its aggregate.
    pub sequence: i64,
    /// When it came.
    pub received_at: Timestamp,
}
