//! The school's page behind its one-time link: the draft, and a form for one reply (M36).

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use visits_core::{Actor, ErrorKind, Fault, Timestamp};
use visits_durable::Cause;
use visits_proto::letters::v1::{CorrectionInput, RecordSchoolReplyRequest};

use super::page::{Page, failed, filters, message, not_found};
use crate::app::App;
use crate::app::rights::Needs;
use crate::app::step::Read;
use crate::domain::letter::{Channel, Letter, Round};
use crate::domain::{Command, State as LetterState, Text};
use crate::grpc;

/// So many corrections fit on the page.
const ROWS: usize = 8;

#[derive(Template)]
#[template(path = "check.html")]
struct CheckPage<'a> {
    school: &'a str,
    text: &'a Text,
    due: Timestamp,
    token: &'a str,
    request_id: String,
    role: &'a str,
    rows: Vec<Row>,
    errors: Vec<Problem>,
}

#[derive(Clone, Default)]
struct Row {
    number: usize,
    passage: String,
    correction: String,
}

struct Problem {
    field: String,
    words: String,
}

/// What the form held.
struct Filled {
    request_id: String,
    role: String,
    rows: Vec<Row>,
}

/// The draft and the form.
pub(super) async fn show(State(app): State<App>, Path(token): Path<String>) -> Page {
    let (letter, round) = match app.by_link(&token).await {
        Ok(Some(found)) => found,
        Ok(None) => return not_found(),
        Err(fault) => return failed(&fault),
    };
    if let Some(closed) = closed(&letter, &round, app.durable.now()) {
        return closed;
    }
    let empty = Filled {
        request_id: app.durable.new_id().to_string(),
        role: String::new(),
        rows: (1..=ROWS)
            .map(|number| Row {
                number,
                ..Row::default()
            })
            .collect(),
    };
    form(StatusCode::OK, &letter, &round, &token, empty, Vec::new())
}

/// The school's reply.
pub(super) async fn reply(
    State(app): State<App>,
    Path(token): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Page {
    let (letter, round) = match app.by_link(&token).await {
        Ok(Some(found)) => found,
        Ok(None) => return not_found(),
        Err(fault) => return failed(&fault),
    };
    if app.durable.now() >= round.link_expires {
        return expired();
    }
    let filled = filled(fields);
    match take(&app, &letter, &round, &filled).await {
        Ok(()) => message(
            StatusCode::OK,
            "Thank you: we have your reply",
            "We answer each correction before the letter is published.",
        ),
        Err(fault) if !fault.violations.is_empty() => {
            let errors = fault.violations.iter().map(problem).collect();
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            form(status, &letter, &round, &token, filled, errors)
        }
        Err(fault) if fault.kind == ErrorKind::WrongState => used(),
        Err(fault) => failed(&fault),
    }
}

async fn take(app: &App, letter: &Letter, round: &Round, filled: &Filled) -> Result<(), Fault> {
    let corrections = filled
        .rows
        .iter()
        .filter(|row| !row.passage.trim().is_empty() || !row.correction.trim().is_empty())
        .map(|row| CorrectionInput {
            passage: row.passage.clone(),
            correction: row.correction.clone(),
        })
        .collect();
    let request = RecordSchoolReplyRequest {
        name: letter.name(),
        respondent_role: filled.role.clone(),
        corrections,
        etag: String::new(),
        request_id: filled.request_id.clone(),
    };
    let mut asked = grpc::reply(&request, Channel::Link)?;
    // The link speaks for its own round and no later one.
    if let Command::RecordReply(reply) = &mut asked.command {
        reply.round = Some(round.number);
    }
    let school = Actor {
        principal: format!("schools/{}", letter.about.urn),
        roles: Vec::new(),
    };
    let cause = Cause::request(school, "ReplyByLink", asked.request_id, &request);
    app.execute(
        cause,
        letter.id,
        Needs::Nothing,
        Read::Anything,
        asked.command,
    )
    .await
    .map(drop)
}

fn filled(fields: Vec<(String, String)>) -> Filled {
    let mut filled = Filled {
        request_id: String::new(),
        role: String::new(),
        rows: (1..=ROWS)
            .map(|number| Row {
                number,
                ..Row::default()
            })
            .collect(),
    };
    for (name, value) in fields {
        // Browsers send line ends as CR LF.
        let value = value.replace("\r\n", "\n");
        match name.as_str() {
            "request_id" => filled.request_id = value,
            "respondent_role" => filled.role = value,
            _ => {
                let Some((part, number)) = name.split_once('-') else {
                    continue;
                };
                let Some(row) = filled
                    .rows
                    .iter_mut()
                    .find(|row| row.number.to_string() == number)
                else {
                    continue;
                };
                match part {
                    "passage" => row.passage = value,
                    "correction" => row.correction = value,
                    _ => {}
                }
            }
        }
    }
    filled
}

fn problem(violation: &visits_core::FieldViolation) -> Problem {
    let (field, what) = match violation.field.as_str() {
        "respondent_role" => ("respondent_role", "Your role at the school"),
        field if field.starts_with("corrections") => {
            ("passage-1", "A correction's passage and its correction")
        }
        _ => ("main", "The form"),
    };
    Problem {
        field: field.to_owned(),
        words: format!("{what} {}", violation.description),
    }
}

fn form(
    status: StatusCode,
    letter: &Letter,
    round: &Round,
    token: &str,
    filled: Filled,
    errors: Vec<Problem>,
) -> Page {
    let page = CheckPage {
        school: &letter.about.school_name,
        text: &round.text,
        due: round.reply_due,
        token,
        request_id: filled.request_id,
        role: &filled.role,
        rows: filled.rows,
        errors,
    };
    Page::of(status, &page)
}

/// The page in the place of the draft, if the link shows it no more.
fn closed(letter: &Letter, round: &Round, now: Timestamp) -> Option<Page> {
    let is_waiting = letter.state == LetterState::WithSchool
        && letter
            .round()
            .is_some_and(|latest| latest.number == round.number);
    if round.reply.is_some() || !is_waiting {
        Some(used())
    } else if now >= round.link_expires {
        Some(expired())
    } else {
        None
    }
}

fn used() -> Page {
    let words = "Your reply is with us, or the letter no longer waits for one.";
    message(StatusCode::GONE, "This link has been used", words)
}

fn expired() -> Page {
    let words = "Its time has passed. Please get in touch if you still want to reply.";
    message(StatusCode::GONE, "This link has expired", words)
}
