//! The house rules that a machine can hold: who may use whom, how long things may get, what names
//! and contracts must look like, and whether the documents still tell the truth.
//!
//! Each rule is a function from what it reads to its [`Finding`]s, so that its own tests can hand
//! it a bad sample and see it fail. `tests/house.rs` runs every rule over the real tree, and
//! `cargo run -p visits-tidy` prints all findings at once.

pub mod code;
pub mod console;
pub mod contracts;
pub mod lengths;
pub mod licences;
pub mod names;
pub mod papers;
pub mod readme;
pub mod reasons;
pub mod requirements;
pub mod rooms;
pub mod rules;
pub mod tree;
pub mod uses;

use std::fmt;

/// One breach of one rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Where: a path from the top of the repository, a line after it where there is one.
    pub place: String,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl Finding {
    /// A finding at `place`.
    pub fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            what: what.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}
