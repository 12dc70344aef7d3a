//! What a service's own store shares: a value with its version, and how a save tells a conflict.

use sea_orm::UpdateResult;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;
use visits_core::{Fault, kill_point};

use crate::durable::json_fault;

pub use crate::fault::is_duplicate;

/// An aggregate's state as it was loaded, or as it was saved.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Versioned<T> {
    /// Which aggregate.
    pub id: Uuid,
    /// How often it was saved: 1 after the first time.
    pub version: i64,
    /// Its state.
    pub value: T,
}

impl<T> Versioned<T> {
    /// The version that the next save gives, with `current` as it stands.
    #[must_use]
    pub fn next_version(current: Option<&Self>) -> i64 {
        current.map_or(0, |current| current.version) + 1
    }
}

/// The state for its `body` column.
pub fn to_body(state: &impl Serialize) -> Result<Value, Fault> {
    kill_point("store.save.before");
    serde_json::to_value(state).map_err(json_fault("an aggregate"))
}

/// The state from its `body` column.
pub fn from_body<T: DeserializeOwned>(body: Value) -> Result<T, Fault> {
    kill_point("store.load.after");
    serde_json::from_value(body).map_err(json_fault("an aggregate"))
}

/// Whether an update `WHERE version = n` found its row; if not, somebody was there before.
pub fn saved_or_conflict(result: &UpdateResult, resource: &str) -> Result<(), Fault> {
    kill_point("store.save.after");
    if result.rows_affected == 1 {
        Ok(())
    } else {
        Err(Fault::conflict(resource))
    }
}
