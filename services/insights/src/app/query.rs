//! Reads. Who may read what is settled before, in `access`.

use uuid::Uuid;
use visits_core::{Fault, Page};
use visits_durable::store::Versioned;

use super::App;
use crate::domain::Timer;
use crate::domain::coding::{Coding, CodingState};
use crate::domain::conversion::ConversionCounts;
use crate::domain::frame::Frame;
use crate::domain::release::ReleaseId;
use crate::domain::table::Table;
use crate::domain::visit::{Visit, outstanding};
use crate::store::releases::Kept;
use crate::store::{codings, frames, releases, visits};

impl App {
    /// The frame of that version.
    pub async fn frame(&self, version: &str) -> Result<Frame, Fault> {
        let frame = frames::load(self.durable.reads(), version).await?;
        frame.ok_or_else(|| Fault::not_found(format!("codingFrames/{version}")))
    }

    /// A page of the frames.
    pub async fn frames(&self, page: &Page) -> Result<Vec<Frame>, Fault> {
        frames::page(self.durable.reads(), page).await
    }

    /// The answers under that key.
    pub async fn coding(&self, key: Uuid) -> Result<Versioned<Coding>, Fault> {
        let coding = codings::load(self.durable.reads(), key).await?;
        coding.ok_or_else(|| Fault::not_found(format!("visitCodings/{key}")))
    }

    /// A page of the answers in any of `states`.
    pub async fn codings(
        &self,
        states: &[CodingState],
        page: &Page,
    ) -> Result<Vec<Versioned<Coding>>, Fault> {
        codings::page(self.durable.reads(), states, page).await
    }

    /// That release.
    pub async fn release(&self, id: ReleaseId) -> Result<Kept, Fault> {
        let release = releases::load(self.durable.reads(), id).await?;
        release.ok_or_else(|| Fault::not_found(format!("releases/{id}")))
    }

    /// A page of the releases.
    pub async fn releases(&self, page: &Page) -> Result<Vec<Kept>, Fault> {
        releases::page(self.durable.reads(), page).await
    }

    /// One table of a release.
    pub async fn table(&self, id: ReleaseId, slug: &str) -> Result<Table, Fault> {
        let kept = self.release(id).await?;
        let table = kept
            .release
            .tables
            .into_iter()
            .find(|table| table.slug == slug);
        table.ok_or_else(|| Fault::not_found(format!("releases/{id}/tables/{slug}")))
    }

    /// The conversion counts as they stand (M34).
    pub async fn conversion(&self) -> Result<ConversionCounts, Fault> {
        let heard = visits::all(self.durable.reads()).await?;
        let every = heard.iter().map(|visit| &visit.value);
        Ok(ConversionCounts::of(
            every,
            self.policy.conversion,
            self.durable.now(),
        ))
    }

    /// What was heard of that visit: for the service's own consumers and jobs, never for callers.
    pub async fn visit(&self, id: Uuid) -> Result<Option<Versioned<Visit>>, Fault> {
        visits::load(self.durable.loop_reads(), id).await
    }

    /// The visits for which something is outstanding, with what it is.
    pub async fn outstanding(&self) -> Result<Vec<(Uuid, Timer)>, Fault> {
        let states = codings::states(self.durable.loop_reads()).await?;
        let heard = visits::all(self.durable.loop_reads()).await?;
        let needs = |visit: &Versioned<Visit>| {
            let state = states.get(&self.key_of(visit.id)).copied();
            outstanding(&visit.value, state).map(|timer| (visit.id, timer))
        };
        Ok(heard.iter().filter_map(needs).collect())
    }

    /// The key under which that visit's answers are kept.
    #[must_use]
    pub fn key_of(&self, visit: Uuid) -> Uuid {
        self.policy.pseudonyms.of_visit(visit)
    }
}
