//! The gRPC face: read the request, ask `app`, write the answer. No rule lives here.

mod answer;
mod case_event;
mod cases;
mod desk;
mod filter;
mod page;
mod request;
pub mod service;
pub mod watch;
