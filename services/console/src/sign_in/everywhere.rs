//! Where somebody is signed in, and how they sign out everywhere.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{Note, failed, signed_out};
use crate::cookie;
use crate::form::{Posted, SignedIn};
use crate::page::Page;
use crate::shell::{Place, Shell};
use crate::state::Shared;
use crate::words::moment;

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsPage {
    shell: Shell,
    form_token: String,
    sessions: Vec<Row>,
}

struct Row {
    begun: String,
    is_this: bool,
}

/// The page.
pub(crate) async fn list(
    State(app): State<Shared>,
    headers: HeaderMap,
    SignedIn(session): SignedIn,
) -> Response {
    let cookie = cookie::read(&headers, &app.config);
    let listed = match app.sessions.of(&session.actor.principal, cookie).await {
        Ok(listed) => listed,
        Err(fault) => return failed(&fault).into_response(),
    };
    let rows = listed.into_iter().map(|listed| Row {
        begun: moment(listed.begun),
        is_this: listed.is_this,
    });
    let page = SessionsPage {
        shell: Shell::of(&session, Place::Elsewhere),
        form_token: session.form_token.clone(),
        sessions: rows.collect(),
    };
    Page::of(StatusCode::OK, &page).into_response()
}

/// Ends every session of the user, on whatever device.
pub(crate) async fn sign_out_everywhere(
    State(app): State<Shared>,
    headers: HeaderMap,
    posted: Posted,
) -> Response {
    let principal = &posted.session.actor.principal;
    let ended = app.sessions.end(cookie::read(&headers, &app.config)).await;
    let ended = match ended {
        Ok(id_token) => app.sessions.end_all(principal).await.map(|_| id_token),
        Err(fault) => Err(fault),
    };
    match ended {
        Ok(id_token) => signed_out(&app, id_token.as_deref(), Note::OutEverywhere).await,
        Err(fault) => failed(&fault).into_response(),
    }
}

/// Somebody is still there: the time to be idle has begun anew, and they are told how long it is.
pub(crate) async fn stay(_: Posted) -> StatusCode {
    StatusCode::NO_CONTENT
}
