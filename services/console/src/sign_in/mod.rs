//! Signing in and out: at the issuer that is configured for people, or by the development sign-in.

mod at_issuer;
mod back_channel;
mod development;
mod everywhere;
mod fields;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use visits_core::Fault;

use crate::cookie::{self, Kind};
use crate::form::{Filled, Posted, see};
use crate::page::{Page, message};
use crate::problem::Problem;
use crate::session::Granted;
use crate::state::{App, Shared};

pub(crate) use at_issuer::{back, start};
pub(crate) use back_channel::{PATH as BACK_CHANNEL, ended};
pub(crate) use everywhere::{list, sign_out_everywhere, stay};

/// Where somebody lands who asked for no page of ours.
const HOME: &str = "/";
/// The longest address that is gone back to.
const NEXT_LENGTH_MAX: usize = 512;

/// Why somebody is asked to sign in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Note {
    /// They have not yet.
    #[default]
    None,
    /// Their session has ended.
    Lapsed,
    /// Their session ended while they were writing; what they wrote is kept.
    Kept,
    /// They signed out.
    Out,
    /// They signed out wherever they were signed in.
    OutEverywhere,
}

impl Note {
    const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Lapsed => "lapsed",
            Self::Kept => "kept",
            Self::Out => "out",
            Self::OutEverywhere => "out-everywhere",
        }
    }
}

/// What the address of the page says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    next: String,
    note: Note,
}

/// Sends somebody to sign in, and back to `next` afterwards.
pub(crate) fn first(next: &str, note: Note) -> Response {
    let (next, note) = (encoded(within(next)), note.word());
    see(&format!("/sign-in?next={next}&note={note}"))
}

/// Only a page of ours is gone back to.
pub(crate) fn within(next: &str) -> &str {
    let (path, query) = next.split_once('?').unwrap_or((next, ""));
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let is_path = path.bytes().all(|byte| is_plain(byte) || byte == b'/');
    let is_query = query
        .bytes()
        .all(|byte| is_plain(byte) || b"=&%+".contains(&byte));
    let is_ours = path.starts_with('/') && !path.starts_with("//") && is_path && is_query;
    if is_ours && next.len() <= NEXT_LENGTH_MAX {
        next
    } else {
        HOME
    }
}

/// As a value in an address.
fn encoded(text: &str) -> String {
    let bytes = text.bytes().map(|byte| match byte {
        b'?' | b'=' | b'&' | b'%' | b'+' => format!("%{byte:02X}"),
        byte => char::from(byte).to_string(),
    });
    bytes.collect()
}

/// The page.
pub(crate) async fn show(State(app): State<Shared>, Query(asked): Query<Asked>) -> Response {
    if app.provider.is_some() {
        return at_issuer::page(&app, &asked).await;
    }
    if app.issuer.is_none() {
        return closed().into_response();
    }
    development::page(&asked, &Filled::default(), None).into_response()
}

/// Signs somebody in who says who they are.
pub(crate) async fn sign_in(
    State(app): State<Shared>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let Some(issuer) = &app.issuer else {
        return closed().into_response();
    };
    let filled = Filled::read(fields);
    let next = within(filled.get("next")).to_owned();
    let actor = match development::actor(&filled) {
        Ok(actor) => actor,
        Err(lines) => {
            let note = Note::None;
            let problem = Some(Problem::found(lines));
            return development::page(&Asked { next, note }, &filled, problem).into_response();
        }
    };
    match development::granted(&app, issuer, actor) {
        Ok(granted) => begin(&app, &headers, granted, &next).await,
        Err(fault) => failed(&fault).into_response(),
    }
}

/// Begins the session of somebody who has signed in, and ends the one that this browser had.
async fn begin(app: &App, headers: &HeaderMap, granted: Granted, next: &str) -> Response {
    let before = cookie::read(headers, &app.config);
    if let Err(fault) = app.sessions.end(before).await {
        return failed(&fault).into_response();
    }
    match app.sessions.begin(granted).await {
        Ok(value) => with_cookie(app, see(next), Kind::Session, Some(&value)),
        Err(fault) => failed(&fault).into_response(),
    }
}

/// Signs somebody out, here and at the issuer.
pub(crate) async fn sign_out(State(app): State<Shared>, headers: HeaderMap, _: Posted) -> Response {
    match app.sessions.end(cookie::read(&headers, &app.config)).await {
        Ok(id_token) => signed_out(&app, id_token.as_deref(), Note::Out).await,
        Err(fault) => failed(&fault).into_response(),
    }
}

/// After the session has ended.
async fn signed_out(app: &App, id_token: Option<&str>, note: Note) -> Response {
    let answer = match &app.provider {
        Some(provider) => at_issuer::farewell(provider, id_token, app.now()).await,
        None => None,
    };
    let answer = answer.unwrap_or_else(|| first(HOME, note));
    with_cookie(app, answer, Kind::Session, None)
}

fn with_cookie(app: &App, mut response: Response, kind: Kind, value: Option<&str>) -> Response {
    let set = cookie::set(&app.config, kind, value);
    response.headers_mut().append(header::SET_COOKIE, set);
    response
}

/// Sends a browser on to another site.
fn elsewhere(address: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(address).ok()
}

fn closed() -> Page {
    let words = "No issuer of people’s tokens is configured, and the development sign-in is off: \
                 this process has keys of a deployment, or is reached from elsewhere than its own \
                 machine.";
    message(StatusCode::NOT_FOUND, "Nobody can sign in here", words)
}

fn failed(fault: &Fault) -> Page {
    tracing::error!("nobody can sign in or out: {fault}");
    let heading = "Sorry, there is a problem with the service";
    message(
        StatusCode::SERVICE_UNAVAILABLE,
        heading,
        "You can’t sign in or out at the moment. Try again later.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_elsewhere_after_signing_in() {
        for next in [
            "/cases/0192-ab",
            "/queue?show=closed",
            "/calls?date=2020-10-23&page=2",
        ] {
            assert_eq!(within(next), next);
        }
        let long = format!("/{}", "a".repeat(NEXT_LENGTH_MAX));
        for next in [
            "",
            "//evil.example",
            "///evil.example",
            "https://evil.example",
            "/\\evil",
            "/a?b=//evil.example",
            "/a?b=c?d",
            "/%0d%0aSet-Cookie",
            "/a\r\nSet-Cookie: b",
            "queue",
            "?a=b",
            long.as_str(),
        ] {
            assert_eq!(within(next), "/", "{next}");
        }
    }

    #[test]
    fn the_page_that_was_asked_for_survives_the_address_of_the_sign_in() {
        let answer = first("/calls?date=2020-10-23&page=2", Note::Lapsed);
        let to = answer.headers().get(header::LOCATION).expect("a place");
        let expected = "/sign-in?next=/calls%3Fdate%3D2020-10-23%26page%3D2&note=lapsed";
        assert_eq!(to, expected);
    }
}
