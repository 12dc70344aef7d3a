//! The contract's side: read the request, call the app, show the answer. No rule lives here.

mod codes;
mod lists;
mod read;
mod reads;
mod service;
mod show;

pub use service::RecordingGrpc;
