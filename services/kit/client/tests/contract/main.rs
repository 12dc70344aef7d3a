//! The retry contract, against a real server (R-API-12).

mod calls;
mod service;
mod watches;
