//! The effect of sending: the link leaves through the mailbox, then the letter knows (M36).
//!
//! A repeat delivers the same message under the same id.

use async_trait::async_trait;
use visits_core::Fault;
use visits_durable::{Cause, ClaimedJob, JobHandler};

use super::{letter_of, round};
use crate::app::App;
use crate::app::rights::Needs;
use crate::app::step::Read;
use crate::domain::Command;
use crate::domain::timer::Due;
use crate::mailbox::Message;

pub(super) struct SendToSchool {
    app: App,
}

impl SendToSchool {
    pub(super) const fn new(app: App) -> Self {
        Self { app }
    }
}

#[async_trait]
impl JobHandler for SendToSchool {
    fn kind(&self) -> &'static str {
        Due::SendLink.job()
    }

    async fn run(&self, job: ClaimedJob) -> Result<(), Fault> {
        let (id, number) = (letter_of(&job)?, round(&job)?);
        let Some((letter, round, to)) = self.app.awaited_reply(id, number).await? else {
            return Ok(());
        };
        if round.delivered_at.is_some() {
            return Ok(());
        }
        let links = &self.app.setup.links;
        let address = links.address(&links.token(id, number));
        let message = Message::invitation(&letter, &round, &to, &address);
        self.app.setup.mailbox.deliver(&message).await?;
        let command = Command::LinkDelivered { round: number };
        self.app
            .execute(Cause::Job(job), id, Needs::Nothing, Read::Anything, command)
            .await
            .map(drop)
    }
}
