//! One visit: its facts, its call, what was agreed, what changed. The lead begins its letter here.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use tonic::Status;
use visits_components::{Content, Html};
use visits_core::Role;
use visits_proto::letters::v1 as letters;
use visits_proto::letters::v1::draft_letter_request::Ground;
use visits_proto::scheduling::v1 as pb;
use visits_proto::scheduling::v1::visit::State as VisitState;

use super::words;
use crate::day;
use crate::form::{Filled, Posted, SignedIn, see};
use crate::problem::Problem;
use crate::session::Session;
use crate::sheet::{self as page, Desk, Sheet, Tried, facts, heading, link, list, settle, stack};
use crate::shell::Place;
use crate::state::{App, Shared};
use crate::words::{code, moment, region, time_of_day};

/// The page.
pub(crate) async fn show(
    State(app): State<Shared>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
    _: Query<Vec<(String, String)>>,
) -> Response {
    one(&app, &session, &id, None).await
}

/// A form of the page: the lead drafts the letter.
pub(crate) async fn act(
    State(app): State<Shared>,
    Path((id, action)): Path<(String, String)>,
    posted: Posted,
) -> Response {
    let Posted { session, filled } = posted;
    if action != "letter" || !page::is_uuid(&id) {
        return page::nowhere().await;
    }
    let request = letters::DraftLetterRequest {
        ground: Some(Ground::Visit(format!("visits/{id}"))),
        request_id: filled.get("request_id").to_owned(),
    };
    let path = format!("/visits/{id}");
    let outcome = match app.letters(&session).draft_letter(request).await {
        Ok(letter) => return see(&format!("/{}", letter.into_inner().name)),
        Err(status) => Err(Problem::of(&status)),
    };
    let sent = (format!("{path}/letter"), filled);
    match settle(&app, &session, &path, "", sent, outcome).await {
        Ok(answer) => answer,
        Err(tried) => one(&app, &session, &id, Some(tried)).await,
    }
}

async fn one(app: &App, session: &Session, id: &str, tried: Option<Tried>) -> Response {
    let path = format!("/visits/{id}");
    let visit = match read(app, session, id).await {
        Ok(Some(visit)) => visit,
        Ok(None) => return page::nowhere().await,
        Err(status) => return page::refused(session, &status, &path),
    };
    let school = app.school(session, &visit.school).await;
    let desk = Desk {
        app,
        session,
        tried: tried.as_ref(),
    };
    Sheet::new(session, Place::Visits, school)
        .back("/visits", "Back to the visits")
        .caption(format!("Visit on {}", day::spoken(&visit.visit_date)))
        .refused(tried.as_ref())
        .and(&page::state(&words::tag(visit.state())))
        .and_if(flags(&visit))
        .and(&about(&visit))
        .and_all(links(session, &visit))
        .and_if(letter_form(&desk, &visit).await)
        .and(&heading("The call on the school day before"))
        .and_if(call(app, &visit))
        .and_all(agreed(&visit))
        .and_all(deferral(&visit))
        .and_all(changes(&visit))
        .answer()
}

/// The visit; nothing if the id is none.
pub(super) async fn read(
    app: &App,
    session: &Session,
    id: &str,
) -> Result<Option<pb::Visit>, Status> {
    if !page::is_uuid(id) {
        return Ok(None);
    }
    let request = pb::GetVisitRequest {
        name: format!("visits/{id}"),
    };
    let visit = app.scheduling(session).get_visit(request).await?;
    Ok(Some(visit.into_inner()))
}

fn flags(visit: &pb::Visit) -> Option<Html> {
    let flags: Vec<_> = visit.review_flags.iter().map(words::flag).collect();
    (!flags.is_empty()).then(|| heading("Waits for review").and(&list(flags)))
}

fn about(visit: &pb::Visit) -> Html {
    let home_time = visit.home_time.as_ref();
    let home_time = home_time.map(|home| {
        let (from, until) = (time_of_day(&home.from), time_of_day(&home.until));
        format!("From {from} until {until}")
    });
    Html::of(&facts([
        ("School’s number (URN)", code(&visit.school).into()),
        ("Ofsted region", region(&visit.region).into()),
        ("Team", words::team(visit).into()),
        (
            "Why the team is one or three",
            visit.team_size_reason.as_str().into(),
        ),
        ("How", words::mode(visit.mode()).into()),
        (
            "Starts",
            words::when(visit.planned_start_time.as_ref()).into(),
        ),
        ("Pupils leave", home_time.unwrap_or_default().into()),
        (
            "Departure planned",
            time_of_day(&visit.planned_departure).into(),
        ),
        ("Begun", words::when(visit.started_time.as_ref()).into()),
        (
            "Completed",
            words::when(visit.completed_time.as_ref()).into(),
        ),
        (
            "Converted to an NFD",
            words::when(visit.converted_time.as_ref()).into(),
        ),
        ("Why it was cancelled", visit.cancel_note.as_str().into()),
        ("Form", visit.form_version.as_str().into()),
        ("Visit", code(&visit.name).into()),
    ]))
}

/// Where else the visit is spoken of, for those who may go there.
fn links(session: &Session, visit: &pb::Visit) -> Option<Html> {
    let id = code(&visit.name);
    let mut links: Vec<Content> = Vec::new();
    if session.has(Role::Hmi) || session.has(Role::Scheduler) {
        links.push(link(&format!("/visits/{id}/call"), "Call sheet").into());
    }
    if session.has(Role::Hmi) || session.has(Role::Publisher) {
        links.push(link(&format!("/letters?visit={id}"), "Letters about this visit").into());
    }
    if session.has(Role::RegionalDirector) && visit.state() == VisitState::DeferralRequested {
        links.push(link(&format!("/deferrals/{id}"), "Decide the deferral").into());
    }
    (!links.is_empty()).then(|| list(links))
}

async fn letter_form(desk: &Desk<'_>, visit: &pb::Visit) -> Option<Html> {
    let is_lead = desk.session.actor.principal == code(&visit.lead);
    let is_over = matches!(
        visit.state(),
        VisitState::InProgress | VisitState::Completed
    );
    if !(is_lead && is_over && desk.session.has(Role::Hmi)) {
        return None;
    }
    let action = format!("/{}/letter", visit.name);
    let form = desk.begin(action, Filled::default()).await;
    let once = "Once the departure is on record and the content is agreed with the school.";
    let fields = vec![page::paragraph(once)];
    Some(form.with("Write the letter", fields, "", "Draft the letter"))
}

fn call(app: &App, visit: &pb::Visit) -> Option<Html> {
    let call = visit.call.as_ref()?;
    let skipped = call.skipped_days.iter();
    let skipped = skipped.map(|day| format!("{}: {}", day::spoken(&day.date), day.reason));
    let facts = facts([
        (
            "Reached",
            Html::of(&words::call_tag(call, app.now())).into(),
        ),
        ("Appointment", words::when(call.due_time.as_ref()).into()),
        ("So far", stack(words::call_lines(call)).into()),
        ("Days passed over", stack(skipped).into()),
        ("Script of", day::spoken(&call.script_version).into()),
    ]);
    Some(Html::of(&facts))
}

/// The system of controls, which every inspector of the visit sees (M6), and the conversation that
/// executive leaders asked for (M12).
fn agreed(visit: &pb::Visit) -> Vec<Html> {
    let mut parts = vec![heading("The school’s system of controls")];
    match &visit.system_of_controls {
        Some(controls) => {
            if controls.needs_confirmation {
                let again = "The date or the mode has changed: they must be confirmed again.";
                parts.push(Html::of(&super::inset(again)));
            }
            let measures = controls.measures.iter();
            parts.push(list(measures.map(|measure| {
                format!("{}: {}", topic(measure.topic()), measure.arrangement)
            })));
        }
        None => parts.push(page::paragraph(
            "Not recorded yet: the visit can’t start before.",
        )),
    }
    if let Some(asked) = &visit.executive_conversation {
        parts.push(heading("Conversation with executive leaders"));
        let planned = if asked.planned_start.is_empty() {
            "Asked for, and not planned yet.".to_owned()
        } else {
            let (start, minutes) = (&asked.planned_start, asked.planned_minutes);
            format!("Planned at {start} for {minutes} minutes.")
        };
        parts.push(page::paragraph(planned));
    }
    parts
}

fn topic(topic: pb::control_measure::Topic) -> String {
    let name = topic.as_str_name().trim_start_matches("TOPIC_");
    let words = name.replace('_', " ").to_lowercase();
    let mut letters = words.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

/// What the school asked for and what the region decided.
pub(crate) fn deferral(visit: &pb::Visit) -> Vec<Html> {
    use pb::deferral::Decision;
    let Some(deferral) = &visit.deferral else {
        return Vec::new();
    };
    let decided = match deferral.decision() {
        Decision::Granted => "Granted",
        Decision::Refused => "Refused: the visit goes on",
        Decision::Unspecified => "Not decided yet",
    };
    let facts = facts([
        (
            "Why the school asks",
            words::deferral_reason(deferral.reason()).into(),
        ),
        ("In its words", deferral.note.as_str().into()),
        (
            "Asked on",
            words::when(deferral.requested_time.as_ref()).into(),
        ),
        (
            "Decision wanted by",
            words::when(deferral.decide_by_time.as_ref()).into(),
        ),
        ("Decision", decided.into()),
        ("Decided by", deferral.decided_by.as_str().into()),
        (
            "Decided on",
            words::when(deferral.decided_time.as_ref()).into(),
        ),
        ("Reasons", deferral.rationale.as_str().into()),
        ("New date", day::spoken(&deferral.new_visit_date).into()),
    ]);
    vec![heading("Deferral"), Html::of(&facts)]
}

fn changes(visit: &pb::Visit) -> Vec<Html> {
    use pb::visit_change::Kind;
    if visit.changes.is_empty() {
        return Vec::new();
    }
    let changes = visit.changes.iter().rev().map(|change| {
        let what = match change.kind() {
            Kind::Date => "Another date",
            Kind::Team => "Another team",
            Kind::Mode => "On site or remote",
            Kind::FlagSolved => "Review solved",
            Kind::Unspecified => "Changed",
        };
        let when = visits_proto::instant(change.change_time.as_ref());
        let when = when.map(moment).unwrap_or_default();
        format!(
            "{what}, by {} on {when}: {}",
            change.changed_by, change.reason
        )
    });
    vec![
        heading("What has changed since it was planned"),
        list(changes),
    ]
}
