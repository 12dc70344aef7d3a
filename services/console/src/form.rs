//! Forms that somebody who is signed in has sent, and the check that they were ours (CSRF).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Form;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};

use crate::cookie;
use crate::page;
use crate::session::{Look, Session};
use crate::sign_in;
use crate::state::Shared;

/// The field that carries the session's form token.
pub(crate) const TOKEN: &str = "form_token";
/// What the addresses of pages, and of the forms on them, begin with whose texts are kept.
const KEPT: [&str; 5] = [
    "/cases/",
    "/letters/",
    "/deferrals/",
    "/parked/",
    "/visits/",
];

/// What a form held.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Filled(BTreeMap<String, String>);

impl Filled {
    /// What a form held, as it came: the last value of each field.
    pub(crate) fn read(fields: Vec<(String, String)>) -> Self {
        // Browsers send line ends as CR LF.
        let fields = fields
            .into_iter()
            .map(|(name, value)| (name, value.replace("\r\n", "\n")));
        Self(fields.collect())
    }

    /// The value of a field; empty if it was left out.
    pub(crate) fn get(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }

    pub(crate) fn set(&mut self, field: &str, value: impl Into<String>) {
        self.0.insert(field.to_owned(), value.into());
    }

    /// Every field and its value, but for the token.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        let fields = self.0.iter().filter(|(name, _)| *name != TOKEN);
        fields.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Somebody who is signed in and asks for a page; others are sent to sign in.
pub(crate) struct SignedIn(pub(crate) Arc<Session>);

impl FromRequestParts<Shared> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Response> {
        match app
            .sessions
            .touch(cookie::read(&parts.headers, &app.config))
            .await
        {
            Look::Live(session) => Ok(Self(session)),
            Look::Lapsed(_) => Err(sign_in::first(asked_for(parts), sign_in::Note::Lapsed)),
            Look::Nobody => Err(sign_in::first(asked_for(parts), sign_in::Note::None)),
            Look::Unknown => Err(page::unanswered().into_response()),
        }
    }
}

/// The page that was asked for, with what its address says besides.
fn asked_for(parts: &Parts) -> &str {
    let address = parts.uri.path_and_query();
    address.map_or("/", |address| address.as_str())
}

/// A form that somebody who is signed in has sent, with the token of their session in it. What a
/// session that has ended sends is kept for its user.
pub(crate) struct Posted {
    pub(crate) session: Arc<Session>,
    pub(crate) filled: Filled,
}

impl FromRequest<Shared> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Response> {
        let look = app
            .sessions
            .touch(cookie::read(request.headers(), &app.config))
            .await;
        let path = request.uri().path().to_owned();
        let read = Form::<Vec<(String, String)>>::from_request(request, app).await;
        let Form(fields) = read.map_err(|error| page::unreadable(error.status()))?;
        let filled = Filled::read(fields);
        match look {
            Look::Live(session) if is_ours(&session, &filled) => Ok(Self { session, filled }),
            Look::Live(_) => Err(page::forged().into_response()),
            Look::Lapsed(session) if is_kept(&path) && is_ours(&session, &filled) => {
                let principal = &session.actor.principal;
                app.drafts.keep(principal, &path, &filled).await;
                Err(sign_in::first(before(&path), sign_in::Note::Kept))
            }
            Look::Lapsed(_) | Look::Nobody => {
                Err(sign_in::first(before(&path), sign_in::Note::Lapsed))
            }
            Look::Unknown => Err(page::not_taken(&path, &filled).into_response()),
        }
    }
}

/// What the module of a page sends by itself, with the token of the session in it: it keeps no
/// session awake, and nobody waits for a page.
pub(crate) struct Quiet {
    pub(crate) session: Arc<Session>,
    pub(crate) filled: Filled,
}

impl FromRequest<Shared> for Quiet {
    type Rejection = StatusCode;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, StatusCode> {
        let cookie = cookie::read(request.headers(), &app.config).to_owned();
        let read = Form::<Vec<(String, String)>>::from_request(request, app).await;
        let Form(fields) = read.map_err(|error| error.status())?;
        let filled = Filled::read(fields);
        match app.sessions.peek(&cookie).await {
            Look::Live(session) if is_ours(&session, &filled) => Ok(Self { session, filled }),
            Look::Live(_) => Err(StatusCode::FORBIDDEN),
            Look::Lapsed(_) | Look::Nobody => Err(StatusCode::UNAUTHORIZED),
            Look::Unknown => Err(StatusCode::SERVICE_UNAVAILABLE),
        }
    }
}

/// The page whose form is sent to `path`.
fn before(path: &str) -> &str {
    if is_kept(path) {
        path.rsplit_once('/').map_or(path, |(page, _)| page)
    } else {
        "/"
    }
}

/// Whether what a form at `path` holds is kept for its user when their session has ended.
fn is_kept(path: &str) -> bool {
    KEPT.iter().any(|page| path.starts_with(page))
}

fn is_ours(session: &Session, filled: &Filled) -> bool {
    let (ours, theirs) = (session.form_token.as_bytes(), filled.get(TOKEN).as_bytes());
    // Every byte is looked at: the time it takes says nothing about where they differ.
    let differs = ours
        .iter()
        .zip(theirs)
        .fold(0, |so_far, (a, b)| so_far | (a ^ b));
    ours.len() == theirs.len() && differs == 0
}

/// After a form: a page of its own, so that a reload sends nothing again.
pub(crate) fn see(path: &str) -> Response {
    let mut response = Redirect::to(path).into_response();
    *response.status_mut() = StatusCode::SEE_OTHER;
    response
}
