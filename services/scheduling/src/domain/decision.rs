//! What a decision is, and what it rests on besides the state.

use visits_core::{Actor, Timestamp};

use super::policy::Policy;
use super::timer::Timer;

/// The answer of a rule that did not refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision<S, E> {
    /// It stands already; there is nothing to write.
    Unchanged,
    /// The next state, what is said about it, and what is to be done later.
    Changed {
        /// The state to save.
        next: Box<S>,
        /// What happened, in order.
        events: Vec<E>,
        /// Timers to arm or to cancel.
        jobs: Vec<Timer>,
    },
}

/// What every decision may look at: values, never a clock.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The present instant.
    pub now: Timestamp,
    /// Who acts.
    pub actor: &'a Actor,
    /// The business numbers.
    pub policy: &'a Policy,
}
