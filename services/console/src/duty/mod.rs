//! On duty: going on and off, handing over, who watches, and the log of shifts (R-CON-7, R-CON-13);
//! and what the desk does with a case besides its steps ([`holding`]).

mod away;
mod console;
mod holding;
mod log;
mod neighbours;
mod panel;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use tonic::Status;
use visits_components::{Content, Html, Tag, WarningText};
use visits_core::Role;
use visits_proto::escalation::v1 as pb;
use visits_proto::escalation::v1::case::State as Case;
use visits_proto::instant;

use crate::form::{Posted, SignedIn, TOKEN, see};
use crate::problem::Problem;
use crate::session::Session;
use crate::sheet::{self as page, Sheet, Tried, settle, table};
use crate::shell::Place;
use crate::state::{App, Shared};
use crate::words::moment;

pub(crate) use holding::done;
pub(crate) use neighbours::neighbours;
pub(crate) use panel::{NoteForm, Panel, panel};

/// Where the page is.
pub(crate) const PATH: &str = "/duty";
const PAGE_SIZE: i32 = 500;

/// The addresses.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route(PATH, get(show))
        .route("/duty/on", get(back).post(go_on))
        .route("/duty/off", get(back).post(away::go_off))
        .route("/duty/log", get(log::list))
        .route("/duty/log/{id}", get(log::show))
        .route("/duty/console", post(console::report))
        .route(
            "/cases/{id}/note",
            get(holding::note).post(holding::add_note),
        )
        .route("/cases/{id}/hold", get(holding::hold).post(holding::assign))
        .route(
            "/cases/{id}/alert",
            get(holding::alert).post(holding::set_alert),
        )
}

/// What the address of the page says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    done: String,
}

/// The button that tests the sound and goes on duty: in a browser with script the sound comes first.
#[derive(Template)]
#[template(path = "go_on_duty.html")]
struct GoOnDuty {
    fields: Vec<(&'static str, String)>,
}
impl askama::filters::HtmlSafe for GoOnDuty {}

/// The page.
async fn show(
    State(app): State<Shared>,
    SignedIn(session): SignedIn,
    Query(asked): Query<Asked>,
) -> Response {
    let done = match asked.done.as_str() {
        "on" => Some("You are on duty."),
        "off" => Some("You are off duty."),
        _ => None,
    };
    draw(&app, &session, done, None).await
}

/// The address that a form was sent to, opened again.
async fn back() -> Response {
    see(PATH)
}

async fn go_on(State(app): State<Shared>, posted: Posted) -> Response {
    let Posted { session, filled } = posted;
    let request = pb::GoOnDutyRequest {
        request_id: filled.get("request_id").to_owned(),
        sound_tested: filled.get("sound_tested") == "on",
    };
    let outcome = app.escalation(&session).go_on_duty(request).await;
    let outcome = outcome.map(drop).map_err(|status| Problem::of(&status));
    let sent = ("/duty/on".to_owned(), filled);
    match settle(&app, &session, PATH, "on", sent, outcome).await {
        Ok(response) => response,
        Err(tried) => draw(&app, &session, None, Some(&tried)).await,
    }
}

/// The page, perhaps with what was tried and refused.
async fn draw(
    app: &App,
    session: &Session,
    done: Option<&'static str>,
    tried: Option<&Tried>,
) -> Response {
    let on_duty = match shifts(app, session).await {
        Ok(shifts) => shifts,
        Err(status) => return page::refused(session, &status, PATH),
    };
    let own = on_duty
        .iter()
        .find(|shift| shift.operator == session.actor.principal);
    let mut sheet = Sheet::new(session, Place::Duty, "On duty")
        .refused(tried)
        .done(done)
        .and_if(warning(&on_duty));
    if session.has(Role::DutyDesk) {
        sheet = match own {
            Some(shift) => {
                let parts = away::parts(app, session, shift, &on_duty, tried).await;
                sheet.and(&since(shift)).and_all(parts)
            }
            None => sheet.and_all(before_duty(app, session)),
        };
    }
    let rows = on_duty.iter().map(row);
    let head = ["Operator", "On duty since", "Console", "Sound"];
    let sheet = sheet.and(&page::heading("Who is on duty"));
    let sheet = if on_duty.is_empty() {
        sheet.and(&page::paragraph("Nobody is on duty."))
    } else {
        sheet.and(&table("Who is on duty", head, rows))
    };
    let log = page::link("/duty/log", "Shift log");
    sheet.and(&page::paragraph(log)).answer()
}

fn before_duty(app: &App, session: &Session) -> Vec<Html> {
    let words = "When you go on duty, a test sound plays. Then this browser sounds for every new \
                 concern, and says so when it is not live any more. Keep a page of this service open.";
    let form = GoOnDuty {
        fields: vec![
            (TOKEN, session.form_token.clone()),
            ("request_id", app.request_id()),
        ],
    };
    vec![page::paragraph(words), Html::of(&form)]
}

fn since(shift: &pb::DutyShift) -> Html {
    let since = instant(shift.start_time.as_ref()).map_or_else(String::new, moment);
    page::paragraph(format!("You have been on duty since {since}."))
}

/// A desk that nobody watches says so on its own page too.
fn warning(on_duty: &[pb::DutyShift]) -> Option<WarningText> {
    let words = match on_duty {
        [] => "Nobody is on duty: a concern that comes in now is seen by nobody.",
        all if !all.iter().any(|shift| shift.audible) => {
            "Nobody on duty has a console that is live with its sound on."
        }
        _ => return None,
    };
    Some(WarningText {
        text: words.into(),
        ..WarningText::default()
    })
}

fn row(shift: &pb::DutyShift) -> [Content; 4] {
    let console = match (shift.audible, shift.watching) {
        (true, _) => Tag::new("Live and audible", "govuk-tag--green"),
        (false, true) => Tag::new("Live, not audible", "govuk-tag--yellow"),
        (false, false) => Tag::new("Not watching", "govuk-tag--red"),
    };
    let tested = if shift.sound_tested {
        "Tested"
    } else {
        "Not tested"
    };
    [
        shift.operator.as_str().into(),
        instant(shift.start_time.as_ref())
            .map_or_else(String::new, moment)
            .into(),
        Html::of(&console).into(),
        tested.into(),
    ]
}

/// Who is on duty.
pub(super) async fn shifts(app: &App, session: &Session) -> Result<Vec<pb::DutyShift>, Status> {
    let request = pb::ListDutyShiftsRequest {
        page_size: PAGE_SIZE,
        filter: "state = ON_DUTY".to_owned(),
        ..pb::ListDutyShiftsRequest::default()
    };
    let found = app.escalation(session).list_duty_shifts(request).await?;
    Ok(found.into_inner().duty_shifts)
}

/// The open cases that the reader may see, the most pressing first.
pub(super) async fn open_cases(app: &App, session: &Session) -> Result<Vec<pb::Case>, Status> {
    let request = pb::ListCasesRequest {
        page_size: PAGE_SIZE,
        filter: "open = true".to_owned(),
        ..pb::ListCasesRequest::default()
    };
    let found = app.escalation(session).list_cases(request).await?;
    let mut cases = found.into_inner().cases;
    let now = app.now();
    cases.sort_by_key(|case| crate::deadline::place(case, now));
    Ok(cases)
}

/// Whether a case is on the hands of whoever holds it.
const fn is_on_hands(state: Case) -> bool {
    matches!(
        state,
        Case::WithDutyDesk | Case::AwaitingDecision | Case::NfdRequired
    )
}

/// What the desk calls an operator.
fn on_duty_besides<'a>(shifts: &'a [pb::DutyShift], principal: &str) -> Vec<&'a str> {
    let operators = shifts.iter().map(|shift| shift.operator.as_str());
    operators
        .filter(|operator| *operator != principal)
        .collect()
}
