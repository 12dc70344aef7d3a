//! The development sign-in: whoever reaches the page says who they are. It is there in the embedded
//! default only, where the issuer's key lies in the data folder and the port on a loopback address.

use askama::Template;
use axum::http::StatusCode;
use visits_components::{Radios, WarningText};
use visits_core::{Actor, Fault, Role};
use visits_runtime::auth::{Issuer, LEEWAY_SECONDS};

use super::{Asked, Note, fields, within};
use crate::form::Filled;
use crate::page::Page;
use crate::problem::{Line, Problem};
use crate::session::Granted;
use crate::shell::{Shell, role_words};
use crate::state::App;
use crate::words::REGIONS;

/// Roles that nobody needs a code for.
const OTHERS: [(Role, &str); 5] = [
    (Role::Scheduler, role_words(Role::Scheduler)),
    (Role::Publisher, role_words(Role::Publisher)),
    (Role::Researcher, role_words(Role::Researcher)),
    (Role::Auditor, role_words(Role::Auditor)),
    (Role::Operator, role_words(Role::Operator)),
];

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    shell: Shell,
    next: &'a str,
    note: Note,
    warning: WarningText,
    who: Radios,
    problem: Option<Problem>,
}

/// The page.
pub(super) fn page(asked: &Asked, filled: &Filled, problem: Option<Problem>) -> Page {
    let status = problem
        .as_ref()
        .map_or(StatusCode::OK, |found| found.status);
    let page = SignInPage {
        shell: Shell::of_nobody(),
        next: within(&asked.next),
        note: asked.note,
        warning: WarningText {
            text:
                "Development sign-in: it believes whatever you say. Codes only, no names of people."
                    .into(),
            ..WarningText::default()
        },
        who: fields::who(filled, problem.as_ref(), &OTHERS),
        problem,
    };
    Page::of(status, &page)
}

/// What somebody gets who says that they are `actor`: a token for as long as a session lasts.
pub(super) fn granted(app: &App, issuer: &Issuer, actor: Actor) -> Result<Granted, Fault> {
    let (now, lifetime) = (app.now(), app.sessions.lifetime());
    let access = issuer.sign(&actor, lifetime, now)?;
    Ok(Granted {
        actor,
        access,
        ends: now + lifetime + visits_core::SignedDuration::from_secs(LEEWAY_SECONDS),
        refresh: None,
        id_token: None,
    })
}

/// Who somebody says they are: a code, never a person's name.
pub(super) fn actor(filled: &Filled) -> Result<Actor, Vec<Line>> {
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
        other => match OTHERS.iter().find(|(role, _)| role.name() == other) {
            Some((role, _)) => Ok(Actor::new(role.name(), *role)),
            None => wrong("role", "Select who you are"),
        },
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
        let auditor = with(&[("role", "auditor")]);
        assert_eq!(auditor.ok(), Some(Actor::new("auditor", Role::Auditor)));
        let desk = with(&[("role", "duty-desk"), ("desk_code", "desk-2")]);
        assert_eq!(desk.ok(), Some(Actor::new("desk-2", Role::DutyDesk)));
    }
}
