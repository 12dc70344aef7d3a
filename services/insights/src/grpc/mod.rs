//! The gRPC side: convert, call `app`, convert back.

pub mod convert;
mod lists;
pub mod read;
pub mod service;
