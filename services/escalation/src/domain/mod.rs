//! The pure core: what a case is, what may happen to it and why not. No I/O, no clock, no chance;
//! everything that a rule rests on is an argument.

pub mod area;
pub mod at_desk;
pub mod case;
pub mod command;
pub mod decide;
pub mod event;
pub mod open_hours;
pub mod policy;
pub mod refusal;
pub mod region;
pub mod register;
pub mod shift;
pub mod timer;

#[cfg(test)]
mod tests;
