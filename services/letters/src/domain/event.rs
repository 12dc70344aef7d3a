//! What happened to a letter: private to this service. `publish.rs` says which of it others hear.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::letter::{Outcome, SupersedeCause};

/// Something that happened to a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It was drafted.
    Drafted,
    /// Its text was replaced.
    Revised {
        /// The new revision.
        revision: u32,
        /// Whether the school has to see it again.
        back_to_drafting: bool,
    },
    /// Marks were confirmed.
    MarksConfirmed {
        /// The findings' ids.
        ids: Vec<String>,
    },
    /// It went to the school.
    SentToSchool {
        /// Which round.
        round: u32,
        /// Until when the school is asked to reply.
        reply_due: Timestamp,
    },
    /// The link left.
    LinkDelivered {
        /// Which round.
        round: u32,
    },
    /// The school was reminded.
    SchoolReminded {
        /// Which round.
        round: u32,
    },
    /// The time for the reply passed.
    ReplyOverdue {
        /// Which round.
        round: u32,
    },
    /// The school replied.
    SchoolReplied {
        /// Which round.
        round: u32,
        /// How many corrections it asks for.
        corrections: u32,
    },
    /// A correction was answered.
    CorrectionAnswered {
        /// Which.
        number: u32,
        /// How.
        outcome: Outcome,
    },
    /// A publisher decided to go on without a reply.
    NoReplyDecided {
        /// Which round.
        round: u32,
    },
    /// It may be published.
    MadeReady,
    /// It was published.
    Published {
        /// The edition: 1.
        edition: u32,
    },
    /// It has a new edition.
    Corrected {
        /// The edition.
        edition: u32,
    },
    /// It was withdrawn.
    Withdrawn,
    /// It will never be published.
    Superseded {
        /// Why.
        cause: SupersedeCause,
    },
    /// The publication target passed.
    TargetPassed,
}

impl Event {
    /// The event's name in audit rows.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Drafted => "letter.drafted",
            Self::Revised { .. } => "letter.revised",
            Self::MarksConfirmed { .. } => "letter.marks_confirmed",
            Self::SentToSchool { .. } => "letter.sent_to_school",
            Self::LinkDelivered { .. } => "letter.link_delivered",
            Self::SchoolReminded { .. } => "letter.school_reminded",
            Self::ReplyOverdue { .. } => "letter.reply_overdue",
            Self::SchoolReplied { .. } => "letter.school_replied",
            Self::CorrectionAnswered { .. } => "letter.correction_answered",
            Self::NoReplyDecided { .. } => "letter.no_reply_decided",
            Self::MadeReady => "letter.ready",
            Self::Published { .. } => "letter.published",
            Self::Corrected { .. } => "letter.corrected",
            Self::Withdrawn => "letter.withdrawn",
            Self::Superseded { .. } => "letter.superseded",
            Self::TargetPassed => "letter.publication_target_passed",
        }
    }

    /// What the audit keeps of it: numbers, codes and times, never words.
    #[must_use]
    pub fn detail(&self) -> Value {
        match self {
            Self::Revised {
                revision,
                back_to_drafting,
            } => {
                json!({ "revision": revision, "back_to_drafting": back_to_drafting })
            }
            Self::MarksConfirmed { ids } => json!({ "marks": ids }),
            Self::SentToSchool { round, reply_due } => {
                json!({ "round": round, "reply_due": reply_due })
            }
            Self::SchoolReplied { round, corrections } => {
                json!({ "round": round, "corrections": corrections })
            }
            Self::LinkDelivered { round }
            | Self::SchoolReminded { round }
            | Self::ReplyOverdue { round }
            | Self::NoReplyDecided { round } => json!({ "round": round }),
            Self::CorrectionAnswered { number, outcome } => {
                json!({ "correction": number, "outcome": outcome })
            }
            Self::Published { edition } | Self::Corrected { edition } => {
                json!({ "edition": edition })
            }
            Self::Superseded { cause } => json!({ "cause": cause.code() }),
            Self::Drafted | Self::MadeReady | Self::Withdrawn | Self::TargetPassed => json!({}),
        }
    }
}
