//! A visit was converted after it was complete: its answers are erased here and stay away (M30).

use async_trait::async_trait;
use visits_core::Fault;
use visits_durable::{Cause, ClaimedJob, JobHandler};

use super::{ERASE_ANSWERS, visit_of};
use crate::app::App;
use crate::app::step::Command;
use crate::domain::coding::CodingCommand;
use crate::domain::visit::Life;

/// Handles `insights.erase_answers`.
pub struct EraseAnswers {
    app: App,
}

impl EraseAnswers {
    /// A handler over the service's store.
    #[must_use]
    pub const fn new(app: App) -> Self {
        Self { app }
    }
}

#[async_trait]
impl JobHandler for EraseAnswers {
    fn kind(&self) -> &'static str {
        ERASE_ANSWERS
    }

    async fn run(&self, job: ClaimedJob) -> Result<(), Fault> {
        let id = visit_of(&job)?;
        let visit = self.app.visit(id).await?;
        if visit.is_none_or(|visit| visit.value.life() != Life::Converted) {
            return Ok(());
        }
        let command = Command::Coding {
            key: self.app.key_of(id),
            etag: String::new(),
            command: CodingCommand::Erase,
        };
        self.app.execute(Cause::Job(job), command).await.map(|_| ())
    }
}
