//! What the service does: one way in for everything that changes something, and its reads.

pub mod query;
pub mod rights;
pub mod step;

use std::sync::Arc;

use visits_durable::Durable;

use crate::config::Setup;

/// The service, as its gRPC methods, pages, consumers and jobs use it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App {
    /// Its store.
    pub durable: Durable,
    /// What it is set up with.
    pub setup: Arc<Setup>,
}
