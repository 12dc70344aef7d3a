//! The team's access ends some working days after the visit's last letter (M11).

use async_trait::async_trait;
use visits_core::Fault;
use visits_durable::{Cause, ClaimedJob, JobHandler};

use crate::app::{App, step};
use crate::domain::Command;
use crate::name;

/// The kind of this timer.
pub const END_ACCESS: &str = "recording.end_access";

/// Ends the team's access.
pub struct EndAccess(pub App);

#[async_trait]
impl JobHandler for EndAccess {
    fn kind(&self) -> &'static str {
        END_ACCESS
    }

    async fn run(&self, job: ClaimedJob) -> Result<(), Fault> {
        let visit = name::record_id(&job.subject)?;
        step::tell(&self.0, Cause::Job(job), visit, Command::EndAccess).await
    }
}
