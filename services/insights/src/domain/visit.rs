//! What insights has heard of a visit: that it began, was completed, was stopped, and what was
//! decided about an NFD. Each fact is kept as first heard; news that arrives twice changes nothing.
//!
//! A visit *counts* in the national picture once it is completed and as long as it isn't
//! converted. Converted means: its record was stopped, or an NFD was decided to be necessary;
//! whichever is heard first (M30). Facts come from two services, so that no order is assumed.
//!
//! | life × news | began | completed | stopped | NFD necessary | NFD not necessary |
//! |---|---|---|---|---|---|
//! | unheard of | begun | completed, fetch | converted | converted | heard of |
//! | heard of | begun | completed, fetch | converted | converted | unchanged |
//! | begun | unchanged | completed, fetch | converted | converted | begun |
//! | completed | completed | unchanged | converted, erase | converted, erase | completed |
//! | converted | converted | converted | converted | converted | unchanged |
//!
//! A fact that is heard already leaves everything unchanged. *Fetch* arms the job that brings the
//! answers; *erase* arms the one that erases them, or marks that they are never to be taken in: a
//! fetch that is still to come finds that the visit doesn't count, one under way finds the mark.

use serde::{Deserialize, Serialize};
use visits_core::Timestamp;

use super::coding::CodingState;
use super::school::SchoolFacts;
use super::{Decision, Timer};

/// What insights has heard of a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The school's URN.
    pub urn: String,
    /// When the visit began, if that was heard.
    pub begun_at: Option<Timestamp>,
    /// What came with its completion, if that was heard.
    pub completed: Option<Completed>,
    /// When its record was stopped, if that was heard.
    pub stopped_at: Option<Timestamp>,
    /// What was decided about an NFD, if anything was.
    pub nfd: Option<NfdDecision>,
}

/// What came with the completion of a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completed {
    /// When.
    pub at: Timestamp,
    /// The version of the form that the visit kept (M8).
    pub form: String,
    /// The school's name, to take it out of the answers.
    pub school_name: String,
    /// What the composition tables count the school by, as it stood on completion.
    pub facts: SchoolFacts,
}

/// What was decided about an NFD.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NfdDecision {
    /// Whether one is necessary.
    pub required: bool,
    /// When it was decided.
    pub at: Timestamp,
}

/// How far a visit has come, as far as insights has heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Life {
    /// Something was heard, but not that it began.
    HeardOf,
    /// It began.
    Begun,
    /// It was completed, and counts.
    Completed,
    /// It was turned into an NFD, and doesn't count (M30).
    Converted,
}

impl Visit {
    /// A visit to the school of that URN of which nothing else was heard.
    #[must_use]
    pub const fn heard_of(urn: String) -> Self {
        Self {
            urn,
            begun_at: None,
            completed: None,
            stopped_at: None,
            nfd: None,
        }
    }

    /// How far it has come.
    #[must_use]
    pub const fn life(&self) -> Life {
        match self {
            Self {
                stopped_at: Some(_),
                ..
            }
            | Self {
                nfd: Some(NfdDecision { required: true, .. }),
                ..
            } => Life::Converted,
            Self {
                completed: Some(_), ..
            } => Life::Completed,
            Self {
                begun_at: Some(_), ..
            } => Life::Begun,
            _ => Life::HeardOf,
        }
    }

    /// Whether it began: a completed visit did, even if that news was lost.
    #[must_use]
    pub const fn has_begun(&self) -> bool {
        self.begun_at.is_some() || self.completed.is_some()
    }
}

/// News of a visit from another service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum News {
    /// It began.
    Began {
        /// When.
        at: Timestamp,
    },
    /// It was completed.
    Completed(Completed),
    /// Its record was stopped.
    Stopped {
        /// When.
        at: Timestamp,
    },
    /// It was decided whether an NFD is necessary.
    NfdDecided(NfdDecision),
}

/// Decides what news of a visit to the school of that URN changes. No news is refused: what
/// happened elsewhere, happened.
#[must_use]
pub fn decide(state: Option<&Visit>, urn: &str, news: &News) -> Decision<Visit> {
    let before = state.map(Visit::life);
    let mut next = state
        .cloned()
        .unwrap_or_else(|| Visit::heard_of(urn.to_owned()));
    match news {
        News::Began { at } => {
            next.begun_at.get_or_insert(*at);
        }
        News::Completed(completed) => {
            next.completed.get_or_insert_with(|| completed.clone());
        }
        News::Stopped { at } => {
            next.stopped_at.get_or_insert(*at);
        }
        // One case can end without an NFD and a later one with: the later word is stronger.
        News::NfdDecided(decision) => {
            let stands = next
                .nfd
                .is_some_and(|nfd| nfd.required || !decision.required);
            if !stands {
                next.nfd = Some(*decision);
            }
        }
    }
    if state == Some(&next) {
        return Decision::Unchanged;
    }
    let jobs = match (before, next.life()) {
        (Some(Life::Completed), Life::Converted) => {
            vec![Timer::EraseAnswers]
        }
        (Some(Life::Completed), _) => Vec::new(),
        (_, Life::Completed) => vec![Timer::FetchAnswers],
        _ => Vec::new(),
    };
    Decision::Changed { next, jobs }
}

/// What is still to be done for a visit whose answers stand at `coding`: what the sweep compares
/// with the jobs that exist.
#[must_use]
pub const fn outstanding(visit: &Visit, coding: Option<CodingState>) -> Option<Timer> {
    match (visit.life(), coding) {
        (Life::Completed, None) => Some(Timer::FetchAnswers),
        (Life::Converted, Some(CodingState::ToCode | CodingState::Coded)) => {
            Some(Timer::EraseAnswers)
        }
        _ => None,
    }
}

#[cfg(test)]
#[path = "visit_tests.rs"]
mod tests;
