//! The pure core: what a letter is, what may happen to it, and why not.
//!
//! Nothing here is asynchronous and nothing does input or output. `decide` takes the letter as it
//! stands, a command and the circumstances, and says what the letter becomes, what happened and
//! which timers follow; or it refuses, with a stable reason. `ground` does the same for what the
//! other services have said about a visit: whether a letter may be written about it at all.

pub mod command;
pub mod compose;
pub mod decide;
pub mod event;
pub mod ground;
pub mod letter;
pub mod policy;
pub mod refusal;
pub mod text;
pub mod text_check;
pub mod timer;

pub use command::Command;
pub use decide::{Context, Decision, decide};
pub use event::Event;
pub use ground::Ground;
pub use letter::{Kind, Letter, LetterId, State, VisitId};
pub use policy::Policy;
pub use refusal::Refusal;
pub use text::{Section, Text};
pub use timer::Timer;
