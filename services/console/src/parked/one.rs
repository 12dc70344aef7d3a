//! One parked item: why it is parked, what waits for it, and what an operator can do.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use visits_components::{Button, Html};
use visits_core::Role;
use visits_proto::instant;
use visits_proto::operations::v1 as pb;
use visits_proto::operations::v1::parked_item::{Kind, State as ItemState};

use super::{PATH, about, kind, known, operations, short};
use crate::form::{Filled, Posted, SignedIn};
use crate::problem::Problem;
use crate::session::Session;
use crate::sheet::{
    self as page, Called, Desk, Sheet, Tried, explained, facts, heading, list, settle,
};
use crate::shell::Place;
use crate::state::{App, Shared};
use crate::visits::Asked;
use crate::visits::words::when;
use crate::words::moment;

const NOTE_MOST: u32 = 500;
const CALLED: [Called; 1] = [Called {
    field: "note",
    id: "note",
    missing: "Enter why it is discarded",
    name: "Why it is discarded: this text",
}];

/// The page.
pub(crate) async fn show(
    State(app): State<Shared>,
    SignedIn(session): SignedIn,
    Path((service, id)): Path<(String, String)>,
    Query(asked): Asked,
) -> Response {
    // What was retried or discarded is parked no more: its page says so and has nothing to show.
    let done = asked.iter().find(|(name, _)| name == "done");
    let done = done.and_then(|(_, done)| match done.as_str() {
        "retry" => Some("The item is tried again."),
        "discard" => Some("The item is given up. What waited for it goes on."),
        _ => None,
    });
    if let Some(done) = done.filter(|_| known(&service).is_some()) {
        return Sheet::new(&session, Place::Parked, "Parked item")
            .back(PATH, "Back to the parked items")
            .done(Some(done))
            .answer();
    }
    one(&app, &session, &service, &id, None).await
}

/// A form of the page.
pub(crate) async fn act(
    State(app): State<Shared>,
    Path((service, id, action)): Path<(String, String, String)>,
    posted: Posted,
) -> Response {
    let Posted { session, filled } = posted;
    if known(&service).is_none() || !page::is_uuid(&id) {
        return page::nowhere().await;
    }
    let path = format!("{PATH}/{service}/{id}");
    let outcome = match action.as_str() {
        "retry" => retry(&app, &session, &service, &id, &filled).await,
        "discard" => discard(&app, &session, &service, &id, &filled).await,
        _ => return page::nowhere().await,
    };
    let sent = (format!("{path}/{action}"), filled);
    match settle(&app, &session, &path, &action, sent, outcome).await {
        Ok(answer) => answer,
        Err(tried) => one(&app, &session, &service, &id, Some(tried)).await,
    }
}

async fn retry(
    app: &App,
    session: &Session,
    service: &str,
    id: &str,
    filled: &Filled,
) -> Result<(), Problem> {
    let request = pb::RetryParkedItemRequest {
        name: format!("services/{service}/parkedItems/{id}"),
        request_id: filled.get("request_id").to_owned(),
    };
    let mut client = operations(app, session, service);
    let sent = client.retry_parked_item(about(service, request)).await;
    sent.map(drop).map_err(|status| explained(&status, &CALLED))
}

async fn discard(
    app: &App,
    session: &Session,
    service: &str,
    id: &str,
    filled: &Filled,
) -> Result<(), Problem> {
    let request = pb::DiscardParkedItemRequest {
        name: format!("services/{service}/parkedItems/{id}"),
        request_id: filled.get("request_id").to_owned(),
        note: filled.get("note").to_owned(),
    };
    let mut client = operations(app, session, service);
    let sent = client.discard_parked_item(about(service, request)).await;
    sent.map(drop).map_err(|status| explained(&status, &CALLED))
}

async fn one(
    app: &App,
    session: &Session,
    service: &str,
    id: &str,
    tried: Option<Tried>,
) -> Response {
    let Some((service, words)) = known(service).filter(|_| page::is_uuid(id)) else {
        return page::nowhere().await;
    };
    let path = format!("{PATH}/{service}/{id}");
    let request = pb::GetParkedItemRequest {
        name: format!("services/{service}/parkedItems/{id}"),
    };
    let mut client = operations(app, session, service);
    let item = match client.get_parked_item(about(service, request)).await {
        Ok(item) => item.into_inner(),
        // Somebody has retried or discarded it meanwhile: that is said, and what was typed is kept.
        Err(_) if tried.is_some() => {
            let leftover = tried.as_ref().and_then(Tried::leftover);
            return Sheet::new(session, Place::Parked, "Parked item")
                .back(PATH, "Back to the parked items")
                .refused(tried.as_ref())
                .and_if(leftover)
                .answer();
        }
        Err(status) => return page::refused(session, &status, &path),
    };
    let desk = Desk {
        app,
        session,
        tried: tried.as_ref(),
    };
    Sheet::new(session, Place::Parked, short(&item.code))
        .caption(format!(
            "{words}: parked {}",
            kind(item.kind()).to_lowercase()
        ))
        .back(PATH, "Back to the parked items")
        .refused(tried.as_ref())
        .and(&shown(&item))
        .and_all(waiting(&item))
        .and_all(forms(&desk, &item, &path).await)
        .answer()
}

fn shown(item: &pb::ParkedItem) -> Html {
    let count = |count: i64| match count {
        0 => String::new(),
        count => count.to_string(),
    };
    Html::of(&facts([
        ("What", item.code.as_str().into()),
        ("About", item.subject.as_str().into()),
        ("Why", item.fault_reason.as_str().into()),
        (
            "What the last fault said",
            item.fault_message.as_str().into(),
        ),
        (
            if item.kind() == Kind::Message {
                "Came"
            } else {
                "Tried"
            },
            crate::words::counted(item.attempts.into(), "time").into(),
        ),
        ("Came on", when(item.receive_time.as_ref()).into()),
        ("Parked on", when(item.park_time.as_ref()).into()),
        ("In order with", item.aggregate.as_str().into()),
        ("Place among its events", count(item.sequence).into()),
        (
            "Later events that wait",
            item.waiting_count.to_string().into(),
        ),
        ("Item", item.name.as_str().into()),
    ]))
}

fn waiting(item: &pb::ParkedItem) -> Vec<Html> {
    if item.waiting_events.is_empty() {
        return Vec::new();
    }
    let events = item.waiting_events.iter().map(|event| {
        let came = instant(event.receive_time.as_ref()).map(moment);
        let came = came.unwrap_or_default();
        format!("{}: {}, came on {came}", event.sequence, event.event_type)
    });
    vec![heading("The first that wait for it"), list(events)]
}

async fn forms(desk: &Desk<'_>, item: &pb::ParkedItem, path: &str) -> Vec<Html> {
    if !(desk.session.has(Role::Operator) && item.state() == ItemState::Parked) {
        return Vec::new();
    }
    let retry = desk.begin(format!("{path}/retry"), Filled::default()).await;
    let gone = "For when the cause is gone: it is tried at once, its attempts counted anew.";
    let retry = retry.with("Try it again", vec![page::paragraph(gone)], "", "Try again");
    let discard = desk
        .begin(format!("{path}/discard"), Filled::default())
        .await;
    let hint = "For the audit. No person’s name";
    let fields = vec![
        discard
            .fields()
            .text("note", "Why is it discarded?", hint, NOTE_MOST),
    ];
    let button = Button {
        classes: "govuk-button--warning".to_owned(),
        ..Button::new("Discard for good")
    };
    let discard = discard.carrying("Give it up", fields, Vec::new(), button);
    vec![retry, discard]
}
