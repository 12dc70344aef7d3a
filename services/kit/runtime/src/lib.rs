//! How a service meets the outside: configuration, logs, the gRPC server, who calls, what they may
//! do, and how a failure reads on the wire.
//!
//! Everything here is the same for every service; nothing here knows a business rule, a database
//! or a broker. The invariants:
//!
//! * a [`visits_core::Fault`] becomes a `Status` in one function, [`to_status`];
//! * a call without a verified token reaches no handler, health and reflection excepted;
//! * what [`authorise`] does not permit is refused;
//! * the time left to a caller is the time left to every call made for it (R13).

pub mod auth;
pub mod deadline;
pub mod deps;
pub mod etag;
pub mod figures;
pub mod filter;
pub mod help;
pub mod lifecycle;
pub mod limits;
pub mod local;
pub mod not_ready;
pub mod operations;
pub mod order;
pub mod paging;
pub mod peers;
pub mod policy;
pub mod resume;
pub mod secrets;
pub mod server;
pub mod settings;
pub mod status;
pub mod telemetry;
mod trace;
pub mod web;

pub use auth::{Caller, caller};
pub use deps::{Built, Deps};
pub use local::LocalListener;
pub use peers::{AuthenticatedChannel, Peers};
pub use policy::{Action, Resource, authorise};
pub use resume::ResumeTokens;
pub use server::Server;
pub use status::{DOMAIN, from_status, to_status};
