//! What a step says happened, and what it asks of time.

use jiff::Timestamp;
use uuid::Uuid;

/// What happened. Which of them leaves the service, and as what, is `publish.rs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The record was made, or what scheduling says about the visit changed.
    Briefed,
    /// Scheduling cancelled the visit.
    Cancelled,
    /// The visit started with a version of the form.
    Started {
        /// When.
        at: Timestamp,
        /// The version that it keeps (M8).
        form_version: String,
    },
    /// A discussion was opened.
    DiscussionOpened(Uuid),
    /// A discussion was closed.
    DiscussionClosed(Uuid),
    /// An answer was written down.
    AnswerRecorded(Uuid),
    /// A follow-up was written down.
    FollowUpRecorded(Uuid),
    /// An answer or a follow-up was corrected.
    AnswerCorrected(Uuid),
    /// The executive leaders' request was met, or explained.
    ExecutiveRequestSettled,
    /// The inspectors left, or the conversations ended.
    Departed {
        /// When.
        at: Timestamp,
    },
    /// The letter's content was agreed.
    ContentAgreed {
        /// The number of the agreement.
        version: i32,
        /// When.
        at: Timestamp,
    },
    /// The school was asked for feedback on the visit.
    FeedbackRecorded {
        /// When.
        at: Timestamp,
    },
    /// The lead completed the visit.
    Completed {
        /// When.
        at: Timestamp,
        /// The version of the form that it kept.
        form_version: String,
    },
    /// The visit stopped.
    Stopped {
        /// The instant of the decision.
        decided_at: Timestamp,
        /// The case, as a resource name.
        case: String,
    },
    /// The team's access ended.
    AccessEnded,
}

/// What a step asks of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The team's access ends at that instant (M11); replaces an earlier one.
    EndAccess {
        /// When.
        due_at: Timestamp,
    },
}
