//! Insights.

pub mod domain;
pub mod frame_file;
pub mod pseudonym;
pub mod terminal;
