//! Rows, without behaviour.

pub(crate) mod barrier;
pub(crate) mod grounds;
pub(crate) mod letters;
pub(crate) mod links;
pub(crate) mod team;
