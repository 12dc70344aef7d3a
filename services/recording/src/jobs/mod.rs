//! Timers of recording.

mod end_access;

pub use end_access::{END_ACCESS, EndAccess};
