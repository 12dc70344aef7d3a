//! Going off duty: each case on the operator's hands is handed over or released, in one form
//! (R-CON-13).

use axum::extract::State;
use axum::response::Response;
use visits_components::{Button, Html};
use visits_proto::escalation::v1 as pb;

use super::{PATH, draw, is_on_hands, on_duty_besides, open_cases};
use crate::form::{Filled, Posted};
use crate::problem::{Line, Problem};
use crate::session::Session;
use crate::sheet::{self as page, Desk, Tried, settle};
use crate::state::{App, Shared};
use crate::words::code;

const ACTION: &str = "/duty/off";
const NOTE_MOST: u32 = 1_000;
/// What the choice says when a case goes back to the whole desk; no principal is called so.
const RELEASED: &str = "-";

/// The form.
pub(super) async fn parts(
    app: &App,
    session: &Session,
    shift: &pb::DutyShift,
    on_duty: &[pb::DutyShift],
    tried: Option<&Tried>,
) -> Vec<Html> {
    let desk = Desk {
        app,
        session,
        tried,
    };
    let begun = desk.begin(ACTION.to_owned(), Filled::default()).await;
    let held = held(app, session).await;
    let takers = on_duty_besides(on_duty, &session.actor.principal);
    let mut choices = vec![("", "Choose"), (RELEASED, "Release to the whole desk")];
    choices.extend(takers.iter().map(|taker| (*taker, *taker)));
    let fields = begun.fields();
    let mut shown: Vec<Html> = held
        .iter()
        .map(|case| {
            let label = format!("Who takes {}?", case.school_display_name);
            fields.select(&field(case), &label, &choices)
        })
        .collect();
    let hint = "How the open cases stand. Needed while a case waits for the desk.";
    shown.push(fields.text("handover_note", "Note for who comes next", hint, NOTE_MOST));
    let hidden = vec![("shift", shift.name.clone())];
    let button = Button::secondary("Hand over and go off duty");
    let heading = "Hand over and go off duty";
    let held = match held.len() {
        0 => page::paragraph("You hold no open case."),
        _ => page::paragraph("You hold these cases. Say what becomes of each."),
    };
    vec![held, begun.carrying(heading, shown, hidden, button)]
}

/// Takes the form.
pub(super) async fn go_off(State(app): State<Shared>, posted: Posted) -> Response {
    let Posted { session, filled } = posted;
    let outcome = leave(&app, &session, &filled).await;
    let sent = (ACTION.to_owned(), filled);
    match settle(&app, &session, PATH, "off", sent, outcome).await {
        Ok(response) => response,
        Err(tried) => draw(&app, &session, None, Some(&tried)).await,
    }
}

async fn leave(app: &App, session: &Session, filled: &Filled) -> Result<(), Problem> {
    let held = held(app, session).await;
    let chosen = |case: &pb::Case| filled.get(&field(case)).to_owned();
    let open: Vec<Line> = held
        .iter()
        .filter(|case| chosen(case).is_empty())
        .map(|case| Line {
            field: field(case),
            words: format!("Select who takes {}", case.school_display_name),
        })
        .collect();
    if !open.is_empty() {
        return Err(Problem::found(open));
    }
    let handovers = held.iter().map(|case| {
        let taker = chosen(case);
        pb::Handover {
            case: case.name.clone(),
            taker: if taker == RELEASED {
                String::new()
            } else {
                taker
            },
        }
    });
    let request = pb::GoOffDutyRequest {
        name: filled.get("shift").to_owned(),
        request_id: filled.get("request_id").to_owned(),
        handover_note: filled.get("handover_note").to_owned(),
        handovers: handovers.collect(),
    };
    let ended = app.escalation(session).go_off_duty(request).await;
    ended.map(drop).map_err(|status| Problem::of(&status))
}

/// The cases on the operator's hands. If they can't be read, escalation names what is left.
async fn held(app: &App, session: &Session) -> Vec<pb::Case> {
    let mut cases = open_cases(app, session).await.unwrap_or_default();
    let own = &session.actor.principal;
    cases.retain(|case| case.holder == *own && is_on_hands(case.state()));
    cases
}

fn field(case: &pb::Case) -> String {
    format!("case-{}", code(&case.name))
}
