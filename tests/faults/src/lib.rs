//! Real processes, real kills; what the callers know is the judge.
//!
//! Two deployments: one process with everything on files ([`serve`]), and services of their own on
//! PostgreSQL and RabbitMQ ([`stack`]), whose processes die at named points ([`points`]).
//!
//! `visits serve` runs as it is, on files. Several clients load it, each repeating a request under
//! its request id until it is answered, and write into a ledger of their own what they asked and
//! what they were answered. The process is killed again and again; its clock moves on only while it
//! is down. At the end the ledger says what must be there, once.

pub mod arm;
pub mod caller;
pub mod campaign;
pub mod intruders;
pub mod judge;
pub mod ledger;
pub mod load;
pub mod points;
pub mod prelude;
pub mod recovery;
pub mod run;
pub mod serve;
pub mod spy;
pub mod stack;
pub mod stranger;
pub mod watcher;
pub mod workflow;
pub mod zombie;
