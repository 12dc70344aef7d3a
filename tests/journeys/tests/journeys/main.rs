//! Journeys: what the demo tells, asked about.

mod clock_change;
mod concern;
mod deferral;
mod first_visit;
mod whole;
