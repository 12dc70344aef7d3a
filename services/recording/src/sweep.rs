//! What timers must exist is derived again from the records, and the difference repaired (R5).

use async_trait::async_trait;
use visits_core::Fault;
use visits_durable::Sweep;

use crate::app::{App, step};
use crate::jobs::END_ACCESS;
use crate::name;
use crate::store::records;

/// Every record whose access has an end has a timer for it.
pub struct EndsOfAccess(pub App);

#[async_trait]
impl Sweep for EndsOfAccess {
    async fn sweep(&self) -> Result<u64, Fault> {
        let durable = &self.0.durable;
        let mut repairs = 0;
        for (visit, due_at) in records::with_access_to_end(durable.loop_reads()).await? {
            let armed = durable.pending_jobs(&name::record(visit)).await?;
            let is_missing = !armed.iter().any(|kind| kind == END_ACCESS);
            if is_missing && step::rearm(&self.0, visit, due_at).await? {
                repairs += 1;
            }
        }
        Ok(repairs)
    }
}
