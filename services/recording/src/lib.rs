//! Recording: interim visits in progress, from the arrival to the departure.

pub mod domain;

/// The first version of the visit form, for the demo and for tests; production imports it.
pub const FIRST_FORM: &str = include_str!("../forms/2020-09.toml");
