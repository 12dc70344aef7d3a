//! Answers: written down as given, corrected without losing what stood before (M22).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::judgement;
use super::topic::Area;

/// What was said to a question. To decline is an answer too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Response {
    /// The words as given.
    Given(String),
    /// They declined to answer.
    Declined,
}

impl Response {
    /// The words; empty where the answer was declined.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Given(text) => text,
            Self::Declined => "",
        }
    }

    /// Whether they declined to answer.
    #[must_use]
    pub const fn is_declined(&self) -> bool {
        matches!(self, Self::Declined)
    }
}

/// Why an answer is kept but left out of insight (M30).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// Given later than the decision that stopped the visit.
    GivenAfterStop,
    /// Given before it, but it arrived after the visit was stopped.
    ReceivedAfterStop,
}

/// What stood before a correction (M22).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// What stood.
    pub stood: Response,
    /// Why it was corrected.
    pub reason: String,
    /// Who corrected it.
    pub inspector: String,
    /// When.
    pub corrected_at: Timestamp,
}

/// What was said, as it stands, with what stood before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// As it stands now.
    pub response: Response,
    /// What stood before, oldest first.
    pub revisions: Vec<Revision>,
    /// The phrases that state a graded judgement (M5): flagged and never a reason to refuse.
    pub flagged: Vec<String>,
    /// Who wrote it down.
    pub inspector: String,
    /// When it was given.
    pub given_at: Timestamp,
    /// When it reached the system.
    pub recorded_at: Timestamp,
    /// Why it is left out of insight, where it is.
    pub mark: Option<Mark>,
}

impl Statement {
    /// A statement that nobody has corrected.
    #[must_use]
    pub fn new(response: Response, inspector: &str, given_at: Timestamp, now: Timestamp) -> Self {
        Self {
            flagged: judgement::phrases_in(response.text()),
            response,
            revisions: Vec::new(),
            inspector: inspector.to_owned(),
            given_at,
            recorded_at: now,
            mark: None,
        }
    }

    /// Puts `right` in the place of what stands, which is kept.
    pub(super) fn correct(
        &mut self,
        right: Response,
        reason: &str,
        inspector: &str,
        now: Timestamp,
    ) {
        self.flagged = judgement::phrases_in(right.text());
        let stood = std::mem::replace(&mut self.response, right);
        self.revisions.push(Revision {
            stood,
            reason: reason.to_owned(),
            inspector: inspector.to_owned(),
            corrected_at: now,
        });
    }

    /// Marks what was said after the decision that stopped the visit.
    pub(super) fn mark_if_given_after(&mut self, decided_at: Timestamp) {
        if self.given_at > decided_at {
            self.mark = Some(Mark::GivenAfterStop);
        }
    }
}

/// The answer to one of the form's questions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Identifies it.
    pub id: Uuid,
    /// The discussion in which it was given.
    pub discussion: Uuid,
    /// The code of the question asked.
    pub question_code: String,
    /// The question's text, as the form of this visit has it (M21).
    pub question_text: String,
    /// The area of the question.
    pub area: Area,
    /// What was said.
    pub statement: Statement,
    /// The follow-ups beneath it.
    pub follow_ups: Vec<FollowUp>,
}

/// A probing question with its answer, beneath the question asked (M21).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUp {
    /// Identifies it.
    pub id: Uuid,
    /// The follow-up as asked.
    pub question: String,
    /// What was said.
    pub statement: Statement,
}
