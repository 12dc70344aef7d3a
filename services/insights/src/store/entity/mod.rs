//! The tables, without behaviour.

pub(super) mod codings;
pub(super) mod frames;
pub(super) mod releases;
pub(super) mod visits;
