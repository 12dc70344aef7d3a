//! Which forms a letter's page offers to whom. Offering is a courtesy; the service decides.

use visits_core::Role;
use visits_proto::letters::v1 as pb;
use visits_proto::letters::v1::correction::Answer;
use visits_proto::letters::v1::finding::Severity;
use visits_proto::letters::v1::letter::State;

use crate::session::Session;
use crate::sheet::Offer;
use crate::words::code;

/// A form of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OfLetter {
    /// The writer confirms marks of the text check.
    Confirm,
    /// The writer changes the text.
    Revise,
    /// The draft goes to the school.
    Send,
    /// A reply that the school gave otherwise than on its page.
    Reply,
    /// The publisher goes on without a reply.
    NoReply,
    /// The writer answers this correction.
    Answer(i32),
    /// The letter may be published.
    Ready,
    /// It is.
    Publish,
    /// A new edition.
    Correct,
    /// It is withdrawn.
    Withdraw,
}

impl Offer for OfLetter {
    const PLAIN: &'static [Self] = &[
        Self::Confirm,
        Self::Revise,
        Self::Send,
        Self::Reply,
        Self::NoReply,
        Self::Ready,
        Self::Publish,
        Self::Correct,
        Self::Withdraw,
    ];

    fn path(&self) -> String {
        let name = match self {
            Self::Confirm => "confirm",
            Self::Revise => "revise",
            Self::Send => "send",
            Self::Reply => "reply",
            Self::NoReply => "no-reply",
            Self::Answer(number) => return format!("answer-{number}"),
            Self::Ready => "ready",
            Self::Publish => "publish",
            Self::Correct => "correct",
            Self::Withdraw => "withdraw",
        };
        name.to_owned()
    }

    fn numbered(path: &str) -> Option<Self> {
        let number = path.strip_prefix("answer-")?;
        number.parse().ok().map(Self::Answer)
    }

    fn done(&self) -> &'static str {
        match self {
            Self::Confirm => "The marks are confirmed as ordinary use.",
            Self::Revise => "The new text is saved.",
            Self::Send => "The letter is on its way to the school, with a link for one reply.",
            Self::Reply => "The school’s reply is on record.",
            Self::NoReply => "The letter goes on without the school’s reply.",
            Self::Answer(_) => "The correction is answered.",
            Self::Ready => "The letter is ready to be published.",
            Self::Publish => "The letter is published.",
            Self::Correct => "The new edition is published.",
            Self::Withdraw => "The letter is withdrawn. Its address says so.",
        }
    }
}

impl OfLetter {
    /// What `session`'s user can do about `letter` now.
    pub(super) fn of(letter: &pb::Letter, session: &Session) -> Vec<Self> {
        let lead = session.has(Role::Hmi) && session.actor.principal == code(&letter.lead);
        let publisher = session.has(Role::Publisher);
        let state = letter.state();
        let mut offers = Vec::new();
        let mut offer = |offer: Self, may: bool| {
            if may {
                offers.push(offer);
            }
        };
        let unanswered = unanswered(letter);
        let has_marks = marks(letter).next().is_some();
        let is_open = matches!(state, State::Drafting | State::SchoolReplied);
        let is_public = matches!(state, State::Published | State::Corrected);
        // One at a time: the first that is open.
        if let Some(number) = unanswered.first() {
            offer(Self::Answer(*number), lead && state == State::SchoolReplied);
        }
        offer(Self::Confirm, lead && is_open && has_marks);
        offer(Self::Send, (lead || publisher) && state == State::Drafting);
        offer(
            Self::NoReply,
            publisher && state == State::WithSchool && is_overdue(letter),
        );
        let awaits = matches!(state, State::WithSchool | State::NoReply);
        offer(Self::Reply, (lead || publisher) && awaits);
        let may_go_on = match state {
            State::SchoolReplied => unanswered.is_empty(),
            State::NoReply => true,
            _ => false,
        };
        offer(Self::Ready, (lead || publisher) && may_go_on);
        offer(Self::Publish, publisher && state == State::Ready);
        let is_writable = is_open || matches!(state, State::NoReply | State::Ready);
        offer(Self::Revise, lead && is_writable);
        offer(Self::Correct, publisher && is_public);
        offer(Self::Withdraw, publisher && is_public);
        offers
    }
}

/// The marks of the text check that nobody has confirmed.
pub(super) fn marks(letter: &pb::Letter) -> impl Iterator<Item = &pb::Finding> {
    let findings = letter.findings.iter();
    findings.filter(|found| found.severity() == Severity::Mark && !found.confirmed)
}

fn unanswered(letter: &pb::Letter) -> Vec<i32> {
    let round = letter.factual_checks.last();
    let corrections = round.map_or(&[][..], |round| &round.corrections);
    let open = corrections
        .iter()
        .filter(|correction| correction.answer() == Answer::Unspecified);
    open.map(|correction| correction.number).collect()
}

fn is_overdue(letter: &pb::Letter) -> bool {
    let round = letter.factual_checks.last();
    round.is_some_and(|round| round.overdue_time.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_form_and_the_correction_that_it_answers() {
        for offer in OfLetter::PLAIN {
            assert_eq!(OfLetter::from_path(&offer.path()).as_ref(), Some(offer));
        }
        assert_eq!(OfLetter::from_path("answer-3"), Some(OfLetter::Answer(3)));
        assert_eq!(OfLetter::from_path("answer-x"), None);
        assert_eq!(OfLetter::from_path("delete"), None);
    }
}
