//! The school's time for its check has passed: a publisher has to decide (M36).

use async_trait::async_trait;
use visits_core::Fault;
use visits_durable::{Cause, ClaimedJob, JobHandler};

use super::{letter_of, round};
use crate::app::App;
use crate::app::rights::Needs;
use crate::app::step::Read;
use crate::domain::Command;
use crate::domain::timer::Due;

pub(super) struct ReplyDue {
    app: App,
}

impl ReplyDue {
    pub(super) const fn new(app: App) -> Self {
        Self { app }
    }
}

#[async_trait]
impl JobHandler for ReplyDue {
    fn kind(&self) -> &'static str {
        Due::Reply.job()
    }

    async fn run(&self, job: ClaimedJob) -> Result<(), Fault> {
        let (id, round) = (letter_of(&job)?, round(&job)?);
        let command = Command::ReplyOverdue { round };
        let cause = Cause::Job(job);
        self.app
            .execute(cause, id, Needs::Nothing, Read::Anything, command)
            .await
            .map(drop)
    }
}
