//! Scheduling.

pub mod domain;
pub mod import;

/// The first version of the call's script (M14), ready to be imported.
pub const FIRST_CALL_SCRIPT: &str = include_str!("../scripts/call-script-2020-09-29.toml");
