//! The kit's rows, without behaviour.

pub(crate) mod audit;
pub(crate) mod counters;
pub(crate) mod inbox;
pub(crate) mod inbox_progress;
pub(crate) mod jobs;
pub(crate) mod leases;
pub(crate) mod outbox;
pub(crate) mod parked_messages;
pub(crate) mod requests;
