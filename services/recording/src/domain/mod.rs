//! The pure core: what may happen to a visit's record, and what follows from it.
//!
//! No clock, no chance, no database: [`decide()`] takes everything as values. The table of every
//! state and command is `table_tests.rs`; the invariants are in `property_tests.rs`.

pub mod answer;
pub mod command;
pub mod coverage;
pub mod decide;
mod ending;
pub mod event;
pub mod form;
pub mod judgement;
mod life;
pub mod policy;
pub mod record;
pub mod refusal;
mod talk;
pub mod topic;

#[cfg(test)]
mod ending_tests;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod refusal_tests;
#[cfg(test)]
mod table_tests;

pub use answer::{Answer, FollowUp, Mark, Response, Revision};
pub use command::{Command, NewAnswer, NewPoint};
pub use coverage::Coverage;
pub use decide::{Ctx, Decision, decide};
pub use event::{Event, Timer};
pub use form::{Question, VisitForm};
pub use policy::Policy;
pub use record::{
    Agreement, Briefing, Control, Departure, Discussion, ExecutiveConversation, ExecutiveRequest,
    Feedback, Gap, HomeTime, Point, Readiness, Record, Stage, Start, Stop, VisitId,
};
pub use refusal::RecordingRefusal;
pub use topic::{Area, Mode, SpokenTo};
