//! The gRPC face: convert, call `app`, convert.

mod convert;
mod drafting;
mod request;
mod service;

pub use convert::{letter, published_letter};
pub use request::reply;
pub use service::LettersGrpc;
