//! The log of shifts, and of one shift: what happened to the cases while it lasted. Both print.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use visits_components::{Content, Html};
use visits_core::Timestamp;
use visits_proto::escalation::v1 as pb;
use visits_proto::instant;

use crate::case::entries;
use crate::form::SignedIn;
use crate::session::Session;
use crate::sheet::{self as page, Sheet, next, stack, table};
use crate::shell::Place;
use crate::state::{App, Shared};
use crate::words::{code, moment};

const PATH: &str = "/duty/log";
const PAGE_SIZE: i32 = 50;
/// As many cases are looked through for one shift.
const CASES_MOST: usize = 2_000;

/// What the address of the list says.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    page: String,
}

/// The shifts, the latest first.
pub(super) async fn list(
    State(app): State<Shared>,
    SignedIn(session): SignedIn,
    Query(asked): Query<Asked>,
) -> Response {
    let request = pb::ListDutyShiftsRequest {
        page_size: PAGE_SIZE,
        page_token: asked.page,
        ..pb::ListDutyShiftsRequest::default()
    };
    let found = match app.escalation(&session).list_duty_shifts(request).await {
        Ok(found) => found.into_inner(),
        Err(status) => return page::refused(&session, &status, PATH),
    };
    let sheet = Sheet::new(&session, Place::Duty, "Shift log").back(super::PATH, "Back to on duty");
    if found.duty_shifts.is_empty() {
        return sheet
            .and(&page::paragraph("Nobody has been on duty yet."))
            .answer();
    }
    let rows = found.duty_shifts.iter().map(row);
    let head = ["Operator", "From", "Until", "Handed over", "Note"];
    sheet
        .and(&table("Shifts, the latest first", head, rows))
        .and_if(next(PATH, &[], &found.next_page_token))
        .answer()
}

fn row(shift: &pb::DutyShift) -> [Content; 5] {
    let address = format!("{PATH}/{}", code(&shift.name));
    [
        page::link(&address, shift.operator.as_str()).into(),
        when(shift.start_time.as_ref()).into(),
        until(shift).into(),
        handed_over(shift).into(),
        shift.handover_note.as_str().into(),
    ]
}

fn when(at: Option<&pbjson_types::Timestamp>) -> String {
    instant(at).map_or_else(String::new, moment)
}

fn until(shift: &pb::DutyShift) -> String {
    match shift.end_time {
        Some(_) => when(shift.end_time.as_ref()),
        None => "On duty now".to_owned(),
    }
}

fn handed_over(shift: &pb::DutyShift) -> Html {
    stack(shift.handed_over.iter().map(|handed| {
        let to = match handed.taker.as_str() {
            "" => "released to the whole desk".to_owned(),
            taker => format!("to {taker}"),
        };
        let case: Content = page::link(&format!("/{}", handed.case), "Case").into();
        Html::trusted(format!("{case} {}", Content::from(to)))
    }))
}

/// One shift.
pub(super) async fn show(
    State(app): State<Shared>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
) -> Response {
    let name = format!("dutyShifts/{id}");
    let shift = match find(&app, &session, &name).await {
        Ok(Some(shift)) => shift,
        Ok(None) => return page::nowhere().await,
        Err(status) => return page::refused(&session, &status, PATH),
    };
    let happened = happened(&app, &session, &shift).await;
    let happened = match happened {
        Ok(happened) => happened,
        Err(status) => return page::refused(&session, &status, PATH),
    };
    let tested = if shift.sound_tested { "Yes" } else { "No" };
    let sheet = Sheet::new(
        &session,
        Place::Duty,
        format!("Shift of {}", shift.operator),
    )
    .back(PATH, "Back to the shift log")
    .and(&page::facts([
        ("From", when(shift.start_time.as_ref()).into()),
        ("Until", until(&shift).into()),
        ("Sound tested", tested.into()),
        ("Handed over", handed_over(&shift).into()),
        ("Note", shift.handover_note.as_str().into()),
    ]))
    .and(&page::heading("What happened"));
    if happened.is_empty() {
        return sheet
            .and(&page::paragraph("Nothing happened to a case."))
            .answer();
    }
    let head = ["When", "School", "What", "By"];
    sheet
        .and(&table("What happened, in order", head, happened))
        .answer()
}

/// A shift by its name: the list has no other way in.
async fn find(
    app: &App,
    session: &Session,
    name: &str,
) -> Result<Option<pb::DutyShift>, tonic::Status> {
    let mut client = app.escalation(session);
    let mut page_token = String::new();
    loop {
        let request = pb::ListDutyShiftsRequest {
            page_size: super::PAGE_SIZE,
            page_token,
            ..pb::ListDutyShiftsRequest::default()
        };
        let found = client.list_duty_shifts(request).await?.into_inner();
        let shift = found
            .duty_shifts
            .into_iter()
            .find(|shift| shift.name == name);
        if shift.is_some() || found.next_page_token.is_empty() {
            return Ok(shift);
        }
        page_token = found.next_page_token;
    }
}

/// What happened to cases while the shift lasted, in order.
async fn happened(
    app: &App,
    session: &Session,
    shift: &pb::DutyShift,
) -> Result<Vec<[Content; 4]>, tonic::Status> {
    let from = instant(shift.start_time.as_ref()).unwrap_or(Timestamp::MIN);
    let until = instant(shift.end_time.as_ref()).unwrap_or(Timestamp::MAX);
    let mut found = Vec::new();
    for case in cases(app, session).await? {
        for entry in entries(&case) {
            if (from..=until).contains(&entry.recorded_at) {
                found.push((entry, case.name.clone(), case.school_display_name.clone()));
            }
        }
    }
    found.sort_by_key(|(entry, ..)| entry.recorded_at);
    let rows = found.into_iter().map(|(entry, case, school)| {
        [
            moment(entry.recorded_at).into(),
            page::link(&format!("/{case}"), school).into(),
            entry.title.into(),
            entry.by.into(),
        ]
    });
    Ok(rows.collect())
}

async fn cases(app: &App, session: &Session) -> Result<Vec<pb::Case>, tonic::Status> {
    let mut client = app.escalation(session);
    let mut cases = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListCasesRequest {
            page_size: super::PAGE_SIZE,
            page_token,
            ..pb::ListCasesRequest::default()
        };
        let found = client.list_cases(request).await?.into_inner();
        cases.extend(found.cases);
        page_token = found.next_page_token;
        if page_token.is_empty() || cases.len() >= CASES_MOST {
            return Ok(cases);
        }
    }
}
