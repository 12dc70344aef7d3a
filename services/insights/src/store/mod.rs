//! Load and save, by version. Rows hold the columns that queries need and the state as `body`.
//!
//! `visits` and `codings` have no column in common: a coding's id is the visit's pseudonym, which
//! only the service can make (M11). Releases and frames are inserted and never updated; the database
//! refuses it.

pub mod codings;
mod entity;
pub mod frames;
mod migration;
pub mod releases;
pub mod visits;

pub use migration::migrations;

use visits_core::Fault;

/// The word that serde has for a value of a field-less enum: how states stand in columns.
fn word(value: &impl serde::Serialize) -> Result<String, Fault> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(Fault::fatal("a state that is no word")),
    }
}
