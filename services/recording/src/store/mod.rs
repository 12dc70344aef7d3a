//! The service's own tables. State is stored, not events: a record is one row with what queries
//! need beside its body, and is saved only over the version that was loaded.

mod entity;
mod migration;

pub mod assignments;
pub mod forms;
pub mod records;

pub use migration::migrations;
