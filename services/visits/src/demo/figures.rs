//! The figures of a demo: what `--output json` ends with.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

/// What came of the story, read back from the services at its end.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Figures {
    /// The seed.
    pub seed: u64,
    /// The folder with the data.
    pub data: String,
    /// Schools of the register's extract that were imported.
    pub schools_imported: i64,
    /// Schools whose previous inspection's outcome was imported.
    pub outcomes_imported: i64,
    /// Inspectors on the register.
    pub inspectors: usize,
    /// Visits planned.
    pub visits_planned: usize,
    /// Visits by their state at the end.
    pub visits_by_state: BTreeMap<String, usize>,
    /// Visits completed.
    pub visits_completed: usize,
    /// Visits stopped because an NFD was necessary.
    pub visits_stopped: usize,
    /// Letters published.
    pub letters_published: usize,
    /// Concerns raised.
    pub concerns: usize,
    /// Decisions that an NFD is necessary.
    pub nfds_required: usize,
    /// Breaches of the 48 hours.
    pub breaches: usize,
    /// Refusals that the story met, by reason.
    pub refusals: BTreeMap<String, u32>,
    /// Facts of each story.
    pub stories: BTreeMap<&'static str, Map<String, Value>>,
    /// SHA-256 of the story's text: one seed, one story.
    pub story_sha256: String,
    /// How long it took.
    pub duration_seconds: f64,
}

impl Figures {
    /// Notes a fact of a story.
    pub fn fact(&mut self, story: &'static str, name: &str, value: impl Into<Value>) {
        self.stories
            .entry(story)
            .or_default()
            .insert(name.to_owned(), value.into());
    }

    /// Counts a refusal.
    pub fn refusal(&mut self, reason: &str) {
        *self.refusals.entry(reason.to_owned()).or_default() += 1;
    }
}
