//! Publication is due: thirteen working days after departure, with a letter or without one yet.

use async_trait::async_trait;
use visits_core::Fault;
use visits_durable::{Cause, ClaimedJob, JobHandler};

use super::{letter, way};
use crate::app::App;
use crate::app::rights::Needs;
use crate::app::step::Read;
use crate::domain::Command;
use crate::domain::ground::Heard;
use crate::domain::timer::Due;

pub(super) struct PublicationTarget {
    app: App,
}

impl PublicationTarget {
    pub(super) const fn new(app: App) -> Self {
        Self { app }
    }
}

#[async_trait]
impl JobHandler for PublicationTarget {
    fn kind(&self) -> &'static str {
        Due::Publication.job()
    }

    async fn run(&self, job: ClaimedJob) -> Result<(), Fault> {
        let Some(id) = letter(&job) else {
            let (visit, kind) = way(&job)?;
            let heard = Heard::PublicationDue { kind };
            return self.app.hear(Cause::Job(job), visit, heard).await;
        };
        let cause = Cause::Job(job);
        self.app
            .execute(
                cause,
                id,
                Needs::Nothing,
                Read::Anything,
                Command::TargetPassed,
            )
            .await
            .map(drop)
    }
}
