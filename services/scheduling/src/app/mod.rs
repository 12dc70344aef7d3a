//! What the service does: one way in for everything that changes something, and its reads.

pub mod facts;
pub mod flags;
pub mod imports;
pub mod query;
pub mod rights;
pub mod step;
pub mod wish;

use std::sync::Arc;

use visits_durable::Durable;

use crate::domain::policy::Policy;

/// The service, as its gRPC methods, consumers, jobs and sweep use it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App {
    /// Its store.
    pub durable: Durable,
    /// The business numbers.
    pub policy: Arc<Policy>,
}
