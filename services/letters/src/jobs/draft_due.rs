//! The draft is due: three working days after departure.

use async_trait::async_trait;
use visits_core::Fault;
use visits_durable::{Cause, ClaimedJob, JobHandler};

use super::way;
use crate::app::App;
use crate::domain::ground::Heard;
use crate::domain::timer::Due;

pub(super) struct DraftDue {
    app: App,
}

impl DraftDue {
    pub(super) const fn new(app: App) -> Self {
        Self { app }
    }
}

#[async_trait]
impl JobHandler for DraftDue {
    fn kind(&self) -> &'static str {
        Due::Draft.job()
    }

    async fn run(&self, job: ClaimedJob) -> Result<(), Fault> {
        let (visit, kind) = way(&job)?;
        let heard = Heard::DraftDue { kind };
        self.app.hear(Cause::Job(job), visit, heard).await
    }
}
