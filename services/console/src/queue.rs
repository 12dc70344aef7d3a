//! The queue: the cases that somebody has to do something about, the most pressing first.

use askama::Template;
use axum::extract::{Query, State as AppState};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tonic::Status;
use visits_components::{NotificationBanner, Tag};
use visits_core::Timestamp;
use visits_proto::escalation::v1::{Case, ListCasesRequest};
use visits_proto::instant;

use crate::deadline::{Deadline, next_step, place};
use crate::duty;
use crate::first_concern::{self, FirstConcern};
use crate::form::SignedIn;
use crate::page::{self, Page};
use crate::problem::Problem;
use crate::session::Session;
use crate::shell::{Place, Shell};
use crate::sign_in;
use crate::state::{App, Shared};
use crate::words::{self, ago, code};

const PAGE_SIZE: i32 = 500;

/// Which cases are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Show {
    #[default]
    Open,
    Closed,
}

impl Show {
    /// The filter of the list.
    const fn filter(self) -> &'static str {
        match self {
            Self::Open => "open = true",
            Self::Closed => "open = false",
        }
    }

    const fn place(self) -> Place {
        match self {
            Self::Open => Place::Queue,
            Self::Closed => Place::Closed,
        }
    }
}

/// What the address of the page says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    show: Show,
    done: String,
    /// Whether a browser without script is to open the page anew every minute.
    updates: Updates,
}

/// A page that is opened anew by itself takes the reader to its top and what is typed away, so it is
/// for those who ask for it (WCAG 2.2.1, F41), and has no form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Updates {
    #[default]
    WhenAsked,
    EveryMinute,
}

#[derive(Template)]
#[template(path = "queue.html")]
struct QueuePage {
    shell: Shell,
    show: Show,
    updates: Updates,
    done: Option<NotificationBanner>,
    rows: Vec<Row>,
    first_concern: Option<FirstConcern>,
    drawn: String,
}

struct Row {
    id: String,
    school: String,
    region: String,
    tag: Tag,
    deadline: Option<Deadline>,
    raised: String,
    since: String,
    next: String,
    /// Who of the desk has it.
    holder: String,
    note: Option<duty::NoteForm>,
}

/// The page.
pub(crate) async fn show(
    AppState(app): AppState<Shared>,
    SignedIn(session): SignedIn,
    Query(asked): Query<Asked>,
) -> Response {
    let mut cases = match read(&app, &session, asked.show).await {
        Ok(cases) => cases,
        Err(status) => return refused(&session, &status),
    };
    let now = app.now();
    match asked.show {
        Show::Open => cases.sort_by_key(|case| place(case, now)),
        Show::Closed => cases.sort_by_key(|case| std::cmp::Reverse(changed(case))),
    }
    let first_concern = if cases.is_empty() && asked.show == Show::Open {
        first_concern::offer(&app, &session).await
    } else {
        None
    };
    let page = QueuePage {
        shell: Shell::of(&session, asked.show.place()),
        show: asked.show,
        updates: asked.updates,
        done: duty::done(&asked.done).map(NotificationBanner::success),
        rows: cases
            .iter()
            .map(|case| Row {
                note: (asked.updates == Updates::WhenAsked)
                    .then(|| duty::NoteForm::offer(&app, &session, case))
                    .flatten(),
                ..row(case, now)
            })
            .collect(),
        first_concern,
        drawn: words::moment(now),
    };
    Page::of(StatusCode::OK, &page).into_response()
}

/// What a reader is shown when a service refuses.
pub(crate) fn refused(session: &Session, status: &Status) -> Response {
    if status.code() == tonic::Code::Unauthenticated {
        return sign_in::first("/queue", sign_in::Note::Lapsed);
    }
    page::failed(session, &Problem::of(status)).into_response()
}

async fn read(app: &App, session: &Session, show: Show) -> Result<Vec<Case>, Status> {
    let mut client = app.escalation(session);
    let mut cases = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListCasesRequest {
            page_size: PAGE_SIZE,
            page_token,
            filter: show.filter().to_owned(),
            ..ListCasesRequest::default()
        };
        let page = client.list_cases(request).await?.into_inner();
        cases.extend(page.cases);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(cases);
        }
    }
}

fn changed(case: &Case) -> Option<Timestamp> {
    instant(case.update_time.as_ref())
}

fn row(case: &Case, now: Timestamp) -> Row {
    let state = case.state();
    let raised = instant(case.create_time.as_ref()).unwrap_or(now);
    Row {
        id: code(&case.name).to_owned(),
        school: case.school_display_name.clone(),
        region: words::region(&case.region).to_owned(),
        tag: Tag::new(words::state(state), words::colour(state)),
        deadline: Deadline::of(case, now),
        raised: words::moment(raised),
        since: ago(now.duration_since(raised)),
        next: next_step(case),
        holder: case.holder.clone(),
        note: None,
    }
}
