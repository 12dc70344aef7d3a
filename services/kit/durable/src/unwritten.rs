//! What a step has said and not written yet. It is written at the step's end, all at once: a row
//! each as it is said would be a round trip each, while the aggregate is locked.

use sea_orm::sea_query::UpdateStatement;
use sea_orm::{EntityTrait, QueryTrait};
use uuid::Uuid;
use visits_core::Timestamp;

use crate::audit::{self, AuditEntry};
use crate::entity;
use crate::jobs::{self, JobChange};
use crate::outbox::{self, Saying, Speaker};
use crate::together::Change;

/// A step that says more than this writes in between: a statement has only so many arguments.
const MAX: usize = 100;

/// What a step wants of the jobs of a subject.
#[derive(Debug)]
pub(crate) struct Wish {
    /// The new job's, if one is armed.
    pub(crate) id: Uuid,
    pub(crate) subject: String,
    pub(crate) generation: i64,
    pub(crate) change: JobChange,
}

/// An aggregate's next state, for its row at the version that the step has locked.
#[derive(Debug)]
pub(crate) struct Save {
    pub(crate) row: UpdateStatement,
    pub(crate) resource: String,
}

/// Saved aggregates, events, changes of jobs and audit rows, each in the order in which they were
/// said.
#[derive(Debug, Default)]
pub(crate) struct Unwritten {
    pub(crate) saves: Vec<Save>,
    pub(crate) events: Vec<Saying>,
    wishes: Vec<Wish>,
    pub(crate) audit: Vec<AuditEntry>,
}

impl Unwritten {
    /// Takes a wish; the last one about a kind of a subject's jobs stands.
    pub(crate) fn wish(&mut self, wish: Wish) {
        let about = (wish.subject.as_str(), wish.change.kind());
        self.wishes
            .retain(|other| (other.subject.as_str(), other.change.kind()) != about);
        self.wishes.push(wish);
    }

    /// Whether it is time to write.
    pub(crate) fn is_much(&self) -> bool {
        self.events
            .len()
            .max(self.wishes.len())
            .max(self.audit.len())
            .max(self.saves.len())
            >= MAX
    }

    /// The changes that write it. `own_job` is the one that causes the step: it ends otherwise.
    pub(crate) fn into_changes(
        self,
        speaker: Speaker<'_>,
        own_job: Option<Uuid>,
        now: Timestamp,
    ) -> Vec<Change> {
        let mut changes = Vec::new();
        if !self.events.is_empty() {
            changes.push(Change::Insert(outbox::rows(self.events, speaker)));
        }
        let mut cancelled: Vec<(String, Vec<&'static str>)> = Vec::new();
        let mut armed = Vec::new();
        for wish in self.wishes {
            let kind = wish.change.kind();
            match cancelled.iter_mut().find(|(of, _)| *of == wish.subject) {
                Some((_, kinds)) => kinds.push(kind),
                None => cancelled.push((wish.subject.clone(), vec![kind])),
            }
            armed.extend(jobs::armed(wish, now));
        }
        for (subject, kinds) in cancelled {
            let cancel = jobs::cancelled(&subject, kinds, own_job, now);
            changes.push(Change::Update(cancel));
        }
        if !armed.is_empty() {
            let insert = entity::jobs::Entity::insert_many(armed);
            changes.push(Change::Insert(insert.into_query()));
        }
        if !self.audit.is_empty() {
            let rows = self.audit.into_iter().map(audit::row);
            let insert = entity::audit::Entity::insert_many(rows);
            changes.push(Change::Insert(insert.into_query()));
        }
        changes
    }
}
