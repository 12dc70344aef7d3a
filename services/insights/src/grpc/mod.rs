//! The gRPC side: convert, call `app`, convert back.

pub mod convert;
pub mod read;
pub mod service;
