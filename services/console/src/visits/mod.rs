//! Visits: the list, and one visit with its call and what was agreed on it.

mod call_log;
mod call_sheet;
mod one;
pub(crate) mod words;

use axum::extract::{Query, State};
use axum::response::Response;
use tonic::Code;
use visits_components::{Content, Html, InsetText};
use visits_core::civil::Date;
use visits_proto::scheduling::v1 as pb;

use crate::day;
use crate::form::SignedIn;
use crate::prose;
use crate::session::Session;
use crate::sheet::{
    self as page, OF_A_LIST, Search, Sheet, Tried, explained, link, next, stack, table,
};
use crate::shell::Place;
use crate::state::{App, Shared};
use crate::words::{REGIONS, code, region};

pub(crate) use call_log::act as log_call;
pub(crate) use call_sheet::show as sheet_of_call;
pub(crate) use one::{act, deferral, show};

const PATH: &str = "/visits";
const NAMES: [&str; 5] = ["state", "region", "school", "from", "until"];
const PAGE_SIZE: i32 = 50;

/// What an address asks for after its question mark.
pub(crate) type Asked = Query<Vec<(String, String)>>;

/// The list.
pub(crate) async fn list(
    State(app): State<Shared>,
    SignedIn(session): SignedIn,
    Query(asked): Asked,
) -> Response {
    let search = Search::of(&asked, &NAMES);
    let request = pb::ListVisitsRequest {
        page_size: PAGE_SIZE,
        page_token: search.page(),
        filter: search.filter(&[
            ("state", "state =", ""),
            ("region", "region =", ""),
            ("school", "school =", "schools/"),
            ("from", "visit_date >=", ""),
            ("until", "visit_date <=", ""),
        ]),
        order_by: "visit_date desc, name desc".to_owned(),
    };
    let sheet = Sheet::new(&session, Place::Visits, "Visits");
    let is_no_day = |name: &&str| {
        let day = search.get(name);
        !day.is_empty() && day.parse::<Date>().is_err()
    };
    if let Some(name) = ["from", "until"].into_iter().find(is_no_day) {
        let tried = Tried::on_a_list(page::found(name, "Enter a day such as 2020-10-23"));
        return sheet
            .refused(Some(&tried))
            .and(&form(&search, Some(&tried)))
            .answer();
    }
    let found = match app.scheduling(&session).list_visits(request).await {
        Ok(found) => found.into_inner(),
        Err(status) if status.code() == Code::InvalidArgument => {
            let tried = Tried::on_a_list(explained(&status, &OF_A_LIST));
            return sheet
                .refused(Some(&tried))
                .and(&form(&search, None))
                .answer();
        }
        Err(status) => return page::refused(&session, &status, PATH),
    };
    let sheet = sheet.and(&form(&search, None));
    if found.visits.is_empty() {
        let none = "No visit that you may see fits this.";
        return sheet.and(&page::paragraph(none)).answer();
    }
    let mut rows = Vec::new();
    for visit in &found.visits {
        rows.push(row(&app, &session, visit).await);
    }
    let head = ["School", "Visit", "State", "Team"];
    let next = next(PATH, &search.pairs(), &found.next_page_token);
    sheet
        .and(&table("Visits, the latest first", head, rows))
        .and_if(next)
        .answer()
}

fn form(search: &Search, tried: Option<&Tried>) -> Html {
    let all = |first, choices: &[(&'static str, &'static str)]| {
        let mut all = vec![("", first)];
        all.extend_from_slice(choices);
        all
    };
    let fields = search.fields().refused(tried);
    let fields = vec![
        fields.select("state", "State", &all("Any state", &words::STATES)),
        fields.select("region", "Ofsted region", &all("Any region", &REGIONS)),
        fields.short("school", "School’s number (URN)", ""),
        fields.day("from", "From this day on"),
        fields.day("until", "Until this day"),
    ];
    search.form("Choose which visits are shown", PATH, fields)
}

async fn row(app: &App, session: &Session, visit: &pb::Visit) -> [Content; 4] {
    let school = app.school(session, &visit.school).await;
    let school = link(&format!("{PATH}/{}", code(&visit.name)), school);
    let school = stack::<Content>([school.into(), prose::quiet(region(&visit.region)).into()]);
    let mut state = Html::of(&words::tag(visit.state()));
    for flag in &visit.review_flags {
        state = stack::<Content>([state.into(), words::flag(flag).into()]);
    }
    let when = [
        day::spoken(&visit.visit_date),
        words::mode(visit.mode()).to_owned(),
    ];
    [
        school.into(),
        stack(when).into(),
        state.into(),
        words::team(visit).into(),
    ]
}

/// Text set apart.
pub(crate) fn inset(words: impl Into<Content>) -> InsetText {
    InsetText {
        text: words.into(),
        ..InsetText::default()
    }
}
