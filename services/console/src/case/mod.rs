//! A case: what is known, what happened, how long there is, and what its reader can do about it.

mod action;
mod facts;
mod fields;
mod record;
mod steps;
mod timeline;
mod view;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tonic::{Code, Status};
use visits_components::{NotificationBanner, Pagination};
use visits_proto::escalation::v1 as pb;

use crate::duty;
use crate::form::{Filled, Posted, SignedIn, see};
use crate::front;
use crate::page::{self, Page};
use crate::problem::Problem;
use crate::queue::refused;
use crate::session::Session;
use crate::shell::{Place, Shell};
use crate::sign_in;
use crate::state::{App, Shared};

pub(crate) use record::show as record;

use action::Action;
use view::{CaseView, Conflict, FormView, wants_open_hours};

/// What the address of the page says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    done: String,
}

/// Everything on record about a case, the newest first.
pub(crate) fn entries(case: &pb::Case) -> Vec<timeline::Entry> {
    timeline::of(case)
}

#[derive(Template)]
#[template(path = "case.html")]
struct CasePage {
    shell: Shell,
    form_token: String,
    case: CaseView,
    form: Option<FormView>,
    done: Option<NotificationBanner>,
    problem: Option<Problem>,
    conflict: Option<Conflict>,
    desk: duty::Panel,
    neighbours: Option<Pagination>,
}

/// The page.
pub(crate) async fn show(
    State(app): State<Shared>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let (case, window) = match read(&app, &session, &id).await {
        Ok(found) => found,
        Err(status) => return refused(&session, &status),
    };
    let form = match Action::possible(&case, &session) {
        Some(action) => Some(begun(&app, &session, &id, action).await),
        None => None,
    };
    let page = CasePage {
        shell: Shell::of(&session, Place::Queue),
        form_token: session.form_token.clone(),
        case: CaseView::of(&case, window.as_ref(), form.is_some(), app.now()),
        form,
        done: Action::from_path(&asked.done)
            .map(Action::done)
            .or_else(|| duty::done(&asked.done))
            .map(recorded),
        problem: None,
        conflict: None,
        desk: duty::panel(&case, &session),
        neighbours: duty::neighbours(&app, &session, &id).await,
    };
    Page::of(StatusCode::OK, &page).into_response()
}

/// Says that what was sent is on the record.
fn recorded(words: &'static str) -> NotificationBanner {
    NotificationBanner {
        title_text: "Recorded".into(),
        ..NotificationBanner::success(words)
    }
}

/// A form as it is offered: with what its user had begun to write, if that was kept.
async fn begun(app: &App, session: &Session, id: &str, action: Action) -> FormView {
    let mut form = FormView::empty(action, app.request_id(), app.now());
    let path = address(id, action);
    if let Some(kept) = app.drafts.of(&session.actor.principal, &path).await {
        form.filled = kept;
        form.is_kept = true;
    }
    form
}

/// The address that a form was sent to, opened again: the page that it is on.
pub(crate) async fn back(Path((id, _)): Path<(String, String)>) -> Response {
    see(sign_in::within(&format!("/cases/{id}")))
}

/// Takes a form of the page.
pub(crate) async fn act(
    State(app): State<Shared>,
    Path((id, action)): Path<(String, String)>,
    posted: Posted,
) -> Response {
    let Some(action) = Action::from_path(&action) else {
        return front::nothing().await.into_response();
    };
    let Posted { session, filled } = posted;
    let (name, path) = (format!("cases/{id}"), address(&id, action));
    let mut sent = action.send(app.escalation(&session), &name, &filled).await;
    let is_stale = matches!(&sent, Err(problem) if problem.code == Code::Aborted);
    if is_stale && let Some(etag) = etag_if_seen(&app, &session, &id, &filled).await {
        let mut filled = filled.clone();
        filled.set("etag", etag);
        sent = action.send(app.escalation(&session), &name, &filled).await;
    }
    match sent {
        Ok(()) => {
            app.drafts.forget(&session.actor.principal, &path).await;
            see(&format!("/cases/{id}?done={}", action.path()))
        }
        Err(problem) if problem.code == Code::Unauthenticated => {
            app.drafts
                .keep(&session.actor.principal, &path, &filled)
                .await;
            sign_in::first(&format!("/cases/{id}"), sign_in::Note::Kept)
        }
        Err(problem) if problem.is_passing() => {
            page::not_recorded(&session, &problem, &path, &filled).into_response()
        }
        Err(problem) => {
            again(
                &app,
                &session,
                &id,
                Tried {
                    action,
                    filled,
                    problem,
                },
            )
            .await
        }
    }
}

/// The present etag of a case, if its state is what the form's user saw and nothing has come to its
/// record since: the clockwork moves a case's version too (alerts that are given again), and nobody
/// need read the same page twice for that.
async fn etag_if_seen(app: &App, session: &Session, id: &str, filled: &Filled) -> Option<String> {
    let (case, _) = read(app, session, id).await.ok()?;
    Conflict::of(&case, filled)
        .is_seen_whole
        .then_some(case.etag)
}

/// What somebody tried, and why it was refused.
struct Tried {
    action: Action,
    filled: Filled,
    problem: Problem,
}

/// The page once more, as the case stands now, with what was typed and why it was refused.
async fn again(app: &App, session: &Session, id: &str, tried: Tried) -> Response {
    let Tried {
        action,
        filled,
        problem,
    } = tried;
    let (case, window) = match read(app, session, id).await {
        Ok(found) => found,
        Err(_) => {
            let path = address(id, action);
            return page::not_recorded(session, &problem, &path, &filled).into_response();
        }
    };
    let is_conflict = matches!(problem.code, Code::Aborted | Code::FailedPrecondition);
    let mut conflict = is_conflict.then(|| Conflict::of(&case, &filled));
    let status = problem.status;
    let form = Action::possible(&case, session).map(|possible| {
        let mut form = FormView::empty(possible, app.request_id(), app.now());
        if possible == action {
            form.filled = filled;
            form.problem = Some(problem.clone());
            if let Some(conflict) = &mut conflict {
                conflict.typed.clear();
            }
        }
        form
    });
    let page = CasePage {
        shell: Shell::of(session, Place::Queue),
        form_token: session.form_token.clone(),
        case: CaseView::of(&case, window.as_ref(), form.is_some(), app.now()),
        form,
        done: None,
        problem: Some(problem),
        conflict,
        desk: duty::panel(&case, session),
        neighbours: duty::neighbours(app, session, id).await,
    };
    Page::of(status, &page).into_response()
}

fn address(id: &str, action: Action) -> String {
    format!("/cases/{id}/{}", action.path())
}

async fn read(
    app: &App,
    session: &Session,
    id: &str,
) -> Result<(pb::Case, Option<pb::NfdWindow>), Status> {
    let name = format!("cases/{id}");
    let mut client = app.escalation(session);
    let request = pb::GetCaseRequest { name: name.clone() };
    let case = client.get_case(request).await?.into_inner();
    if !wants_open_hours(case.state()) {
        return Ok((case, None));
    }
    // They inform and decide nothing: without them the page is still whole.
    let window = client
        .get_nfd_window(pb::GetNfdWindowRequest { name })
        .await;
    Ok((case, window.ok().map(tonic::Response::into_inner)))
}
