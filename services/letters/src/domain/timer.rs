//! The timers and effects that a decision asks for.

use jiff::Timestamp;

/// A timer to set or to drop. At most one of each kind runs for one letter (or, before there is a
/// letter, for one ground).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Set it, in place of one that runs.
    Arm(Due, Timestamp),
    /// Drop it, if it runs.
    Cancel(Due),
}

/// What falls due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// The draft.
    Draft,
    /// The publication.
    Publication,
    /// The link's sending: an effect, due at once.
    SendLink,
    /// The reminder to the school.
    Reminder,
    /// The school's reply.
    Reply,
}

impl Due {
    /// Everything that can fall due for a letter.
    pub const OF_LETTER: [Self; 4] = [
        Self::Publication,
        Self::SendLink,
        Self::Reminder,
        Self::Reply,
    ];

    /// The kind of job.
    #[must_use]
    pub const fn job(self) -> &'static str {
        match self {
            Self::Draft => "letters.draft_due",
            Self::Publication => "letters.publication_target",
            Self::SendLink => "letters.send_to_school",
            Self::Reminder => "letters.school_reminder",
            Self::Reply => "letters.reply_due",
        }
    }
}
