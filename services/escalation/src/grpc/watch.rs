//! WatchCases: the feed as a stream, resumable without gap or repeat (R8, R-API-11).
//!
//! A watch reads the feed by position and waits for it to grow; broker or no broker. Each event is
//! asked for anew whether its case is the caller's to read, so rights that end, end at once (R14).
//! It ends with the token that opened it: whoever goes on shows a new one.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::Status;
use visits_bus::Envelope;
use visits_core::{Actor, ErrorKind, Fault, Timestamp, kill_point};
use visits_proto::common::v1::{GoingAway, Heartbeat};
use visits_proto::escalation::v1 as wire;
use visits_proto::escalation::v1::watch_cases_response::Message;
use visits_proto::timestamp;
use visits_runtime::resume::expired;
use visits_runtime::{ResumeTokens, to_status};

use super::case_event::case_event;
use super::filter;
use crate::app::App;
use crate::app::presence::Watching;
use crate::domain::case::{Case, CaseId, State};
use crate::publish::CASE;
use crate::store::cases::CaseFilter;
use crate::wire::state_to_wire;

/// A watch that has said nothing for so long says that nothing was missed: with the poll's second
/// no more than ten.
const HEARTBEAT: Duration = Duration::from_secs(9);
/// Another process of this service may have given the feed its places: only a look tells.
const POLL: Duration = Duration::from_secs(1);
/// Messages that may wait for a slow caller.
const BUFFER: usize = 32;
/// A caller who takes nothing for so long has gone.
const PATIENCE: Duration = Duration::from_secs(30);

/// The messages of a watch.
pub type WatchStream = ReceiverStream<Result<wire::WatchCasesResponse, Status>>;

/// What watches are made from.
#[derive(Clone, Debug)]
pub struct Watches {
    /// The service.
    pub app: App,
    /// Makes and reads resume tokens.
    pub tokens: ResumeTokens,
    /// Cancelled when the server begins to stop.
    pub going_away: CancellationToken,
}

/// One watch under way.
struct Watch {
    watches: Watches,
    actor: Actor,
    /// When the caller's token stops being believed, and the watch with it.
    token_ends: Timestamp,
    filter_text: String,
    filter: CaseFilter,
    epoch: String,
    position: i64,
    /// When the caller was last told something: an event of another's case is nothing to them.
    said_at: Instant,
    to_caller: mpsc::Sender<Result<wire::WatchCasesResponse, Status>>,
    _watching: Watching,
}

/// Why a watch ends: the caller has gone, or a fault of ours.
enum End {
    CallerGone,
    Failed(Fault),
}

impl From<Fault> for End {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

impl Watches {
    /// Begins a watch, from now on or from where the caller's resume token says, that lasts until
    /// `token_ends` at most.
    pub async fn open(
        &self,
        actor: Actor,
        token_ends: Timestamp,
        request: wire::WatchCasesRequest,
    ) -> Result<WatchStream, Fault> {
        let parsed = filter::of_cases(&request.filter)?;
        let feed = self.app.durable().feed();
        let epoch = feed.epoch().await?.to_string();
        let latest = feed.latest().await?;
        let position = if request.resume_token.is_empty() {
            latest
        } else {
            let (token, filter) = (&request.resume_token, &request.filter);
            self.tokens.read(token, &actor.principal, filter, &epoch)?
        };
        if position > latest {
            return Err(expired());
        }
        let (to_caller, messages) = mpsc::channel(BUFFER);
        let watching = self.app.presence().enter(&actor.principal)?;
        let watch = Watch {
            watches: self.clone(),
            actor,
            token_ends,
            filter_text: request.filter,
            filter: parsed,
            epoch,
            position,
            said_at: Instant::now(),
            to_caller,
            _watching: watching,
        };
        tokio::spawn(watch.run());
        Ok(ReceiverStream::new(messages))
    }
}

impl Watch {
    async fn run(mut self) {
        if let Err(End::Failed(fault)) = self.follow().await {
            // The caller may be gone too; then there is nobody to tell.
            let _ = self.to_caller.send(Err(to_status(fault))).await;
        }
    }

    async fn follow(&mut self) -> Result<(), End> {
        // Asked for before the first look, so that an event during a look is not missed.
        let mut head = self.watches.app.durable().feed().head();
        self.heartbeat().await?;
        loop {
            if self.watches.app.durable().now() >= self.token_ends {
                return self.go_away("TOKEN_EXPIRED").await;
            }
            let reached = *head.borrow_and_update();
            self.send_what_is_new().await?;
            self.position = self.position.max(reached);
            if self.said_at.elapsed() >= HEARTBEAT {
                self.heartbeat().await?;
            }
            let (going_away, to_caller) = (self.watches.going_away.clone(), self.to_caller.clone());
            tokio::select! {
                biased;
                () = going_away.cancelled() => return self.go_away("SHUTTING_DOWN").await,
                () = to_caller.closed() => return Err(End::CallerGone),
                _ = head.changed() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    /// Sends every event after the position that the caller may read and asked for.
    async fn send_what_is_new(&mut self) -> Result<(), End> {
        loop {
            let feed = self.watches.app.durable().feed();
            let entries = feed.after(self.position, CASE).await?;
            if entries.is_empty() {
                return Ok(());
            }
            for envelope in entries {
                self.position = envelope.position;
                if let Some(event) = self.read(&envelope).await? {
                    self.send(Message::CaseEvent(event)).await?;
                }
            }
        }
    }

    async fn read(&self, envelope: &Envelope) -> Result<Option<wire::CaseEvent>, Fault> {
        let id = CaseId(envelope.aggregate_id);
        let case = match self.watches.app.readable(&self.actor, id).await {
            Ok(case) => case.value,
            Err(fault) if matches!(fault.kind, ErrorKind::NotFound | ErrorKind::Forbidden) => {
                return Ok(None);
            }
            Err(fault) => return Err(fault),
        };
        let Some(mut event) = case_event(envelope)? else {
            return Ok(None);
        };
        event.resume_token = self.token();
        Ok(self.is_wanted(&case, event.state).then_some(event))
    }

    fn is_wanted(&self, case: &Case, state: i32) -> bool {
        let filter = &self.filter;
        let is_closed = |state| {
            let states = State::ALL.into_iter();
            states
                .filter(|known| known.is_closed())
                .any(|known| i32::from(state_to_wire(known)) == state)
        };
        filter
            .state
            .is_none_or(|wanted| i32::from(state_to_wire(wanted)) == state)
            && filter.open.is_none_or(|open| open != is_closed(state))
            && filter
                .region
                .is_none_or(|region| region == case.school.region)
            && filter.visit.is_none_or(|visit| visit == case.visit)
            && filter
                .school_urn
                .as_ref()
                .is_none_or(|urn| *urn == case.school.urn)
    }

    fn token(&self) -> String {
        let (principal, filter) = (&self.actor.principal, &self.filter_text);
        self.watches
            .tokens
            .issue(principal, filter, &self.epoch, self.position)
    }

    async fn heartbeat(&mut self) -> Result<(), End> {
        self.send(Message::Heartbeat(Heartbeat {
            server_time: Some(timestamp(self.watches.app.durable().now())),
            position: self.position,
            resume_token: self.token(),
        }))
        .await
    }

    async fn go_away(&mut self, reason_code: &str) -> Result<(), End> {
        self.send(Message::GoingAway(GoingAway {
            reason_code: reason_code.to_owned(),
            resume_token: self.token(),
        }))
        .await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        let response = wire::WatchCasesResponse {
            message: Some(message),
        };
        kill_point("stream.send.before");
        let sent = self.to_caller.send_timeout(Ok(response), PATIENCE).await;
        kill_point("stream.send.after");
        self.said_at = Instant::now();
        sent.map_err(|_| End::CallerGone)
    }
}
