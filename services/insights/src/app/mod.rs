//! What insights can do: one way in for everything that changes something, and the reads.

pub mod access;
pub mod query;
pub mod step;

use visits_durable::Durable;

use crate::config::Policy;

/// The service's own side: its store, its numbers, its secret. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App {
    durable: Durable,
    policy: Policy,
}

impl App {
    /// The service over its store.
    #[must_use]
    pub fn new(durable: Durable, policy: Policy) -> Self {
        Self { durable, policy }
    }

    /// The store.
    #[must_use]
    pub fn durable(&self) -> &Durable {
        &self.durable
    }
}
