//! The rules under test: a small world with a case, a clock and the timers that the case asked
//! for; then every cell of the table, the stories and the properties.

mod deadline;
mod deciding;
mod holding;
mod inspecting;
mod properties;
mod raising;
mod table;
mod world;
