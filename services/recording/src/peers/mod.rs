//! Other services that recording asks for fresh answers.

pub mod scheduling;

pub use scheduling::{PlannedVisit, Scheduling};
