//! The live feed: `WatchCases` as server-sent events, with the user's own rights.
//!
//! The id of each event is a resume token, which browsers hand back as `Last-Event-ID`: what
//! happened in between follows then (R-CON-2). A feed ends with its session, and when the process
//! begins to stop (R12).

mod alarm;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status, Streaming};
use visits_core::{Role, Timestamp};
use visits_proto::common::v1::Heartbeat;
use visits_proto::escalation::v1::case::State as Case;
use visits_proto::escalation::v1::watch_cases_response::Message;
use visits_proto::escalation::v1::{
    CaseEvent, GetCaseRequest, ListCasesRequest, WatchCasesRequest, WatchCasesResponse,
};
use visits_proto::instant;

use crate::cookie;
use crate::session::{Look, Session};
use crate::state::Shared;
use crate::words;

use alarm::Alarm;

/// So many cases that nobody has acknowledged are named at the begin of a feed.
const OPEN_MOST: i32 = 500;
/// Messages that may wait for a slow browser.
const BUFFER: usize = 16;
/// How soon a browser connects again.
const RETRY: Duration = Duration::from_secs(1);
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// What the address of the feed says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// As `Last-Event-ID`, for a page that connects anew.
    after: String,
}

/// Something that happened to a case.
#[derive(Serialize)]
struct Happened<'a> {
    case: &'a str,
    state: &'static str,
    /// Whether nobody has acknowledged it.
    open: bool,
    /// What happened, in words.
    what: &'static str,
    /// How it sounds: `ring`, `notice`, or not at all.
    alarm: &'static str,
    /// Whether it had happened before this connection stood.
    missed: bool,
}

/// What rings at the desk when a feed begins, and nothing else does: a page that was loaded anew goes
/// on ringing.
#[derive(Serialize)]
struct Ringing<'a> {
    cases: Vec<&'a str>,
}

/// Nothing was missed up to here.
#[derive(Serialize)]
struct Beat {
    now: String,
    /// Whether this connection goes on after an earlier one.
    resumed: bool,
}

/// The feed. A browser that is not signed in is told to stop asking.
pub(crate) async fn feed(
    State(app): State<Shared>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let cookie = cookie::read(&headers, &app.config).to_owned();
    let session = match app.sessions.peek(&cookie).await {
        Look::Live(session) => session,
        Look::Lapsed(_) | Look::Nobody => return StatusCode::NO_CONTENT.into_response(),
        Look::Unknown => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
    let last = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok());
    let resume = last.unwrap_or(&asked.after).to_owned();
    let (messages, resumed) = match open(&app, &session, resume).await {
        Ok(opened) => opened,
        Err(status) if status.code() == Code::Unauthenticated => {
            return StatusCode::NO_CONTENT.into_response();
        }
        Err(_) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
    let (to_browser, events) = mpsc::channel(BUFFER);
    let feed = Feed {
        connected: app.now(),
        session,
        app,
        cookie,
        messages,
        resumed,
        to_browser,
    };
    tokio::spawn(feed.run());
    let headers = [(HeaderName::from_static("x-accel-buffering"), "no")];
    (headers, Sse::new(ReceiverStream::new(events))).into_response()
}

/// Begins the watch after `resume`; from now on, if that lies too far back or is another's.
async fn open(
    app: &Shared,
    session: &Session,
    resume: String,
) -> Result<(Streaming<WatchCasesResponse>, bool), Status> {
    let mut client = app.escalation_to_watch(session);
    let mut watch = async |resume_token| {
        let request = WatchCasesRequest {
            filter: String::new(),
            resume_token,
        };
        client.watch_cases(request).await
    };
    if !resume.is_empty() {
        match watch(resume).await {
            Ok(messages) => return Ok((messages.into_inner(), true)),
            Err(status) if matches!(status.code(), Code::OutOfRange | Code::InvalidArgument) => {}
            Err(status) => return Err(status),
        }
    }
    Ok((watch(String::new()).await?.into_inner(), false))
}

struct Feed {
    app: Shared,
    session: Arc<Session>,
    cookie: String,
    connected: Timestamp,
    messages: Streaming<WatchCasesResponse>,
    resumed: bool,
    to_browser: mpsc::Sender<Result<Event, Infallible>>,
}

impl Feed {
    async fn run(mut self) {
        let going_away = self.app.going_away.clone();
        if self.say_what_rings().await.is_err() {
            return;
        }
        loop {
            let message = tokio::select! {
                () = going_away.cancelled() => return,
                () = self.to_browser.closed() => return,
                message = self.messages.message() => message,
            };
            // The browser connects again after what it has.
            let Ok(Some(WatchCasesResponse {
                message: Some(message),
            })) = message
            else {
                return;
            };
            if !self.pass_on(message).await {
                return;
            }
        }
    }

    /// Whether the feed goes on.
    async fn pass_on(&mut self, message: Message) -> bool {
        if !matches!(self.app.sessions.peek(&self.cookie).await, Look::Live(_)) {
            // The answer to the next attempt says why.
            return false;
        }
        let (event, goes_on) = match message {
            Message::CaseEvent(event) => (self.happened(&event).await, true),
            Message::Heartbeat(beat) => (self.beat(&beat), true),
            Message::GoingAway(last) => (of("away", &last.resume_token, &()), false),
        };
        match event {
            Some(event) => self.to_browser.send(Ok(event)).await.is_ok() && goes_on,
            None => goes_on,
        }
    }

    /// The watch stands already: what is acknowledged meanwhile, follows.
    async fn say_what_rings(&self) -> Result<(), ()> {
        if !self.session.has(Role::DutyDesk) {
            return Ok(());
        }
        let request = ListCasesRequest {
            page_size: OPEN_MOST,
            filter: "state = OPEN".to_owned(),
            ..ListCasesRequest::default()
        };
        let mut client = self.app.escalation(&self.session);
        // The browser connects again.
        let found = client.list_cases(request).await.map_err(drop)?.into_inner();
        let cases = found.cases.iter().map(|case| words::code(&case.name));
        let cases = cases.collect();
        match of("ringing", "", &Ringing { cases }) {
            Some(event) => self.to_browser.send(Ok(event)).await.map_err(drop),
            None => Ok(()),
        }
    }

    async fn happened(&self, event: &CaseEvent) -> Option<Event> {
        let recorded = instant(event.recorded_time.as_ref());
        let missed = recorded.is_some_and(|at| at < self.connected);
        let mut alarm = alarm::of(event, &self.session);
        if missed && alarm != Alarm::Silent && !self.still_stands(event).await {
            alarm = Alarm::Silent;
        }
        let happened = Happened {
            case: words::code(&event.case),
            state: words::state(event.state()),
            open: event.state() == Case::Open,
            what: alarm::words(event),
            alarm: alarm.code(),
            missed,
        };
        of("case", &event.resume_token, &happened)
    }

    /// Whether a case is still as an event left it that was missed: an alarm of long ago is none.
    async fn still_stands(&self, event: &CaseEvent) -> bool {
        let name = event.case.clone();
        let mut client = self.app.escalation(&self.session);
        let found = client.get_case(GetCaseRequest { name }).await;
        // If it can't be known, it sounds.
        found.map_or(true, |case| case.into_inner().state == event.state)
    }

    fn beat(&self, beat: &Heartbeat) -> Option<Event> {
        let now = instant(beat.server_time.as_ref()).unwrap_or_else(|| self.app.now());
        let beat_data = Beat {
            now: now.to_string(),
            resumed: self.resumed,
        };
        of("beat", &beat.resume_token, &beat_data)
    }
}

fn of(name: &str, id: &str, data: &impl Serialize) -> Option<Event> {
    let event = Event::default().event(name).retry(RETRY).json_data(data);
    let mut event = event.ok()?;
    // A line break would end the field; a token has none.
    if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic()) {
        event = event.id(id);
    }
    Some(event)
}
