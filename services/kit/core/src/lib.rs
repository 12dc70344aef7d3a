//! What every room of the house may use: identifiers, the clock, chance, the actor, and the one
//! vocabulary of failure.
//!
//! Nothing here is asynchronous and nothing here does input or output, but for a process that a
//! test has armed to die ([`mod@kill_point`]). Instants are whole
//! microseconds of UTC, because that is what both databases keep (R6).

pub mod actor;
pub mod audited;
pub mod clock;
pub mod fault;
pub mod fields;
pub mod ids;
pub mod jump;
pub mod kill_point;
pub mod london;
pub mod page;
pub mod parked;
pub mod working_days;

pub use actor::{Actor, Role};
pub use clock::{Clock, ManualClock, SystemClock};
pub use fault::{ErrorKind, Fault, FieldViolation, Refusal};
pub use fields::Fields;
pub use ids::{IdSource, RandomIds, SeededIds};
pub use jiff::{SignedDuration, Timestamp, civil};
pub use kill_point::{kill_point, kill_point_of};
pub use page::{Page, Part, SortKey};
pub use working_days::WorkingDays;
