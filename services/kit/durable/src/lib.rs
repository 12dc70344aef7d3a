//! One transaction says everything.
//!
//! State, outbox, jobs, audit, inbox and the answer to a request change together, inside
//! [`Durable::unit_of_work`], the only place that writes. What follows from a commit (a place in
//! the feed, publishing, a timer's firing, a received event's effect) is the work of the
//! [`worker::Workers`]: loops that find in the database what is left to do, woken by a signal and
//! sweeping without one. Killing the process between any two lines loses nothing and doubles
//! nothing.
//!
//! Rules held here: R1, R2, R3, R4, R5, R6, R7, R8, R10, R11, R17, R18.

mod audit;
mod audited;
mod beside;
mod cause;
mod chain;
mod cut;
mod database;
mod database_clock;
mod durable;
mod entity;
mod fault;
mod feed;
mod inbox;
mod jobs;
pub mod keyset;
mod lease;
mod migration;
mod outbox;
mod own_task;
mod parked;
mod postgres;
mod receive;
mod relay;
mod requests;
mod resend;
mod sequencer;
mod silence;
pub mod store;
mod sweep;
mod together;
mod trace;
mod unwritten;
mod upkeep;
mod work;
pub mod worker;

pub use audit::{AuditEntry, AuditPage};
pub use cause::{Cause, Fingerprint};
pub use cut::{CUT_REASON, Cuts};
pub use database_clock::DatabaseClock;
pub use durable::{Durable, Settings};
pub use fault::db_fault;
pub use feed::{Feed, FeedEntry};
pub use inbox::{ALREADY_HANDLED, Consumer};
pub use jobs::{ClaimedJob, JobChange, JobHandler};
pub use migration::all as migrations;
pub use outbox::{AggregateRef, PublicEvent};
pub use parked::PARKED_ITEM_GONE;
pub use silence::{Patience, Pool};
pub use sweep::{Health, Sweep};
pub use upkeep::Upkeep;
pub use work::Step;
pub use worker::{ServiceParts, Workers};

pub use futures_util::future::BoxFuture;
pub use sea_orm;
pub use sea_orm_migration;
