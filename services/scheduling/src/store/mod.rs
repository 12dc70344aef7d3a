//! The tables: schools as plain columns, visits and inspectors with their state as one body and
//! what is asked for as columns, the diary whose key forbids two engagements a day, and the
//! reference data.

mod entity;
mod first_data;
pub mod inspector;
mod migration;
pub mod reference;
pub mod school;
pub mod search;
pub mod visit;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use visits_core::Fault;
use visits_durable::sea_orm_migration::MigrationTrait;

/// The service's own tables, and the reference data that it ships with.
#[must_use]
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(migration::Tables), Box::new(first_data::FirstData)]
}

/// The name of a value of an enumeration, as its JSON has it.
fn to_code(value: &impl Serialize) -> Result<String, Fault> {
    match serde_json::to_value(value) {
        Ok(Value::String(code)) => Ok(code),
        _ => Err(Fault::fatal("an enumeration that is not text in JSON")),
    }
}

/// The value of an enumeration from its name.
fn from_code<T: DeserializeOwned>(code: &str) -> Result<T, Fault> {
    serde_json::from_value(Value::String(code.to_owned()))
        .map_err(|error| Fault::fatal(format!("a stored name that is none: {error}")))
}
