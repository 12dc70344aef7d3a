//! What others hear of a letter: names of resources, codes, counts and times, never words (R19).

use visits_core::Timestamp;
use visits_durable::{AggregateRef, PublicEvent};
use visits_proto::letters::v1 as wire;
use visits_proto::timestamp;

use crate::domain::letter::SupersedeCause;
use crate::domain::{Event, Kind, Letter};

/// The letter as a speaker on the bus.
#[must_use]
pub fn speaker(letter: &Letter) -> AggregateRef {
    AggregateRef {
        kind: "letters.letter",
        id: letter.id.0,
        subject: letter.name(),
        correlation_id: format!("visits/{}", letter.about.visit),
    }
}

/// The public event of a private one, if others hear of it.
#[must_use]
pub fn public_event(letter: &Letter, event: &Event, now: Timestamp) -> Option<PublicEvent> {
    let said = Said { letter, now };
    match event {
        Event::SentToSchool { round, reply_due } => Some(said.sent(*round, *reply_due)),
        Event::SchoolReplied { round, corrections } => Some(said.replied(*round, *corrections)),
        Event::Published { edition } => Some(said.published(*edition)),
        Event::Corrected { edition } => Some(said.corrected(*edition)),
        Event::Withdrawn => Some(said.withdrawn()),
        Event::Superseded { cause } => Some(said.superseded(*cause)),
        Event::Drafted
        | Event::Revised { .. }
        | Event::MarksConfirmed { .. }
        | Event::LinkDelivered { .. }
        | Event::SchoolReminded { .. }
        | Event::ReplyOverdue { .. }
        | Event::CorrectionAnswered { .. }
        | Event::NoReplyDecided { .. }
        | Event::MadeReady
        | Event::TargetPassed => None,
    }
}

/// The kind of a letter, as the contract has it.
#[must_use]
pub const fn wire_kind(kind: Kind) -> wire::LetterKind {
    match kind {
        Kind::Interim => wire::LetterKind::InterimVisit,
        Kind::Nfd => wire::LetterKind::Nfd,
    }
}

struct Said<'a> {
    letter: &'a Letter,
    now: Timestamp,
}

impl Said<'_> {
    fn names(&self) -> (String, String, String, i32) {
        let about = &self.letter.about;
        (
            self.letter.name(),
            format!("visits/{}", about.visit),
            format!("schools/{}", about.urn),
            wire_kind(about.kind).into(),
        )
    }

    fn sent(&self, round: u32, reply_due: Timestamp) -> PublicEvent {
        let (letter, visit, school, kind) = self.names();
        let message = wire::LetterSentToSchool {
            letter,
            visit,
            school,
            kind,
            round: count(round),
            reply_due_time: Some(timestamp(reply_due)),
        };
        PublicEvent::new(&message, self.now)
    }

    fn replied(&self, round: u32, corrections: u32) -> PublicEvent {
        let (letter, visit, school, kind) = self.names();
        let message = wire::SchoolReplied {
            letter,
            visit,
            school,
            kind,
            round: count(round),
            correction_count: count(corrections),
            replied_time: Some(timestamp(self.now)),
        };
        PublicEvent::new(&message, self.now)
    }

    fn published(&self, edition: u32) -> PublicEvent {
        let (letter, visit, school, kind) = self.names();
        let message = wire::LetterPublished {
            letter,
            visit,
            school,
            kind,
            edition: count(edition),
            published_time: Some(timestamp(self.now)),
        };
        PublicEvent::new(&message, self.now)
    }

    fn corrected(&self, edition: u32) -> PublicEvent {
        let (letter, visit, school, kind) = self.names();
        let message = wire::LetterCorrected {
            letter,
            visit,
            school,
            kind,
            edition: count(edition),
            published_time: Some(timestamp(self.now)),
        };
        PublicEvent::new(&message, self.now)
    }

    fn withdrawn(&self) -> PublicEvent {
        let (letter, visit, school, kind) = self.names();
        let message = wire::LetterWithdrawn {
            letter,
            visit,
            school,
            kind,
            withdrawn_time: Some(timestamp(self.now)),
        };
        PublicEvent::new(&message, self.now)
    }

    fn superseded(&self, cause: SupersedeCause) -> PublicEvent {
        let (letter, visit, school, kind) = self.names();
        let message = wire::LetterSuperseded {
            letter,
            visit,
            school,
            kind,
            reason_code: cause.code().to_owned(),
            superseded_time: Some(timestamp(self.now)),
        };
        PublicEvent::new(&message, self.now)
    }
}

/// A count as the contract's integers have it.
#[must_use]
pub fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
