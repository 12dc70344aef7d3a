//! The pure core: what may happen to a visit, its call and an inspector, and what it says then.
//!
//! `decide(state, command, ctx)` takes values and gives a [`decision::Decision`] or a
//! [`refusal::Refusal`]; nothing here reads a clock, a database or the network. Every
//! (state × command) pair has a row in the tables beside [`decide`] and [`inspector`].

pub mod arrangements;
pub mod calendar;
pub mod call;
pub mod command;
pub mod decide;
pub mod decision;
pub mod event;
pub mod inspector;
pub mod policy;
pub mod refusal;
pub mod school;
pub mod school_day;
pub mod script;
pub mod team;
pub mod timer;
pub mod visit;
