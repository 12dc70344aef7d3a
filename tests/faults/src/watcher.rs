//! One watch of the cases through every kill: taken up again with its token each time.

use anyhow::bail;
use visits_core::Role;
use visits_proto::escalation::v1 as pb;
use visits_proto::escalation::v1::case_event::Event;
use visits_proto::escalation::v1::escalation_service_client::EscalationServiceClient;
use visits_proto::escalation::v1::watch_cases_response::Message;

use crate::caller::{Caller, World};

/// What the watch saw.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The events: position, identifier, and the concern if one was raised.
    pub events: Vec<(i64, String, Option<String>)>,
    /// How often the watch was taken up again after it had begun.
    pub resumed: u32,
}

/// The watch in the making.
pub struct Watcher {
    caller: Caller,
    token: String,
    seen: Seen,
}

impl Watcher {
    /// A watch that has not begun.
    #[must_use]
    pub fn new(world: &World) -> Self {
        Self {
            caller: Caller::new(world, "duty-desk", Role::DutyDesk),
            token: String::new(),
            seen: Seen::default(),
        }
    }

    /// Follows the cases until the concern that `last` will name was seen. Says on `begun` when it
    /// watches: from then on it misses nothing.
    ///
    /// # Errors
    /// If the service refuses.
    pub async fn follow(
        mut self,
        begun: tokio::sync::oneshot::Sender<()>,
        mut last: tokio::sync::watch::Receiver<Option<String>>,
    ) -> anyhow::Result<Seen> {
        let mut begun = Some(begun);
        loop {
            let Some(mut stream) = self.connect().await? else {
                continue;
            };
            loop {
                let message = tokio::select! {
                    message = stream.message() => message,
                    () = self.caller.moved() => break,
                    _ = last.changed() => {
                        if self.has_seen(&last) { return Ok(self.seen); }
                        continue;
                    }
                };
                let Ok(Some(answer)) = message else { break };
                if self.take(answer)? {
                    break;
                }
                if let Some(begun) = begun.take().filter(|_| !self.token.is_empty()) {
                    // Nobody listening any more means that the run is over.
                    let _ = begun.send(());
                }
                if self.has_seen(&last) {
                    return Ok(self.seen);
                }
            }
            self.caller.lost().await;
        }
    }

    fn has_seen(&self, last: &tokio::sync::watch::Receiver<Option<String>>) -> bool {
        last.borrow().as_ref().is_some_and(|last| {
            let raised = self.seen.events.iter().rev();
            raised
                .into_iter()
                .any(|(_, _, concern)| concern.as_ref() == Some(last))
        })
    }

    async fn connect(
        &mut self,
    ) -> anyhow::Result<Option<tonic::Streaming<pb::WatchCasesResponse>>> {
        let channel = self.caller.channel(None).await?;
        let request = pb::WatchCasesRequest {
            filter: String::new(),
            resume_token: self.token.clone(),
        };
        let resumes = !self.token.is_empty();
        match EscalationServiceClient::new(channel)
            .watch_cases(request)
            .await
        {
            Ok(stream) => {
                self.seen.resumed += u32::from(resumes);
                Ok(Some(stream.into_inner()))
            }
            Err(status) if status.code() == tonic::Code::OutOfRange => {
                bail!("the watch can't be taken up again: {status}")
            }
            Err(_) => {
                self.caller.lost().await;
                Ok(None)
            }
        }
    }

    /// Takes a message; whether the watch ended with it.
    fn take(&mut self, answer: pb::WatchCasesResponse) -> anyhow::Result<bool> {
        match answer.message {
            Some(Message::CaseEvent(event)) => {
                let concern = match event.event {
                    Some(Event::ConcernRaised(raised)) => Some(raised.concern_id),
                    _ => None,
                };
                self.seen
                    .events
                    .push((event.position, event.event_id, concern));
                self.token = event.resume_token;
            }
            Some(Message::Heartbeat(heartbeat)) => self.token = heartbeat.resume_token,
            Some(Message::GoingAway(away)) => {
                self.token = away.resume_token;
                return Ok(true);
            }
            None => bail!("a message of the watch says nothing"),
        }
        Ok(false)
    }
}
