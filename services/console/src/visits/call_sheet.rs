//! The call sheet: what the inspector has in front of them on the call, and nothing else (M14, M15,
//! M18). The call is not an educationally focused conversation (M16).

use axum::extract::{Path, Query, State};
use axum::response::Response;
use visits_components::Html;
use visits_proto::instant;
use visits_proto::scheduling::v1 as pb;
use visits_proto::scheduling::v1::call::State as CallState;

use super::call_log::{self, OfCall};
use super::{Asked, one as visit, words};
use crate::day;
use crate::form::SignedIn;
use crate::session::Session;
use crate::sheet::{self as page, Desk, Sheet, Tried, facts, heading};
use crate::shell::Place;
use crate::state::{App, Shared};
use crate::words::{code, hour};

/// The page.
pub(crate) async fn show(
    State(app): State<Shared>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
    Query(asked): Asked,
) -> Response {
    let done = page::done::<OfCall>(&asked);
    one(&app, &session, &id, done, None).await
}

pub(super) async fn one(
    app: &App,
    session: &Session,
    id: &str,
    done: Option<&'static str>,
    tried: Option<Tried>,
) -> Response {
    let path = format!("/visits/{id}");
    let visit = match visit::read(app, session, id).await {
        Ok(Some(visit)) => visit,
        Ok(None) => return page::nowhere().await,
        Err(status) => return page::refused(session, &status, &path),
    };
    let request = pb::GetCallSheetRequest {
        name: format!("visits/{id}/callSheet"),
    };
    let sheet = match app.scheduling(session).get_call_sheet(request).await {
        Ok(sheet) => sheet.into_inner(),
        Err(status) => return page::refused(session, &status, &path),
    };
    let school = app.school(session, &sheet.school).await;
    let desk = Desk {
        app,
        session,
        tried: tried.as_ref(),
    };
    // Who is to call finds the buttons first; on the call the script itself is the form.
    let (mut first, mut last) = (Vec::new(), Vec::new());
    let offers = OfCall::of(&visit, &sheet, session, app.now());
    for offer in &offers {
        let form = call_log::form(&desk, &visit, &sheet, *offer).await;
        match offer {
            OfCall::Begin | OfCall::NoAnswer => first.push(form),
            OfCall::Steps | OfCall::End | OfCall::Deferral => last.push(form),
        }
    }
    let is_form = offers.contains(&OfCall::Steps);
    let listed = sheet.steps.iter();
    let listed = listed.filter(|step| !is_form || step.recorded_time.is_some());
    let call = visit.call.as_ref();
    let is_over = call.is_some_and(|call| call.state() == CallState::Done);
    let call = call.map(|call| {
        let so_far = words::call_lines(call).into_iter().map(page::quiet);
        let tag = page::state(&words::call_tag(call, app.now()));
        std::iter::once(tag).chain(so_far)
    });
    Sheet::new(session, Place::Calls, school)
        .caption("Call sheet")
        .back(path, "Back to the visit")
        .done(done)
        .refused(tried.as_ref())
        .and_all(call.into_iter().flatten())
        .and_if(page::leftover(tried.as_ref(), &offers))
        .and(&super::inset(sheet.notice.as_str()))
        .and_all(first)
        .and_if(pack(&sheet))
        .and(&heading("Script"))
        .and_all(listed.filter_map(|found| step(found, is_over)))
        .and_all(last)
        .and(&page::quiet(format!(
            "Script of {}",
            day::spoken(&sheet.script_version)
        )))
        .answer()
}

/// Exactly this of the school, and no more (M18).
fn pack(sheet: &pb::CallSheet) -> Option<Html> {
    let pack = sheet.context_pack.as_ref()?;
    let known = |number: Option<i32>| number.map_or("Not known".to_owned(), |n| n.to_string());
    let report = pack.previous_report_uri.as_str();
    let facts = facts([
        ("School’s number (URN)", code(&sheet.school).into()),
        (
            "Previous inspection’s grade",
            plain(pack.previous_grade().as_str_name()).into(),
        ),
        ("Previous inspection’s report", report.into()),
        ("IDACI quintile", known(pack.idaci_quintile).into()),
        ("School type", pack.school_type.as_str().into()),
        ("Phase", plain(pack.phase().as_str_name()).into()),
        ("Pupils on roll", known(pack.pupils_on_roll).into()),
    ]);
    Some(heading("Context pack").and(&facts))
}

/// `Requires improvement` of `PREVIOUS_GRADE_REQUIRES_IMPROVEMENT`.
fn plain(name: &str) -> String {
    let name = name
        .trim_start_matches("PREVIOUS_GRADE_")
        .trim_start_matches("PHASE_");
    let words = name.replace('_', " ").to_lowercase();
    let mut letters = words.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

fn step(found: &pb::CallStep, is_over: bool) -> Option<Html> {
    let step = found.step.as_ref()?;
    let recorded = instant(found.recorded_time.as_ref());
    let said = match (recorded, step.required) {
        (Some(at), _) => format!("Gone through at {}", hour(at)),
        (None, _) if is_over => "Not gone through".to_owned(),
        (None, true) => "Not gone through yet; required".to_owned(),
        (None, false) => "Not gone through yet".to_owned(),
    };
    let step = page::subheading(step.title.as_str())
        .and(&page::paragraph(step.wording.as_str()))
        .and(&page::quiet(said));
    Some(step)
}
