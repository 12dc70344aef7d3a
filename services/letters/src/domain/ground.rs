//! What the other services have said about a visit, as far as letters are concerned: whether a
//! letter may be drafted, and whether one still may be published.
//!
//! | heard | the interim letter | the NFD letter |
//! |---|---|---|
//! | DepartureRecorded | may be drafted (M35); draft and publication fall due | |
//! | LetterContentAgreed | has content to draft from (M24) | |
//! | VisitStopped, NfdDecided (required) | is superseded unless published (M30) | |
//! | NfdCompleted | | may be drafted (M32); draft and publication fall due |

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use visits_core::working_days::YearNotCovered;

use super::letter::{CaseId, Kind, LetterId, SupersedeCause, VisitId};
use super::policy::Policy;
use super::refusal::Refusal;
use super::timer::{Due, Timer};

/// What is known about a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ground {
    /// The visit.
    pub visit: VisitId,
    /// The version of the content agreed with the school.
    pub content_version: Option<u32>,
    /// Why there will be no interim letter.
    pub closed: Option<SupersedeCause>,
    /// The case whose NFD was completed.
    pub nfd_case: Option<CaseId>,
    /// The way to the interim letter.
    pub interim: Way,
    /// The way to the NFD letter.
    pub nfd: Way,
}

/// The way from leaving the site to a letter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// When the inspectors left the site; there is nothing to write before.
    pub left_site: Option<Timestamp>,
    /// When the draft is due.
    pub draft_due: Option<Timestamp>,
    /// When publication is aimed at.
    pub publication_target: Option<Timestamp>,
    /// When the draft was seen to be overdue.
    pub draft_overdue: Option<Timestamp>,
    /// When publication was seen to be overdue, with no letter yet.
    pub publication_overdue: Option<Timestamp>,
    /// The letter, once drafted.
    pub letter: Option<LetterId>,
}

/// What was heard about a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The inspectors left the school, or ended the conversations.
    Departed {
        /// When.
        at: Timestamp,
    },
    /// Content was agreed with the school.
    ContentAgreed {
        /// Its version.
        version: u32,
    },
    /// The interim visit is over for good.
    Closed {
        /// Why.
        cause: SupersedeCause,
    },
    /// The NFD is complete.
    NfdCompleted {
        /// Whose findings the letter gives.
        case: CaseId,
        /// When the inspectors left the site.
        left_site: Timestamp,
    },
    /// A draft was due.
    DraftDue {
        /// Of which letter.
        kind: Kind,
    },
    /// A publication was aimed at.
    PublicationDue {
        /// Of which letter.
        kind: Kind,
    },
    /// The letter was drafted.
    Drafted {
        /// Which of the two.
        kind: Kind,
        /// Its name.
        letter: LetterId,
    },
}

impl Heard {
    /// The name of what was heard in audit rows.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Departed { .. } => "ground.departure_heard",
            Self::ContentAgreed { .. } => "ground.content_heard",
            Self::Closed { .. } => "ground.end_of_visit_heard",
            Self::NfdCompleted { .. } => "ground.nfd_completed_heard",
            Self::DraftDue { .. } => "ground.draft_overdue",
            Self::PublicationDue { .. } => "ground.publication_overdue",
            Self::Drafted { .. } => "ground.letter_drafted",
        }
    }
}

/// What hearing it changes: the timers are the ground's own, by kind of letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing new.
    Unchanged,
    /// This.
    Changed {
        /// The ground from now on.
        next: Box<Ground>,
        /// Timers of the way to one kind of letter.
        timers: Vec<(Kind, Timer)>,
        /// The interim letter to supersede, if it is not published.
        supersede: Option<(LetterId, SupersedeCause)>,
    },
}

impl Ground {
    /// A visit of which nothing has been heard.
    #[must_use]
    pub fn unheard(visit: VisitId) -> Self {
        Self {
            visit,
            content_version: None,
            closed: None,
            nfd_case: None,
            interim: Way::default(),
            nfd: Way::default(),
        }
    }

    /// The way to a letter of this kind.
    #[must_use]
    pub const fn way(&self, kind: Kind) -> &Way {
        match kind {
            Kind::Interim => &self.interim,
            Kind::Nfd => &self.nfd,
        }
    }

    /// What the timers on the way to a letter of this kind belong to.
    #[must_use]
    pub fn timer_subject(&self, kind: Kind) -> String {
        match kind {
            Kind::Interim => format!("visits/{}", self.visit),
            Kind::Nfd => format!("visits/{}/nfd", self.visit),
        }
    }

    fn way_mut(&mut self, kind: Kind) -> &mut Way {
        match kind {
            Kind::Interim => &mut self.interim,
            Kind::Nfd => &mut self.nfd,
        }
    }

    /// Whether a letter of this kind may be drafted now: both due times if so.
    ///
    /// # Errors
    /// The rule that says no (M24, M30, M32, M35).
    pub fn may_draft(
        &self,
        kind: Kind,
        case: Option<CaseId>,
    ) -> Result<(Timestamp, Timestamp), Refusal> {
        if kind == Kind::Interim && self.closed.is_some() {
            return Err(Refusal::OfConvertedVisit);
        }
        if kind == Kind::Nfd && self.nfd_case != case {
            return Err(Refusal::BeforeNfdCompleted);
        }
        let way = self.way(kind);
        let (Some(draft_due), Some(target)) = (way.draft_due, way.publication_target) else {
            return Err(match kind {
                Kind::Interim => Refusal::BeforeDeparture,
                Kind::Nfd => Refusal::BeforeNfdCompleted,
            });
        };
        if kind == Kind::Interim && self.content_version.is_none() {
            return Err(Refusal::ContentNotAgreed);
        }
        if way.letter.is_some() {
            return Err(Refusal::AlreadyDrafted);
        }
        Ok((draft_due, target))
    }

    /// What changes with something heard at `now`.
    ///
    /// # Errors
    /// If the calendar doesn't cover the deadlines that follow.
    pub fn hear(
        &self,
        heard: Heard,
        now: Timestamp,
        policy: &Policy,
    ) -> Result<Change, YearNotCovered> {
        let mut next = self.clone();
        let mut timers = Vec::new();
        let mut supersede = None;
        match heard {
            Heard::Departed { at } => next.leave(Kind::Interim, at, policy, &mut timers)?,
            Heard::NfdCompleted { case, left_site } => {
                next.nfd_case = next.nfd_case.or(Some(case));
                next.leave(Kind::Nfd, left_site, policy, &mut timers)?;
            }
            Heard::ContentAgreed { version } => {
                next.content_version = next.content_version.max(Some(version));
            }
            Heard::Closed { cause } => {
                if next.closed.is_none() {
                    next.closed = Some(cause);
                    supersede = next.interim.letter.map(|letter| (letter, cause));
                    timers.extend(stop(Kind::Interim));
                }
            }
            Heard::DraftDue { kind } => {
                let way = next.way_mut(kind);
                if way.letter.is_none() && way.draft_due.is_some_and(|due| due <= now) {
                    way.draft_overdue = way.draft_overdue.or(Some(now));
                }
            }
            Heard::PublicationDue { kind } => {
                let way = next.way_mut(kind);
                if way.letter.is_none() && way.publication_target.is_some_and(|due| due <= now) {
                    way.publication_overdue = way.publication_overdue.or(Some(now));
                }
            }
            Heard::Drafted { kind, letter } => {
                next.way_mut(kind).letter = Some(letter);
                timers.extend(stop(kind));
            }
        }
        if next == *self {
            return Ok(Change::Unchanged);
        }
        Ok(Change::Changed {
            next: Box::new(next),
            timers,
            supersede,
        })
    }

    /// The timers that must run for what is known now: what the sweep compares with.
    #[must_use]
    pub fn timers(&self) -> Vec<(Kind, Due, Timestamp)> {
        let mut expected = Vec::new();
        for kind in [Kind::Interim, Kind::Nfd] {
            let way = self.way(kind);
            if way.letter.is_some() || (kind == Kind::Interim && self.closed.is_some()) {
                continue;
            }
            if let (Some(due), None) = (way.draft_due, way.draft_overdue) {
                expected.push((kind, Due::Draft, due));
            }
            if let (Some(due), None) = (way.publication_target, way.publication_overdue) {
                expected.push((kind, Due::Publication, due));
            }
        }
        expected
    }

    fn leave(
        &mut self,
        kind: Kind,
        at: Timestamp,
        policy: &Policy,
        timers: &mut Vec<(Kind, Timer)>,
    ) -> Result<(), YearNotCovered> {
        let closed = kind == Kind::Interim && self.closed.is_some();
        let way = self.way_mut(kind);
        if way.left_site.is_some() {
            return Ok(());
        }
        let (draft, publication) = (policy.draft_due(at)?, policy.publication_target(at)?);
        way.left_site = Some(at);
        way.draft_due = Some(draft);
        way.publication_target = Some(publication);
        if !closed {
            timers.push((kind, Timer::Arm(Due::Draft, draft)));
            timers.push((kind, Timer::Arm(Due::Publication, publication)));
        }
        Ok(())
    }
}

fn stop(kind: Kind) -> [(Kind, Timer); 2] {
    [
        (kind, Timer::Cancel(Due::Draft)),
        (kind, Timer::Cancel(Due::Publication)),
    ]
}
