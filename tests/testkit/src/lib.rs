//! What the tests of all services share: a workbench with its own folder, clock, identifiers and
//! bus, and the "cut" that proves a step can be run again.
//!
//! Nothing sleeps: tests move the clock and let the loops settle.

pub mod bench;
pub mod cut;
pub mod deployment;
pub mod events;
pub mod fake_peers;
pub mod host;
pub mod ports;
pub mod postgres;
pub mod process;
pub mod program;
pub mod rabbit;
pub mod rest;
pub mod wire;

pub use bench::{Bench, Database, seed};
pub use cut::at_every_cut;
pub use fake_peers::FakePeers;
pub use host::Host;
