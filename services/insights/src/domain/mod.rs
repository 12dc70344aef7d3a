//! The pure core of insights: no input, no output, no clock, no chance.
//!
//! | file | what it knows |
//! |---|---|
//! | `frame` | coding frames: immutable versions |
//! | `visit` | what was heard of a visit, and whether it counts |
//! | `coding` | a visit's de-identified answers and the rounds in which they were coded |
//! | `picture` | counted visits → the tables of a release |
//! | `composition`, `themes`, `percent`, `conversion` | the arithmetic of the picture |
//! | `release` | a dated picture that never changes |
//! | `table`, `csv` | tables as cells, and as a file |
//! | `deidentify` | takes the school and titled surnames out of a text |

pub mod coding;
pub mod composition;
pub mod conversion;
pub mod csv;
pub mod deidentify;
pub mod frame;
pub mod percent;
pub mod picture;
pub mod policy;
pub mod release;
pub mod school;
pub mod table;
pub mod themes;
pub mod visit;

use visits_core::{Actor, Timestamp};

/// What a decision may know beside the state and the command.
#[derive(Clone, Debug)]
pub struct Context {
    /// The instant of the step.
    pub now: Timestamp,
    /// Who acts.
    pub actor: Actor,
}

/// What a command comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision<S> {
    /// Nothing is different afterwards: a repeat, or news that changes nothing.
    Unchanged,
    /// There is a next state, and work that follows from it.
    Changed {
        /// The state from now on.
        next: S,
        /// Work to arm in the same transaction.
        jobs: Vec<Timer>,
    },
}

impl<S> Decision<S> {
    /// A next state from which no work follows.
    #[must_use]
    pub const fn changed(next: S) -> Self {
        Self::Changed {
            next,
            jobs: Vec::new(),
        }
    }
}

/// Work that a decision arms; all of it is due at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Fetch the answers of a visit that was completed.
    FetchAnswers,
    /// The visit no longer counts: erase what was fetched.
    EraseAnswers,
}
