//! Load and save, by version. Rows hold the columns that queries need and the state as `body`.
//! Functions take any connection: a transaction inside a step, the read pool outside.

pub mod barriers;
pub mod begun;
pub mod cases;
pub mod consoles;
mod entity;
pub mod grounds;
mod migration;
pub mod register;
pub mod shifts;

pub use migration::migrations;
