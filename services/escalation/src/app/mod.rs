//! What the service does: commands through `step`, reads through `query`, both scoped by `rights`.

pub mod consoles;
pub mod facts;
pub mod presence;
pub mod query;
pub mod register;
pub mod rights;
pub mod shifts;
pub mod step;

use std::sync::Arc;

use visits_durable::Durable;

use crate::domain::policy::Policy;
use presence::Presence;

/// The service's one handle. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App {
    durable: Durable,
    policy: Arc<Policy>,
    presence: Presence,
}

impl App {
    /// The service over its database, with its policy.
    #[must_use]
    pub fn new(durable: Durable, policy: Policy) -> Self {
        Self {
            durable,
            policy: Arc::new(policy),
            presence: Presence::default(),
        }
    }

    /// The database.
    #[must_use]
    pub const fn durable(&self) -> &Durable {
        &self.durable
    }

    /// The numbers of the business.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Who watches.
    #[must_use]
    pub const fn presence(&self) -> &Presence {
        &self.presence
    }
}
