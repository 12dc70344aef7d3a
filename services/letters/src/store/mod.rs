//! The tables: letters with their state as one body and what is asked for as columns, the links of
//! the school's rounds, what was heard about visits, and the barrier.

pub mod barrier;
mod entity;
pub mod ground;
pub mod letter;
pub mod link;
pub mod migration;
pub mod search;
