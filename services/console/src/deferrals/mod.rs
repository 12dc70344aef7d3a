//! Deferrals that schools have asked for: the region decides by 16:00 of the day (decision 0012).

use axum::extract::{Path, Query, State};
use axum::response::Response;
use tonic::Status;
use visits_components::{Content, Html};
use visits_core::{Role, london};
use visits_proto::escalation::v1::ListRegionalDirectorsRequest;
use visits_proto::scheduling::v1 as pb;
use visits_proto::scheduling::v1::deferral::Decision;
use visits_proto::scheduling::v1::visit::State as VisitState;

use crate::day;
use crate::form::{Filled, Posted, SignedIn};
use crate::problem::Problem;
use crate::prose;
use crate::session::Session;
use crate::sheet::{
    self as page, Called, Desk, Sheet, Tried, explained, found, link, settle, stack, table, term,
};
use crate::shell::Place;
use crate::state::{App, Shared};
use crate::visits::{deferral, words};
use crate::words::{code, region};

const PATH: &str = "/deferrals";
const PAGE_SIZE: i32 = 500;
const REASONS_MOST: u32 = 1_000;
const CALLED: [Called; 3] = [
    Called {
        field: "decision",
        id: "decision",
        missing: "Select whether the visit is deferred",
        name: "",
    },
    Called {
        field: "new_visit_date",
        id: "new-day",
        missing: "Enter the new date of the visit",
        name: "The new date",
    },
    Called {
        field: "rationale",
        id: "rationale",
        missing: "Enter your reasons",
        name: "Your reasons: this text",
    },
];

/// The deferrals that wait for a decision.
pub(crate) async fn list(State(app): State<Shared>, SignedIn(session): SignedIn) -> Response {
    let regions = mine(&app, &session).await;
    let visits = match waiting(&app, &session).await {
        Ok(visits) => visits,
        Err(status) => return page::refused(&session, &status, PATH),
    };
    let is_mine = |visit: &&pb::Visit| regions.contains(&visit.region);
    let sheet = Sheet::new(&session, Place::Deferrals, "Deferrals to decide");
    let mut rows = Vec::new();
    for visit in visits.iter().filter(is_mine) {
        rows.push(row(&app, &session, visit).await);
    }
    if rows.is_empty() {
        let none = if regions.is_empty() {
            "You are not on the register of Regional Directors and deputies today."
        } else {
            "No school of your region waits for a decision."
        };
        return sheet.and(&page::paragraph(none)).answer();
    }
    let head = ["School", "Visit", "Why it asks", "Decide by"];
    sheet
        .and(&table("Deferrals, the first to decide first", head, rows))
        .answer()
}

/// The regions that the reader directs today, by escalation's register: a role alone is not enough.
async fn mine(app: &App, session: &Session) -> Vec<String> {
    let request = ListRegionalDirectorsRequest {
        page_size: PAGE_SIZE,
        on_date: london::date(app.now()).to_string(),
        ..ListRegionalDirectorsRequest::default()
    };
    let Ok(found) = app
        .escalation(session)
        .list_regional_directors(request)
        .await
    else {
        return Vec::new();
    };
    let entries = found.into_inner().regional_directors.into_iter();
    let mine = entries.filter(|entry| entry.principal == session.actor.principal);
    mine.map(|entry| code(&entry.region).to_owned()).collect()
}

async fn waiting(app: &App, session: &Session) -> Result<Vec<pb::Visit>, Status> {
    let request = pb::ListVisitsRequest {
        page_size: PAGE_SIZE,
        filter: term("state =", "DEFERRAL_REQUESTED"),
        ..pb::ListVisitsRequest::default()
    };
    let found = app.scheduling(session).list_visits(request).await?;
    let mut visits = found.into_inner().visits;
    visits.sort_by_key(|visit| {
        let deferral = visit.deferral.as_ref();
        let by = deferral.and_then(|asked| visits_proto::instant(asked.decide_by_time.as_ref()));
        (by, visit.name.clone())
    });
    Ok(visits)
}

async fn row(app: &App, session: &Session, visit: &pb::Visit) -> [Content; 4] {
    let school = app.school(session, &visit.school).await;
    let school = link(&format!("{PATH}/{}", code(&visit.name)), school);
    let school = stack::<Content>([school.into(), prose::quiet(region(&visit.region)).into()]);
    let asked = visit.deferral.clone().unwrap_or_default();
    [
        school.into(),
        day::spoken(&visit.visit_date).into(),
        words::deferral_reason(asked.reason()).into(),
        words::when(asked.decide_by_time.as_ref()).into(),
    ]
}

/// One of them, with the form.
pub(crate) async fn show(
    State(app): State<Shared>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Vec<(String, String)>>,
) -> Response {
    let is_done = asked.iter().any(|(name, _)| name == "done");
    one(&app, &session, &id, is_done, None).await
}

/// The decision.
pub(crate) async fn act(
    State(app): State<Shared>,
    Path((id, action)): Path<(String, String)>,
    posted: Posted,
) -> Response {
    let Posted { session, filled } = posted;
    if action != "decision" || !page::is_uuid(&id) {
        return page::nowhere().await;
    }
    let path = format!("{PATH}/{id}");
    let outcome = match request(&id, &filled) {
        Ok(request) => {
            let sent = app.scheduling(&session).decide_deferral(request).await;
            sent.map(drop).map_err(|status| explained(&status, &CALLED))
        }
        Err(problem) => Err(problem),
    };
    let sent = (format!("{path}/decision"), filled);
    match settle(&app, &session, &path, "decision", sent, outcome).await {
        Ok(answer) => answer,
        Err(tried) => one(&app, &session, &id, false, Some(tried)).await,
    }
}

fn request(id: &str, filled: &Filled) -> Result<pb::DecideDeferralRequest, Problem> {
    let decision = match filled.get("decision") {
        "granted" => Decision::Granted,
        "refused" => Decision::Refused,
        _ => Decision::Unspecified,
    };
    let date = day::read(filled, "new");
    if decision == Decision::Granted && date.is_none() {
        return Err(found(
            "new-day",
            "Enter the new date of the visit, such as 9 11 2020",
        ));
    }
    let date = date.filter(|_| decision == Decision::Granted);
    Ok(pb::DecideDeferralRequest {
        name: format!("visits/{id}"),
        etag: filled.get("etag").to_owned(),
        decision: decision.into(),
        rationale: filled.get("rationale").to_owned(),
        new_visit_date: date.map(|date| date.to_string()).unwrap_or_default(),
        request_id: filled.get("request_id").to_owned(),
    })
}

async fn one(
    app: &App,
    session: &Session,
    id: &str,
    is_done: bool,
    tried: Option<Tried>,
) -> Response {
    let path = format!("{PATH}/{id}");
    if !page::is_uuid(id) {
        return page::nowhere().await;
    }
    let name = format!("visits/{id}");
    let read = pb::GetVisitRequest { name };
    let visit = match app.scheduling(session).get_visit(read).await {
        Ok(visit) => visit.into_inner(),
        Err(status) => return page::refused(session, &status, &path),
    };
    let school = app.school(session, &visit.school).await;
    let desk = Desk {
        app,
        session,
        tried: tried.as_ref(),
    };
    let form = form(&desk, &visit, &path).await;
    let leftover = tried.as_ref().filter(|_| form.is_none());
    Sheet::new(session, Place::Deferrals, school)
        .caption(format!("Visit on {}", day::spoken(&visit.visit_date)))
        .back(PATH, "Back to the deferrals")
        .done(is_done.then_some("The deferral is decided."))
        .refused(tried.as_ref())
        .and(&page::state(&words::tag(visit.state())))
        .and_if(leftover.and_then(Tried::leftover))
        .and_all(deferral(&visit))
        .and_if(form)
        .and(&page::paragraph(link(
            &format!("/visits/{id}"),
            "The whole visit",
        )))
        .answer()
}

async fn form(desk: &Desk<'_>, visit: &pb::Visit, path: &str) -> Option<Html> {
    let may = desk.session.has(Role::RegionalDirector);
    if !(may && visit.state() == VisitState::DeferralRequested) {
        return None;
    }
    let form = desk
        .begin(format!("{path}/decision"), Filled::default())
        .await;
    let fields = form.fields();
    let choices = [
        ("granted", "Yes: the visit is planned again for a new date"),
        ("refused", "No: the visit goes on"),
    ];
    let fields = vec![
        fields.radios("decision", "Is the visit deferred?", &choices),
        fields.date(
            "new",
            "New date of the visit",
            "If it is deferred. For example, 9 11 2020",
        ),
        fields.text("rationale", "Your reasons", "", REASONS_MOST),
    ];
    Some(form.with("Decide", fields, &visit.etag, "Record the decision"))
}
