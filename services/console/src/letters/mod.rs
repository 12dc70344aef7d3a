//! Letters: the list, and one letter with its round with the school (M36) and its editions (M37).

mod forms;
mod offer;
mod one;
mod request;
mod text;
mod view;
mod words;

use axum::extract::{Query, State};
use axum::response::Response;
use tonic::Code;
use visits_components::{Content, Html};
use visits_proto::letters::v1 as pb;

use crate::client::Letters;
use crate::day;
use crate::form::SignedIn;
use crate::prose;
use crate::session::Session;
use crate::sheet::{
    self as page, Called, Search, Sheet, Tried, explained, link, next, stack, table,
};
use crate::shell::Place;
use crate::state::{App, Shared};
use crate::visits::Asked;
use crate::words::code;

pub(crate) use one::{act, show};

const PATH: &str = "/letters";
const NAMES: [&str; 4] = ["state", "kind", "school", "visit"];
const PAGE_SIZE: i32 = 50;
const CALLED: [Called; 1] = [Called {
    field: "filter",
    id: "main",
    missing: "Choose what is to be shown",
    name: "What was asked for can’t be found:",
}];

impl App {
    /// Letters, with the rights of the session's user, for a call that somebody waits for.
    pub(crate) fn letters(&self, session: &Session) -> Letters {
        Letters::new(self.reach("letters", session))
    }
}

/// The list.
pub(crate) async fn list(
    State(app): State<Shared>,
    SignedIn(session): SignedIn,
    Query(asked): Asked,
) -> Response {
    let search = Search::of(&asked, &NAMES);
    let request = pb::ListLettersRequest {
        page_size: PAGE_SIZE,
        page_token: search.page(),
        filter: search.filter(&[
            ("state", "state =", ""),
            ("kind", "kind =", ""),
            ("school", "school =", "schools/"),
            ("visit", "visit =", "visits/"),
        ]),
        ..pb::ListLettersRequest::default()
    };
    let sheet = Sheet::new(&session, Place::Letters, "Letters");
    let found = match app.letters(&session).list_letters(request).await {
        Ok(found) => found.into_inner(),
        Err(status) if status.code() == Code::InvalidArgument => {
            let tried = Tried::on_a_list(explained(&status, &CALLED));
            return sheet.refused(Some(&tried)).and(&form(&search)).answer();
        }
        Err(status) => return page::refused(&session, &status, PATH),
    };
    let sheet = sheet.and(&form(&search));
    if found.letters.is_empty() {
        let none = "No letter that you may see fits this.";
        return sheet.and(&page::paragraph(none)).answer();
    }
    let mut rows = Vec::new();
    for letter in &found.letters {
        rows.push(row(&app, &session, letter).await);
    }
    let head = ["School", "State", "Next step", "Publish by"];
    let next = next(PATH, &search.pairs(), &found.next_page_token);
    sheet
        .and(&table("Letters, the newest first", head, rows))
        .and_if(next)
        .answer()
}

fn form(search: &Search) -> Html {
    let all = |first, choices: &[(&'static str, &'static str)]| {
        let mut all = vec![("", first)];
        all.extend_from_slice(choices);
        all
    };
    let fields = search.fields();
    let fields = vec![
        fields.select("state", "State", &all("Any state", &words::STATES)),
        fields.select("kind", "About", &all("Visits and NFDs", &words::KINDS)),
        fields.short("school", "School’s number (URN)", ""),
    ];
    search.form("Choose which letters are shown", PATH, fields)
}

async fn row(app: &App, session: &Session, letter: &pb::Letter) -> [Content; 4] {
    let school = app.school(session, &letter.school).await;
    let school = link(&format!("{PATH}/{}", code(&letter.name)), school);
    let about = format!(
        "{}, {}",
        words::kind(letter.kind()),
        day::spoken(&letter.visit_date)
    );
    let by = if letter.editions.is_empty() {
        crate::visits::words::when(letter.publication_target_time.as_ref())
    } else {
        "Published".to_owned()
    };
    [
        stack::<Content>([school.into(), prose::quiet(&about).into()]).into(),
        Html::of(&words::tag(letter.state())).into(),
        words::next(letter).into(),
        by.into(),
    ]
}
