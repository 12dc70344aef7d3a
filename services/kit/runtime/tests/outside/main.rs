//! Access tokens of the issuer that is configured for people (R16): what is believed, what is not,
//! and what becomes of the keys.

mod keys;
mod publisher;
mod tokens;
