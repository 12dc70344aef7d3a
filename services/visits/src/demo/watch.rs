//! The duty desk's stream, followed: `WatchCases`, taken up again with its token when it ends.

use std::time::Duration;

use anyhow::{Context as _, bail};
use tonic::Streaming;
use visits_proto::escalation::v1::case_event::Event;
use visits_proto::escalation::v1::watch_cases_response::Message;
use visits_proto::escalation::v1::{CaseEvent, WatchCasesRequest, WatchCasesResponse};

use super::answered::Answered as _;
use super::cast::Caller;

/// Far longer than a message inside one process takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A watch of the cases.
pub struct Watch {
    caller: Caller,
    stream: Streaming<WatchCasesResponse>,
    token: String,
}

impl Watch {
    /// Begins to watch, from now on.
    ///
    /// # Errors
    /// If the watch is refused.
    pub async fn begin(caller: Caller) -> anyhow::Result<Self> {
        let stream = connect(&caller, String::new()).await?;
        let mut watch = Self {
            caller,
            stream,
            token: String::new(),
        };
        // The first message is a heartbeat: from here on nothing is missed.
        while watch.token.is_empty() {
            if watch.next().await?.is_some() {
                bail!("the watch began with an event and not with a heartbeat");
            }
        }
        Ok(watch)
    }

    /// Every event up to and with the first that `last` picks.
    ///
    /// # Errors
    /// If it does not come.
    pub async fn until(&mut self, last: impl Fn(&Event) -> bool) -> anyhow::Result<Vec<CaseEvent>> {
        let mut events = Vec::new();
        loop {
            let Some(event) = self.next().await? else {
                continue;
            };
            let ends = event.event.as_ref().is_some_and(&last);
            events.push(event);
            if ends {
                return Ok(events);
            }
        }
    }

    /// Takes the watch up again where it was left, as another caller sees it: of another process.
    ///
    /// # Errors
    /// If it can't be taken up.
    pub async fn go_on_at(&mut self, caller: Caller) -> anyhow::Result<()> {
        self.stream = connect(&caller, self.token.clone()).await?;
        self.caller = caller;
        Ok(())
    }

    /// The next message: an event, or none if it was another.
    async fn next(&mut self) -> anyhow::Result<Option<CaseEvent>> {
        let message = tokio::time::timeout(PATIENCE, self.stream.message())
            .await
            .context("the watch said nothing for a long time")?;
        let message = match message {
            Ok(Some(answer)) => answer.message,
            Ok(None) => None,
            Err(status) => return Err(crate::failure::Failure::from(status).into()),
        };
        match message {
            Some(Message::CaseEvent(event)) => {
                self.token.clone_from(&event.resume_token);
                return Ok(Some(event));
            }
            Some(Message::Heartbeat(heartbeat)) => self.token = heartbeat.resume_token,
            Some(Message::GoingAway(last)) => {
                self.token = last.resume_token;
                self.stream = connect(&self.caller, self.token.clone()).await?;
            }
            None => self.stream = connect(&self.caller, self.token.clone()).await?,
        }
        Ok(None)
    }
}

async fn connect(
    caller: &Caller,
    resume_token: String,
) -> anyhow::Result<Streaming<WatchCasesResponse>> {
    let request = WatchCasesRequest {
        filter: String::new(),
        resume_token,
    };
    caller.escalation().watch_cases(request).await.granted()
}
