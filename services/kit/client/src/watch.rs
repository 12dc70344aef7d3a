//! A watch of the cases that outlives its connections: taken up again with the token of the last
//! message, so that nothing is missed and nothing comes twice (R8).

use tokio::time::timeout;
use tonic::{Code, Status, Streaming};
use visits_proto::common::v1::{GoingAway, Heartbeat};
use visits_proto::escalation::v1::escalation_service_client::EscalationServiceClient;
use visits_proto::escalation::v1::watch_cases_response::Message;
use visits_proto::escalation::v1::{CaseEvent, WatchCasesRequest, WatchCasesResponse};

use crate::client::CallChannel;
use crate::limits;
use crate::patience::pause;
use crate::refusal::{reason, unavailable};

/// What a watch saw.
#[derive(Clone, Debug)]
pub enum Seen {
    /// Something happened to a case.
    Event(Box<CaseEvent>),
    /// Nothing was missed up to here.
    Heartbeat(Heartbeat),
    /// The server ends this stream; the next look takes the watch up again.
    GoingAway(GoingAway),
    /// The connection was lost; the next look pauses and takes the watch up again.
    Lost(Status),
}

/// Why a watch does not go on.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// OUT_OF_RANGE: the token's place is one that the feed does not have.
    #[error(
        "the watch can't be taken up where it was left ({}): list the cases, then watch anew",
        .0.message()
    )]
    PositionExpired(Status),
    /// Refused for good, or nobody was there to begin with.
    #[error("the watch was refused: {}", .0.message())]
    Refused(Status),
}

impl WatchError {
    /// What the service said.
    #[must_use]
    pub const fn status(&self) -> &Status {
        match self {
            Self::PositionExpired(status) | Self::Refused(status) => status,
        }
    }

    /// What the service said.
    #[must_use]
    pub fn into_status(self) -> Status {
        match self {
            Self::PositionExpired(status) | Self::Refused(status) => status,
        }
    }
}

/// A watch of the cases.
#[derive(Debug)]
pub struct CaseWatch {
    client: EscalationServiceClient<CallChannel>,
    filter: String,
    token: String,
    stream: Option<Streaming<WatchCasesResponse>>,
    has_begun: bool,
    /// Connections lost since the last message.
    lost: u32,
}

impl CaseWatch {
    pub(crate) fn new(client: EscalationServiceClient<CallChannel>, filter: String) -> Self {
        Self {
            client,
            filter,
            token: String::new(),
            stream: None,
            has_begun: false,
            lost: 0,
        }
    }

    /// Goes on where an earlier watch with the same filter was left.
    #[must_use]
    pub fn from(mut self, resume_token: impl Into<String>) -> Self {
        self.token = resume_token.into();
        self
    }

    /// Where this watch is: keep it, to go on here another time.
    #[must_use]
    pub fn resume_token(&self) -> &str {
        &self.token
    }

    /// The next thing seen. The first connection must stand; one that is lost later is told as
    /// [`Seen::Lost`] and taken up again. Nothing is lost if this is dropped half way.
    ///
    /// # Errors
    /// [`WatchError`]; the watch does not go on by itself.
    pub async fn next(&mut self) -> Result<Seen, WatchError> {
        let message = match self.receive().await {
            Ok(message) => message,
            Err(status) => return self.ended(status),
        };
        (self.has_begun, self.lost) = (true, 0);
        Ok(match message {
            Message::CaseEvent(event) => {
                self.token.clone_from(&event.resume_token);
                Seen::Event(Box::new(event))
            }
            Message::Heartbeat(heartbeat) => {
                self.token.clone_from(&heartbeat.resume_token);
                Seen::Heartbeat(heartbeat)
            }
            Message::GoingAway(last) => {
                self.token.clone_from(&last.resume_token);
                self.stream = None;
                Seen::GoingAway(last)
            }
        })
    }

    /// The next event, whatever happens to connections in between.
    ///
    /// # Errors
    /// [`WatchError`]; the watch does not go on by itself.
    pub async fn next_event(&mut self) -> Result<CaseEvent, WatchError> {
        loop {
            if let Seen::Event(event) = self.next().await? {
                return Ok(*event);
            }
        }
    }

    async fn receive(&mut self) -> Result<Message, Status> {
        loop {
            let Some(stream) = &mut self.stream else {
                if self.lost > 0 {
                    tokio::time::sleep(pause(self.lost)).await;
                }
                let request = WatchCasesRequest {
                    filter: self.filter.clone(),
                    resume_token: self.token.clone(),
                };
                self.stream = Some(self.client.watch_cases(request).await?.into_inner());
                continue;
            };
            let said = timeout(limits::WATCH_SILENCE_MAX, stream.message()).await;
            let said = said.map_err(|_| unavailable("the watch has gone silent".to_owned()))??;
            match said {
                None => return Err(unavailable("the watch was ended".to_owned())),
                // A message that this version does not know is none of ours.
                Some(said) => {
                    if let Some(message) = said.message {
                        return Ok(message);
                    }
                }
            }
        }
    }

    fn ended(&mut self, status: Status) -> Result<Seen, WatchError> {
        self.stream = None;
        if status.code() == Code::OutOfRange {
            return Err(WatchError::PositionExpired(status));
        }
        if !self.has_begun || !is_passing(&status) {
            return Err(WatchError::Refused(status));
        }
        self.lost = self.lost.saturating_add(1);
        tracing::debug!(code = ?status.code(), lost = self.lost, "watch lost, will take it up again");
        Ok(Seen::Lost(status))
    }
}

/// Whether another connection may help: the service can't at the moment, or it was the transport
/// that failed and no service that spoke.
fn is_passing(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::ResourceExhausted => {
            true
        }
        Code::Unknown | Code::Internal => reason(status).is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_lost_connection_is_taken_up_again() {
        for code in [Code::Unavailable, Code::Unknown, Code::Internal] {
            assert!(is_passing(&Status::new(code, "")), "{code:?}");
        }
        for code in [
            Code::Unauthenticated,
            Code::PermissionDenied,
            Code::InvalidArgument,
        ] {
            assert!(!is_passing(&Status::new(code, "")), "{code:?}");
        }
    }
}
