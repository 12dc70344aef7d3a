//! Signing in and out at the issuer of people's tokens.
//!
//! A sign-in begins with a link and not with a form: browsers hold a form's redirects against
//! `form-action`, which allows our own pages only. For the same reason a browser is sent on to sign
//! out there by the page that says so.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use visits_core::{ErrorKind, Fault, Timestamp};

use super::{Asked, Note, begin, elsewhere, encoded, failed, see, with_cookie, within};
use crate::cookie::{self, Kind};
use crate::oidc::{Answer, Attempt, Provider};
use crate::page::{Page, message};
use crate::shell::Shell;
use crate::state::{App, Shared};

/// What the seal of an attempt is for.
const PURPOSE: &str = "sign-in";

#[derive(Template)]
#[template(path = "sign_in_at_issuer.html")]
struct SignInPage {
    shell: Shell,
    note: Note,
    start: String,
}

#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOutPage<'a> {
    shell: Shell,
    place: &'a str,
}

/// The page says why, and has a link; whoever only asked for a page is sent on at once.
pub(super) async fn page(app: &App, asked: &Asked) -> Response {
    let next = within(&asked.next);
    if asked.note == Note::None {
        return begun(app, next).await;
    }
    let page = SignInPage {
        shell: Shell::of_nobody(),
        note: asked.note,
        start: format!("/sign-in/start?next={}", encoded(next)),
    };
    Page::of(StatusCode::OK, &page).into_response()
}

/// Begins a sign-in.
pub(crate) async fn start(State(app): State<Shared>, Query(asked): Query<Asked>) -> Response {
    begun(&app, within(&asked.next)).await
}

async fn begun(app: &App, next: &str) -> Response {
    let Some(provider) = &app.provider else {
        return super::closed().into_response();
    };
    let (place, attempt) = match provider.begin(next, app.now()).await {
        Ok(begun) => begun,
        Err(fault) => return failed(&fault).into_response(),
    };
    let kept = serde_json::to_vec(&attempt)
        .map_err(|error| Fault::fatal(error.to_string()))
        .and_then(|attempt| app.seal.close(PURPOSE, &attempt));
    match kept {
        Ok(kept) => with_cookie(app, see(&place), Kind::Attempt, Some(&hex::encode(kept))),
        Err(fault) => failed(&fault).into_response(),
    }
}

/// Takes whoever comes back from the issuer.
pub(crate) async fn back(
    State(app): State<Shared>,
    headers: HeaderMap,
    Query(answer): Query<Answer>,
) -> Response {
    let Some(provider) = &app.provider else {
        return super::closed().into_response();
    };
    let Some(attempt) = attempt(&app, &headers) else {
        return not_usable().into_response();
    };
    let answer = match provider.finish(answer, &attempt, app.now()).await {
        Ok(granted) => begin(&app, &headers, granted, within(&attempt.next)).await,
        Err(fault) => refused(&fault).into_response(),
    };
    // An attempt is good for one answer.
    with_cookie(&app, answer, Kind::Attempt, None)
}

fn attempt(app: &App, headers: &HeaderMap) -> Option<Attempt> {
    let sealed = hex::decode(cookie::read_attempt(headers, &app.config)).ok()?;
    serde_json::from_slice(&app.seal.open(PURPOSE, &sealed)?).ok()
}

/// Goes on to sign out at the issuer, if it has a place for that.
pub(super) async fn farewell(
    provider: &Provider,
    id_token: Option<&str>,
    now: Timestamp,
) -> Option<Response> {
    let place = provider.end(id_token, now).await?;
    let page = SignedOutPage {
        shell: Shell::of_nobody(),
        place: &place,
    };
    let on = elsewhere(&format!("0; url={place}"))?;
    let mut answer = Page::of(StatusCode::OK, &page).into_response();
    let refresh = HeaderName::from_static("refresh");
    answer.headers_mut().insert(refresh, on);
    Some(answer)
}

fn refused(fault: &Fault) -> Page {
    tracing::warn!("a sign-in was refused: {fault}");
    match fault.kind {
        ErrorKind::Unauthenticated if fault.reason == "SIGN_IN_INVALID" => not_usable(),
        ErrorKind::Unauthenticated => message(
            StatusCode::FORBIDDEN,
            "You have no place here",
            "You have signed in, but under no code and no role of this service. Ask whoever keeps \
             its users to give you one.",
        ),
        ErrorKind::Forbidden => message(
            StatusCode::FORBIDDEN,
            "You are not signed in",
            "The sign-in was broken off. Go to the start to try again.",
        ),
        _ => failed(fault),
    }
}

fn not_usable() -> Page {
    message(
        StatusCode::BAD_REQUEST,
        "That sign-in can’t be used",
        "It is too old, was used before, or began in another browser. Go to the start to try \
         again.",
    )
}
