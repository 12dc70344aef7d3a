//! What timers must exist follows from the visits; the sweep arms those that are missing (R5).

use async_trait::async_trait;
use visits_core::Fault;
use visits_durable::Sweep;

use crate::app::App;
use crate::domain::timer::{Timer, needed};
use crate::store::search;

/// Visits looked at in one go.
const PAGE: u64 = 200;

/// Compares the timers that visits need with those that are armed.
pub struct TimerSweep(pub App);

#[async_trait]
impl Sweep for TimerSweep {
    async fn sweep(&self) -> Result<u64, Fault> {
        let durable = &self.0.durable;
        let (mut repairs, mut after) = (0, None);
        loop {
            let page = search::ahead_page(durable.loop_reads(), after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(repairs);
            };
            after = Some(last.id);
            let names = page.iter().map(|found| found.value.id.resource());
            let mut pending = durable.pending_jobs_of(names.collect()).await?;
            for found in page {
                let pending = pending.remove(&found.value.id.resource());
                let pending = pending.unwrap_or_default();
                let missing: Vec<Timer> = needed(&found.value, &self.0.policy)
                    .into_iter()
                    .filter(|(kind, _)| !pending.iter().any(|job| job == kind.name()))
                    .map(|(kind, at)| Timer::Arm(kind, at))
                    .collect();
                if missing.is_empty() {
                    continue;
                }
                // Saved under the version that was read: a step that came between wins, and with
                // it its own timers.
                match self.0.rearm(found, missing).await {
                    Ok(()) => repairs += 1,
                    Err(fault) if fault.kind == visits_core::ErrorKind::Conflict => {}
                    Err(fault) => return Err(fault),
                }
            }
        }
    }
}
