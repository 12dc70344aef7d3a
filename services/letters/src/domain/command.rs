//! What can be asked of a letter: by a person, by the school, by an event or by a timer.

use super::letter::{About, Answer, Channel, Outcome, SupersedeCause};
use super::text::Text;

/// A command to one letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The lead HMI drafts it (M35, M32).
    Draft(Box<Draft>),
    /// The lead HMI replaces the text.
    Revise {
        /// The new text, whole.
        text: Text,
    },
    /// The lead HMI confirms marks of the text check (M5).
    ConfirmMarks {
        /// The findings' ids.
        ids: Vec<String>,
    },
    /// The draft goes to the school (M36).
    SendToSchool {
        /// The mailbox that gets the link.
        recipient: String,
        /// SHA-256 of the link's token for the coming round.
        link_hash: String,
    },
    /// The link left through the mailbox.
    LinkDelivered {
        /// Which round.
        round: u32,
    },
    /// The school replied (M36).
    RecordReply(SchoolReply),
    /// One of the school's corrections is answered (M36).
    AnswerCorrection {
        /// Which, from 1.
        number: u32,
        /// Accepted or declined.
        outcome: Outcome,
        /// Why.
        reason: String,
    },
    /// A publisher decides to go on without a reply (M36).
    DecideNoReply {
        /// Why.
        reason: String,
    },
    /// The letter may be published.
    MarkReady,
    /// A publisher publishes it (M37).
    Publish,
    /// A publisher publishes a new edition (M37).
    Correct {
        /// The whole text of the edition.
        text: Text,
        /// What changed, for readers.
        change_note: String,
        /// The marks of the new text that are ordinary use.
        confirmed: Vec<String>,
    },
    /// A publisher withdraws it (M37).
    Withdraw {
        /// Why, for readers.
        reason: String,
    },
    /// Its visit was converted or stopped (M30).
    Supersede {
        /// Which of the two.
        cause: SupersedeCause,
    },
    /// The school was reminded.
    SchoolReminded {
        /// Which round.
        round: u32,
    },
    /// The time for the school's reply has passed.
    ReplyOverdue {
        /// Which round.
        round: u32,
    },
    /// The publication target has passed.
    TargetPassed,
}

impl Command {
    /// The command's name in refusals and audit rows.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Draft(_) => "draft",
            Self::Revise { .. } => "revise",
            Self::ConfirmMarks { .. } => "confirm_marks",
            Self::SendToSchool { .. } => "send_to_school",
            Self::LinkDelivered { .. } => "link_delivered",
            Self::RecordReply(_) => "record_reply",
            Self::AnswerCorrection { .. } => "answer_correction",
            Self::DecideNoReply { .. } => "decide_no_reply",
            Self::MarkReady => "mark_ready",
            Self::Publish => "publish",
            Self::Correct { .. } => "correct",
            Self::Withdraw { .. } => "withdraw",
            Self::Supersede { .. } => "supersede",
            Self::SchoolReminded { .. } => "school_reminded",
            Self::ReplyOverdue { .. } => "reply_overdue",
            Self::TargetPassed => "target_passed",
        }
    }
}

/// What the school replies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchoolReply {
    /// The round that the reply is to, if it says so; else the one that is open.
    pub round: Option<u32>,
    /// The role of whoever replied.
    pub respondent_role: String,
    /// How the reply came.
    pub channel: Channel,
    /// Passage and correction, in the order given.
    pub corrections: Vec<(String, String)>,
}

/// What a draft begins with: fetched from the other services before the step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The letter's new name.
    pub id: super::LetterId,
    /// What it is about.
    pub about: About,
    /// The text composed from the agreed content or from the findings.
    pub text: Text,
    /// The version of the agreed content; 0 for an NFD letter.
    pub content_version: u32,
}

impl Answer {
    /// Whether this answer says the same as `outcome` with `reason`.
    #[must_use]
    pub fn says(&self, outcome: Outcome, reason: &str) -> bool {
        self.outcome == outcome && self.reason == reason
    }
}
