//! What timers must exist follows from the cases; the sweep arms those that are missing (R5).

use async_trait::async_trait;
use visits_core::{ErrorKind, Fault};
use visits_durable::Sweep;

use crate::app::App;
use crate::domain::case::{Case, CaseId};
use crate::domain::timer::{TimerKind, needed};
use crate::store;

/// Cases looked at in one go.
const PAGE: u64 = 200;

/// Compares the timers that cases need with those that are armed.
pub struct TimerSweep(pub App);

#[async_trait]
impl Sweep for TimerSweep {
    async fn sweep(&self) -> Result<u64, Fault> {
        let durable = self.0.durable();
        let (mut repairs, mut after) = (0, None);
        loop {
            let page = store::cases::waiting(durable.loop_reads(), after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(repairs);
            };
            after = Some(last.value.id);
            let names = page.iter().map(|case| format!("cases/{}", case.id));
            let pending = durable.pending_jobs_of(names.collect()).await?;
            for case in page {
                let pending = pending.get(&format!("cases/{}", case.id));
                if !has_all(&case.value, pending.map_or(&[], Vec::as_slice)) {
                    repairs += self.repair(case.value.id).await?;
                }
            }
        }
    }
}

impl TimerSweep {
    /// A step may have come between the two reads: the repair looks again, alone. One that comes
    /// while it looks has armed what the case needs.
    async fn repair(&self, id: CaseId) -> Result<u64, Fault> {
        match self.0.rearm(id).await {
            Err(fault) if fault.kind == ErrorKind::Conflict => Ok(0),
            outcome => outcome,
        }
    }
}

fn has_all(case: &Case, pending: &[String]) -> bool {
    TimerKind::ALL
        .into_iter()
        .filter(|kind| needed(case, *kind).is_some())
        .all(|kind| pending.iter().any(|job| job == kind.job()))
}
