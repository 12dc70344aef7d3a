//! The development sign-in: whoever reaches the page says who they are. It is there in the embedded
//! default only, where the issuer's key lies in the data folder and the port on a loopback address.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use visits_core::{Actor, Fault, Role};

use crate::cookie;
use crate::form::{Filled, see};
use crate::page::{Page, message};
use crate::problem::{Line, Problem};
use crate::shell::Shell;
use crate::state::Shared;
use crate::words::REGIONS;

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
}

/// What the address of the page says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    next: String,
    note: Note,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    shell: Shell,
    next: &'a str,
    note: Note,
    filled: &'a Filled,
    problem: Option<Problem>,
    regions: [(&'static str, &'static str); 8],
}

impl SignInPage<'_> {
    fn is_chosen(&self, field: &str, value: &str) -> bool {
        self.filled.get(field) == value
    }

    fn error(&self, field: &str) -> Option<&str> {
        self.problem.as_ref()?.about(field)
    }
}

/// Sends somebody to sign in, and back to `next` afterwards.
pub(crate) fn first(next: &str, note: Note) -> Response {
    let note = match note {
        Note::None => "none",
        Note::Lapsed => "lapsed",
        Note::Kept => "kept",
        Note::Out => "out",
    };
    see(&format!("/sign-in?next={}&note={note}", within(next)))
}

/// Only a page of ours is gone back to.
pub(crate) fn within(next: &str) -> &str {
    let is_plain = next
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-'));
    if is_plain && next.starts_with('/') && !next.starts_with("//") {
        next
    } else {
        "/queue"
    }
}

/// The page.
pub(crate) async fn show(State(app): State<Shared>, Query(asked): Query<Asked>) -> Page {
    if app.issuer.is_none() {
        return closed();
    }
    page(&asked, &Filled::default(), None)
}

/// Signs somebody in.
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
    let actor = match actor(&filled) {
        Ok(actor) => actor,
        Err(lines) => {
            let asked = Asked {
                next,
                note: Note::None,
            };
            return page(&asked, &filled, Some(Problem::found(lines))).into_response();
        }
    };
    let lifetime = app.sessions.lifetime();
    let begun = match issuer.sign(&actor, lifetime, app.now()) {
        Ok(token) => app.sessions.begin(actor, &token).await,
        Err(fault) => Err(fault),
    };
    app.sessions.end(cookie::read(&headers, &app.config)).await;
    match begun {
        Ok(value) => with_cookie(&app, see(&next), Some(&value)),
        Err(fault) => failed(&fault).into_response(),
    }
}

/// Signs somebody out.
pub(crate) async fn sign_out(
    State(app): State<Shared>,
    headers: HeaderMap,
    _: crate::form::Posted,
) -> Response {
    app.sessions.end(cookie::read(&headers, &app.config)).await;
    with_cookie(&app, first("/queue", Note::Out), None)
}

fn with_cookie(app: &Shared, mut response: Response, value: Option<&str>) -> Response {
    let set = cookie::set(&app.config, value);
    response.headers_mut().insert(header::SET_COOKIE, set);
    response
}

fn page(asked: &Asked, filled: &Filled, problem: Option<Problem>) -> Page {
    let status = problem
        .as_ref()
        .map_or(StatusCode::OK, |found| found.status);
    let page = SignInPage {
        shell: Shell::of_nobody(),
        next: within(&asked.next),
        note: asked.note,
        filled,
        problem,
        regions: REGIONS,
    };
    Page::of(status, &page)
}

fn closed() -> Page {
    let words = "The development sign-in is off: this process has keys of a deployment, or is \
                 reached from elsewhere than its own machine.";
    message(StatusCode::NOT_FOUND, "Nobody can sign in here", words)
}

fn failed(fault: &Fault) -> Page {
    tracing::error!("nobody can sign in: {fault}");
    let heading = "Sorry, there is a problem with the service";
    message(
        StatusCode::INTERNAL_SERVER_ERROR,
        heading,
        "Try again later.",
    )
}

/// Who somebody says they are: a code, never a person's name.
fn actor(filled: &Filled) -> Result<Actor, Vec<Line>> {
    let wrong = |field: &str, words: &str| {
        let (field, words) = (field.to_owned(), words.to_owned());
        Err(vec![Line { field, words }])
    };
    match filled.get("role") {
        "duty-desk" => {
            let code = match filled.get("desk_code").trim() {
                "" => "duty-desk",
                code => code,
            };
            if is_code(code) {
                Ok(Actor::new(code, Role::DutyDesk))
            } else {
                wrong(
                    "desk_code",
                    "The code must be letters, digits and hyphens, such as desk-2",
                )
            }
        }
        "regional-director" => {
            let region = filled.get("region");
            if REGIONS.iter().any(|(slug, _)| *slug == region) {
                let principal = format!("RD-{}", region.to_ascii_uppercase());
                Ok(Actor::new(principal, Role::RegionalDirector))
            } else {
                wrong("region", "Select the region")
            }
        }
        "hmi" => {
            let code = filled.get("inspector_code").trim();
            if is_code(code) {
                Ok(Actor::new(code, Role::Hmi))
            } else {
                wrong(
                    "inspector_code",
                    "Enter the inspector’s code, such as HMI-001",
                )
            }
        }
        _ => wrong("role", "Select who you are"),
    }
}

fn is_code(code: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&code.len()) && code.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_elsewhere_after_signing_in() {
        assert_eq!(within("/cases/0192-ab"), "/cases/0192-ab");
        for next in [
            "",
            "//evil.example",
            "https://evil.example",
            "/a?b=c",
            "/\\evil",
        ] {
            assert_eq!(within(next), "/queue", "{next}");
        }
    }

    #[test]
    fn each_role_signs_in_under_a_code_and_never_under_a_name() {
        let with = |fields: &[(&str, &str)]| {
            let fields = fields
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into()));
            actor(&Filled::read(fields.collect()))
        };
        let director = with(&[("role", "regional-director"), ("region", "south-east")]);
        let expected = Actor::new("RD-SOUTH-EAST", Role::RegionalDirector);
        assert_eq!(director.ok(), Some(expected));
        assert!(with(&[("role", "regional-director"), ("region", "mars")]).is_err());
        assert!(with(&[("role", "hmi"), ("inspector_code", "Jane Smith")]).is_err());
        assert!(with(&[("role", "service")]).is_err());
        let desk = with(&[("role", "duty-desk"), ("desk_code", "desk-2")]);
        assert_eq!(desk.ok(), Some(Actor::new("desk-2", Role::DutyDesk)));
    }
}
