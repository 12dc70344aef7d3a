//! What the service does: steps that commit, queries that don't.

pub mod form_file;
pub mod outcome;
pub mod query;
pub mod step;

use std::sync::Arc;

use visits_durable::Durable;

use crate::domain::Policy;

/// What every step and query works with. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App {
    /// The service's database, clock and identifiers.
    pub durable: Durable,
    /// The numbers that are policy.
    pub policy: Arc<Policy>,
}
