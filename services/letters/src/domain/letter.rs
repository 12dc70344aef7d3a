//! The letter: its life, the school's rounds, its editions.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use visits_core::typed_id;

use super::text::Text;

typed_id!(
    /// Names a letter: `letters/{uuid}`.
    LetterId
);
typed_id!(
    /// Names a visit of the scheduling service: `visits/{uuid}`.
    VisitId
);
typed_id!(
    /// Names a case of the escalation service: `cases/{uuid}`.
    CaseId
);

/// What a letter is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An interim visit.
    Interim,
    /// A section 8 inspection with no formal designation (M32).
    Nfd,
}

impl Kind {
    /// The kind's name in the store and in audit rows.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Interim => "interim",
            Self::Nfd => "nfd",
        }
    }
}

/// Where a letter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The lead HMI writes it.
    Drafting,
    /// The school has it (M36).
    WithSchool,
    /// The school's reply is here (M36).
    SchoolReplied,
    /// A publisher decided to go on without a reply (M36).
    NoReply,
    /// May be published.
    Ready,
    /// Published in its first edition.
    Published,
    /// Published in a later edition (M37).
    Corrected,
    /// Withdrawn after publication.
    Withdrawn,
    /// Never to be published (M30).
    Superseded,
}

impl State {
    /// Every state, in the order of a letter's life.
    pub const ALL: [Self; 9] = [
        Self::Drafting,
        Self::WithSchool,
        Self::SchoolReplied,
        Self::NoReply,
        Self::Ready,
        Self::Published,
        Self::Corrected,
        Self::Withdrawn,
        Self::Superseded,
    ];

    /// The state's name in the store, in filters and in messages.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Drafting => "drafting",
            Self::WithSchool => "with_school",
            Self::SchoolReplied => "school_replied",
            Self::NoReply => "no_reply",
            Self::Ready => "ready",
            Self::Published => "published",
            Self::Corrected => "corrected",
            Self::Withdrawn => "withdrawn",
            Self::Superseded => "superseded",
        }
    }

    /// Whether the letter is still on its way to publication.
    #[must_use]
    pub const fn is_before_publication(self) -> bool {
        matches!(
            self,
            Self::Drafting | Self::WithSchool | Self::SchoolReplied | Self::NoReply | Self::Ready
        )
    }

    /// Whether readers find an edition at the letter's address.
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Published | Self::Corrected)
    }
}

/// What a letter is about, as it stood when the letter was drafted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The kind of letter.
    pub kind: Kind,
    /// The visit.
    pub visit: VisitId,
    /// The case whose findings an NFD letter gives.
    pub case: Option<CaseId>,
    /// The school's unique reference number.
    pub urn: String,
    /// The school's name.
    pub school_name: String,
    /// The date of the visit.
    pub visit_date: Date,
    /// The code of the lead HMI, who writes the letter.
    pub lead: String,
    /// The codes of everybody on the team, the lead included.
    pub inspectors: Vec<String>,
}

/// A letter with everything that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Its name.
    pub id: LetterId,
    /// What it is about.
    pub about: About,
    /// Where it stands.
    pub state: State,
    /// The text as it stands now.
    pub text: Text,
    /// Counts the changes of the text, from 1.
    pub revision: u32,
    /// The version of the agreed content that it was drafted from; 0 for an NFD letter.
    pub content_version: u32,
    /// The marks of the text check that the writer confirmed.
    pub confirmed: BTreeSet<String>,
    /// The rounds of the school's check, the latest last.
    pub rounds: Vec<Round>,
    /// The published editions; none is ever altered.
    pub editions: Vec<Edition>,
    /// When the draft was due.
    pub draft_due: Timestamp,
    /// When it should be published.
    pub publication_target: Timestamp,
    /// When the target was seen to have passed without publication.
    pub publication_overdue: Option<Timestamp>,
    /// That it was withdrawn.
    pub withdrawal: Option<Withdrawal>,
    /// That it was superseded.
    pub superseded: Option<SupersedeCause>,
    /// When it was drafted.
    pub drafted_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
}

impl Letter {
    /// The letter's resource name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("letters/{}", self.id)
    }

    /// The latest round of the school's check.
    #[must_use]
    pub fn round(&self) -> Option<&Round> {
        self.rounds.last()
    }

    /// The latest edition, if there is one to read.
    #[must_use]
    pub fn latest_edition(&self) -> Option<&Edition> {
        self.editions.last()
    }

    /// The last part of the public address: the date of the visit. An NFD letter's says so, because
    /// a visit converted after its own letter was published has both.
    #[must_use]
    pub fn slug(&self) -> String {
        match self.about.kind {
            Kind::Interim => self.about.visit_date.to_string(),
            Kind::Nfd => format!("{}-nfd", self.about.visit_date),
        }
    }

    /// The path of the public page.
    #[must_use]
    pub fn public_path(&self) -> String {
        format!("/schools/{}/letters/{}", self.about.urn, self.slug())
    }
}

/// One round of the school's check for factual accuracy (M36).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// Counts the rounds, from 1.
    pub number: u32,
    /// The revision that the school was sent.
    pub revision: u32,
    /// The text that the school was sent.
    pub text: Text,
    /// Where the link goes; forgotten once the round is closed.
    pub recipient: Option<String>,
    /// SHA-256 of the link's token, in hexadecimal: the token itself is never stored.
    pub link_hash: String,
    /// When the link stops working.
    pub link_expires: Timestamp,
    /// When the round began.
    pub sent_at: Timestamp,
    /// When the link left through the mailbox.
    pub delivered_at: Option<Timestamp>,
    /// Until when the school is asked to reply.
    pub reply_due: Timestamp,
    /// When the school was reminded.
    pub reminded_at: Option<Timestamp>,
    /// When the time was seen to have passed without a reply.
    pub overdue_at: Option<Timestamp>,
    /// The school's reply.
    pub reply: Option<Reply>,
    /// The decision to go on without one.
    pub no_reply: Option<NoReplyDecision>,
}

impl Round {
    /// Whether the school can still reply.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.reply.is_none() && self.no_reply.is_none()
    }

    /// The corrections that the school asked for.
    #[must_use]
    pub fn corrections(&self) -> &[Correction] {
        self.reply.as_ref().map_or(&[], |reply| &reply.corrections)
    }

    /// Whether any correction was accepted.
    #[must_use]
    pub fn has_accepted(&self) -> bool {
        self.corrections().iter().any(|c| {
            c.answer
                .as_ref()
                .is_some_and(|a| a.outcome == Outcome::Accepted)
        })
    }

    /// The number of the first correction without an answer.
    #[must_use]
    pub fn first_unanswered(&self) -> Option<u32> {
        self.corrections()
            .iter()
            .find(|c| c.answer.is_none())
            .map(|c| c.number)
    }
}

/// The school's reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// When it came.
    pub at: Timestamp,
    /// The role of whoever replied; never a name.
    pub respondent_role: String,
    /// How it came.
    pub channel: Channel,
    /// What the school asks to have corrected.
    pub corrections: Vec<Correction>,
}

/// How a reply came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// On the page behind the one-time link.
    Link,
    /// Otherwise, and somebody wrote it down.
    Recorded,
}

/// A correction that the school asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// Counts the corrections of a round, from 1.
    pub number: u32,
    /// The passage said to be inaccurate.
    pub passage: String,
    /// What would be accurate.
    pub correction: String,
    /// Our answer.
    pub answer: Option<Answer>,
}

/// Our answer to a correction (M36).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Accepted or declined.
    pub outcome: Outcome,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// What we answer to a correction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The text changes accordingly.
    Accepted,
    /// The text stays.
    Declined,
}

/// The decision to go on without the school's reply (M36).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoReplyDecision {
    /// When.
    pub at: Timestamp,
    /// By whom: the principal.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// A published edition (M37).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edition {
    /// Counts the editions, from 1.
    pub number: u32,
    /// Its text.
    pub text: Text,
    /// When it was published.
    pub published_at: Timestamp,
    /// What changed, for readers; empty in the first.
    pub change_note: String,
}

/// That a letter was withdrawn (M37).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// When.
    pub at: Timestamp,
    /// Why, in words for readers.
    pub reason: String,
}

/// Why an interim letter will never be published (M30).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SupersedeCause {
    /// The Regional Director decided that an NFD is necessary.
    NfdRequired,
    /// Recording stopped the visit.
    VisitStopped,
}

impl SupersedeCause {
    /// The code in events and answers.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NfdRequired => "NFD_REQUIRED",
            Self::VisitStopped => "VISIT_STOPPED",
        }
    }
}
