//! What timers must exist follows from the cases; the sweep arms those that are missing (R5).

use async_trait::async_trait;
use visits_core::{ErrorKind, Fault};
use visits_durable::Sweep;

use crate::app::App;
use crate::domain::case::CaseId;
use crate::domain::timer::{TimerKind, needed};
use crate::store;

/// Compares the timers that cases need with those that are armed.
pub struct TimerSweep(pub App);

#[async_trait]
impl Sweep for TimerSweep {
    async fn sweep(&self) -> Result<u64, Fault> {
        let durable = self.0.durable();
        let mut repairs = 0;
        for case in store::cases::waiting(durable.reads()).await? {
            let pending = durable.pending_jobs(&format!("cases/{}", case.id)).await?;
            let complete = TimerKind::ALL
                .into_iter()
                .filter(|kind| needed(&case.value, *kind).is_some())
                .all(|kind| pending.iter().any(|job| job == kind.job()));
            if complete {
                continue;
            }
            // A step may have come between the two reads: the repair looks again, alone. One that
            // comes while it looks has armed what the case needs.
            match self.0.rearm(CaseId(case.id)).await {
                Err(fault) if fault.kind == ErrorKind::Conflict => {}
                outcome => repairs += outcome?,
            }
        }
        Ok(repairs)
    }
}
