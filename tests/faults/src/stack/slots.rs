//! Which processes a deployment has, and when one was not there.

use std::path::PathBuf;
use std::sync::{MutexGuard, PoisonError};
use std::time::Instant;

use super::Stack;

/// A process: its name, and the services that it holds.
pub type Slot = (&'static str, &'static [&'static str]);

/// One process of each service, two of escalation.
pub const SLOTS: &[Slot] = &[
    ("scheduling", &["scheduling"]),
    ("recording", &["recording"]),
    ("escalation-a", &["escalation"]),
    ("escalation-b", &["escalation"]),
    ("rest", &["letters", "insights"]),
];
/// Two replicas of each service: those of [`SLOTS`], and as many of the others again.
pub const DOUBLED: &[Slot] = &[
    SLOTS[0],
    SLOTS[1],
    SLOTS[2],
    SLOTS[3],
    SLOTS[4],
    ("scheduling-b", &["scheduling"]),
    ("recording-b", &["recording"]),
    ("rest-b", &["letters", "insights"]),
];

/// A time in which a process was not there.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Which; `None` if what all of them need was not there.
    pub slot: Option<usize>,
    /// From when.
    pub from: Instant,
    /// Until when; it is not back if this is `None`.
    pub until: Option<Instant>,
}

impl Stack {
    /// The processes.
    #[must_use]
    pub const fn slots(&self) -> &'static [Slot] {
        self.slots
    }

    /// The name of a slot.
    #[must_use]
    pub fn name(&self, slot: usize) -> &'static str {
        self.slots[slot].0
    }

    /// The first service that a slot holds.
    #[must_use]
    pub fn service(&self, slot: usize) -> &'static str {
        self.slots[slot].1[0]
    }

    /// The slot that holds the same services, or this one if none other does.
    #[must_use]
    pub fn replica_of(&self, slot: usize) -> usize {
        let same = |other: &usize| *other != slot && self.slots[*other].1 == self.slots[slot].1;
        (0..self.slots.len()).find(same).unwrap_or(slot)
    }

    /// From its next start on, a slot runs this build.
    pub fn run_build(&self, slot: usize, binary: PathBuf) {
        *self.binary_of(slot) = binary;
    }

    pub(super) fn binary_of(&self, slot: usize) -> MutexGuard<'_, PathBuf> {
        let binary = self.binaries[slot].lock();
        binary.unwrap_or_else(PoisonError::into_inner)
    }
}
