//! What the duty desk's part of a case is made of: who took it on, who holds it, what was noted, when
//! it alerts again, and who is told that nobody watches. Plain data.

use serde::{Deserialize, Serialize};
use visits_core::Timestamp;

/// The duty desk took the case on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// The operator.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// A note for the desk.
    pub note: String,
}

/// A note of the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Who wrote it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The note.
    pub text: String,
}

/// The case was given to an operator, or released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The operator; none = released.
    pub operator: Option<String>,
    /// Who gave it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// An acknowledged case without its next step, the HMI's call, alerts again (R-CON-9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextStepAlert {
    /// After how many minutes, and how often again.
    pub after_minutes: i32,
    /// When it alerts next, while the step is not taken.
    pub next_at: Timestamp,
    /// How many alerts have gone out.
    pub alerts: i32,
    /// Who chose the minutes, when and why, where it was not the policy.
    pub chosen: Option<Chosen>,
}

/// Somebody chose other than the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// Somebody outside of the desk is told that a case waits and nobody watches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pages {
    /// How many have gone out.
    pub sent: i32,
    /// Since when another is to go out, and why.
    pub wanted: Option<(Timestamp, Unwatched)>,
}

/// Why nobody watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unwatched {
    /// Nobody is on duty.
    NobodyOnDuty,
    /// Somebody is, and no console of theirs is live and audible.
    NoConsoleWatches,
}

impl Unwatched {
    /// The code in events and logs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NobodyOnDuty => "NOBODY_ON_DUTY",
            Self::NoConsoleWatches => "NO_CONSOLE_WATCHES",
        }
    }
}
