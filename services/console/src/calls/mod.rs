//! The calls of a day: in order, who is called when, and who was reached.

use axum::extract::{Query, State};
use axum::response::Response;
use tonic::{Code, Status};
use visits_components::{Content, Html};
use visits_core::{Timestamp, london};
use visits_proto::instant;
use visits_proto::scheduling::v1 as pb;

use crate::day;
use crate::form::SignedIn;
use crate::prose;
use crate::session::Session;
use crate::sheet::{self as page, Called, Search, Sheet, Tried, explained, link, stack, table};
use crate::shell::Place;
use crate::state::{App, Shared};
use crate::visits::{Asked, words};
use crate::words::{code, hour, region};

const PATH: &str = "/calls";
const PAGE_SIZE: i32 = 500;
const CALLED: [Called; 1] = [Called {
    field: "date",
    id: "date",
    missing: "Enter the day",
    name: "The day",
}];

/// The page.
pub(crate) async fn show(
    State(app): State<Shared>,
    SignedIn(session): SignedIn,
    Query(asked): Asked,
) -> Response {
    let today = london::date(app.now()).to_string();
    let search = Search::of(&asked, &["date"]);
    let date = match search.get("date") {
        "" => today.as_str(),
        date => date,
    };
    let is_today = date == today;
    let title = if is_today {
        "Today’s calls".to_owned()
    } else {
        format!("Calls on {}", day::spoken(date))
    };
    let sheet = Sheet::new(&session, Place::Calls, title);
    let fields = vec![search.fields().day("date", "Day")];
    let form = search.form("Choose another day", PATH, fields);
    let mut visits = match read(&app, &session, date).await {
        Ok(visits) => visits,
        Err(status) if status.code() == Code::InvalidArgument => {
            let tried = Tried::on_a_list(explained(&status, &CALLED));
            return sheet.refused(Some(&tried)).and(&form).answer();
        }
        Err(status) => return page::refused(&session, &status, PATH),
    };
    if visits.is_empty() {
        let none = "No school that you may see is to be called on this day.";
        return sheet.and(&page::paragraph(none)).and(&form).answer();
    }
    visits.sort_by_key(|visit| (due(visit), visit.name.clone()));
    let mut rows = Vec::new();
    for visit in &visits {
        rows.push(row(&app, &session, visit).await);
    }
    let head = ["Call", "School", "Reached", "Who calls"];
    let caption = format!("Calls on {}, in order", day::spoken(date));
    sheet.and(&table(&caption, head, rows)).and(&form).answer()
}

async fn read(app: &App, session: &Session, date: &str) -> Result<Vec<pb::Visit>, Status> {
    let mut client = app.scheduling(session);
    let (mut visits, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListCallsDueRequest {
            date: date.to_owned(),
            page_size: PAGE_SIZE,
            page_token,
            include_ended: true,
            ..pb::ListCallsDueRequest::default()
        };
        let found = client.list_calls_due(request).await?.into_inner();
        visits.extend(found.visits);
        page_token = found.next_page_token;
        if page_token.is_empty() {
            return Ok(visits);
        }
    }
}

fn due(visit: &pb::Visit) -> Option<Timestamp> {
    instant(visit.call.as_ref()?.due_time.as_ref())
}

async fn row(app: &App, session: &Session, visit: &pb::Visit) -> [Content; 4] {
    let school = app.school(session, &visit.school).await;
    let school = link(&format!("/visits/{}", code(&visit.name)), school);
    let mut school: Vec<Content> = vec![
        school.into(),
        prose::quiet(region(&visit.region)).into(),
        prose::quiet(&format!("Visit on {}", day::spoken(&visit.visit_date))).into(),
    ];
    // Whoever makes the call logs it beside its script.
    if session.actor.principal == code(&visit.lead) {
        let sheet = format!("/visits/{}/call", code(&visit.name));
        school.push(link(&sheet, "Call sheet").into());
    }
    let school = stack(school);
    let call = visit.call.clone().unwrap_or_default();
    let mut reached: Vec<Content> = vec![Html::of(&words::call_tag(&call, app.now())).into()];
    reached.extend(words::call_lines(&call).into_iter().map(Content::from));
    [
        due(visit).map(hour).unwrap_or_default().into(),
        school.into(),
        stack(reached).into(),
        code(&visit.lead).into(),
    ]
}
