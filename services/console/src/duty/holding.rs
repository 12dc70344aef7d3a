//! What the desk does with a case besides its steps, each on a page of its own that works without
//! script: add a note (R-CON-14), hand it over (R-CON-13), say when to be alerted again (R-CON-9).

use axum::extract::{Path, State};
use axum::response::Response;
use tonic::Status;
use visits_components::{Button, Html};
use visits_proto::escalation::v1 as pb;

use super::{on_duty_besides, shifts};
use crate::form::{Filled, Posted, SignedIn};
use crate::problem::Problem;
use crate::session::Session;
use crate::sheet::{self as page, Desk, Sheet, Tried, settle};
use crate::shell::Place;
use crate::state::{App, Shared};

const NOTE_MOST: u32 = 500;
/// What the choice says when a case goes back to the whole desk; no principal is called so.
const RELEASED: &str = "-";

/// What is done with a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Note,
    Hold,
    Alert,
}

impl Way {
    const ALL: [Self; 3] = [Self::Note, Self::Hold, Self::Alert];

    const fn path(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Hold => "hold",
            Self::Alert => "alert",
        }
    }

    const fn heading(self) -> &'static str {
        match self {
            Self::Note => "Add a note",
            Self::Hold => "Hand over, take or release",
            Self::Alert => "Change when the desk is alerted again",
        }
    }

    const fn done(self) -> &'static str {
        match self {
            Self::Note => "The note is added.",
            Self::Hold => "The case is with whom you said.",
            Self::Alert => "The desk is alerted again after the time that you chose.",
        }
    }
}

/// What a case's page, or the queue, says once it is recorded.
pub(crate) fn done(path: &str) -> Option<&'static str> {
    let way = Way::ALL.into_iter().find(|way| way.path() == path);
    way.map(Way::done)
}

/// The page for a note.
pub(super) async fn note(
    State(app): State<Shared>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
) -> Response {
    draw(&app, &session, &id, Way::Note, None).await
}

/// The page for handing over.
pub(super) async fn hold(
    State(app): State<Shared>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
) -> Response {
    draw(&app, &session, &id, Way::Hold, None).await
}

/// The page for the alert.
pub(super) async fn alert(
    State(app): State<Shared>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
) -> Response {
    draw(&app, &session, &id, Way::Alert, None).await
}

/// Takes a note.
pub(super) async fn add_note(
    State(app): State<Shared>,
    Path(id): Path<String>,
    posted: Posted,
) -> Response {
    let filled = &posted.filled;
    let request = pb::AddCaseNoteRequest {
        name: format!("cases/{id}"),
        request_id: filled.get("request_id").to_owned(),
        note: filled.get("note").to_owned(),
    };
    let outcome = app.escalation(&posted.session).add_case_note(request).await;
    answer(&app, &id, Way::Note, posted, outcome.map(drop)).await
}

/// Takes a handover.
pub(super) async fn assign(
    State(app): State<Shared>,
    Path(id): Path<String>,
    posted: Posted,
) -> Response {
    let filled = &posted.filled;
    let operator = match filled.get("operator") {
        RELEASED => "",
        operator => operator,
    };
    let request = pb::AssignCaseRequest {
        name: format!("cases/{id}"),
        request_id: filled.get("request_id").to_owned(),
        etag: filled.get("etag").to_owned(),
        operator: operator.to_owned(),
    };
    if filled.get("operator").is_empty() {
        let problem = page::found("operator", "Select who takes the case");
        return refused(&app, &id, Way::Hold, posted, problem).await;
    }
    let outcome = app.escalation(&posted.session).assign_case(request).await;
    answer(&app, &id, Way::Hold, posted, outcome.map(drop)).await
}

/// Takes another time for the alert.
pub(super) async fn set_alert(
    State(app): State<Shared>,
    Path(id): Path<String>,
    posted: Posted,
) -> Response {
    let filled = &posted.filled;
    let request = pb::SetNextStepAlertRequest {
        name: format!("cases/{id}"),
        request_id: filled.get("request_id").to_owned(),
        etag: filled.get("etag").to_owned(),
        after_minutes: filled.get("after_minutes").trim().parse().unwrap_or(0),
        reason: filled.get("reason").to_owned(),
    };
    let mut client = app.escalation(&posted.session);
    let outcome = client.set_next_step_alert(request).await;
    answer(&app, &id, Way::Alert, posted, outcome.map(drop)).await
}

async fn answer(
    app: &App,
    id: &str,
    way: Way,
    posted: Posted,
    outcome: Result<(), Status>,
) -> Response {
    let Posted { session, filled } = posted;
    let outcome = outcome.map_err(|status| Problem::of(&status));
    // From the list one goes back to the list.
    let next = match filled.get("from") {
        "queue" => "/queue".to_owned(),
        _ => format!("/cases/{id}"),
    };
    let sent = (address(id, way), filled);
    match settle(app, &session, &next, way.path(), sent, outcome).await {
        Ok(response) => response,
        Err(tried) => draw(app, &session, id, way, Some(&tried)).await,
    }
}

async fn refused(app: &App, id: &str, way: Way, posted: Posted, problem: Problem) -> Response {
    let tried = Tried {
        action: address(id, way),
        filled: posted.filled,
        problem,
    };
    draw(app, &posted.session, id, way, Some(&tried)).await
}

fn address(id: &str, way: Way) -> String {
    format!("/cases/{id}/{}", way.path())
}

async fn draw(app: &App, session: &Session, id: &str, way: Way, tried: Option<&Tried>) -> Response {
    if !page::is_uuid(id) {
        return page::nowhere().await;
    }
    let name = format!("cases/{id}");
    let back = format!("/{name}");
    let request = pb::GetCaseRequest { name };
    let case = match app.escalation(session).get_case(request).await {
        Ok(case) => case.into_inner(),
        Err(status) => return page::refused(session, &status, &back),
    };
    let desk = Desk {
        app,
        session,
        tried,
    };
    let form = match way {
        Way::Note => note_form(&desk, id).await,
        Way::Hold => hold_form(&desk, id, &case).await,
        Way::Alert => alert_form(&desk, id, &case).await,
    };
    Sheet::new(session, Place::Queue, way.heading())
        .caption(case.school_display_name)
        .back(back, "Back to the case")
        .refused(tried)
        .and(&form)
        .answer()
}

async fn note_form(desk: &Desk<'_>, id: &str) -> Html {
    let begun = desk.begin(address(id, Way::Note), Filled::default()).await;
    let hint = "Everybody who reads the case sees it.";
    let fields = vec![
        begun
            .fields()
            .text("note", "Note for the desk", hint, NOTE_MOST),
    ];
    begun.carrying("", fields, Vec::new(), Button::new("Add the note"))
}

async fn hold_form(desk: &Desk<'_>, id: &str, case: &pb::Case) -> Html {
    let own = desk.session.actor.principal.as_str();
    let on_duty = shifts(desk.app, desk.session).await.unwrap_or_default();
    let mut choices = vec![(RELEASED, "Release to the whole desk")];
    if on_duty.iter().any(|shift| shift.operator == own) {
        choices.push((own, "Take it yourself"));
    }
    let others = on_duty_besides(&on_duty, own);
    choices.extend(others.iter().map(|operator| (*operator, *operator)));
    let begun = desk.begin(address(id, Way::Hold), Filled::default()).await;
    let legend = "Who takes the case? Those who are on duty can.";
    let fields = vec![begun.fields().radios("operator", legend, &choices)];
    begun.with("", fields, &case.etag, "Hand over")
}

async fn alert_form(desk: &Desk<'_>, id: &str, case: &pb::Case) -> Html {
    let begun = desk.begin(address(id, Way::Alert), Filled::default()).await;
    let fields = begun.fields();
    let hint = "1 to 240. They count from now, and repeat until the inspector’s call is logged.";
    let fields = vec![
        fields.short("after_minutes", "Minutes", hint),
        fields.text("reason", "Reason", "", NOTE_MOST),
    ];
    begun.with("", fields, &case.etag, "Change")
}
