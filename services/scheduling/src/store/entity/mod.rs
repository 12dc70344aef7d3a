//! Rows, without behaviour.

pub(crate) mod bank_holidays;
pub(crate) mod calendars;
pub(crate) mod engagements;
pub(crate) mod inspectors;
pub(crate) mod members;
pub(crate) mod routine_inspections;
pub(crate) mod schools;
pub(crate) mod scripts;
pub(crate) mod visits;
