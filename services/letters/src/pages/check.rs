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

/// So many corrections the page has room for at first, and at most: a button asks for one more.
const ROWS_AT_FIRST: usize = 3;
const ROWS_MOST: usize = 40;

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

impl CheckPage<'_> {
    /// What is wrong with a field.
    fn error(&self, field: &str) -> Option<&str> {
        let error = self.errors.iter().find(|error| error.field == field)?;
        Some(&error.words)
    }

    fn passage_error(&self, row: &Row) -> Option<&str> {
        self.error(&format!("passage-{}", row.number))
    }

    fn correction_error(&self, row: &Row) -> Option<&str> {
        self.error(&format!("correction-{}", row.number))
    }

    fn may_have_more(&self) -> bool {
        self.rows.len() < ROWS_MOST
    }
}

#[derive(Clone, Default)]
struct Row {
    number: usize,
    passage: String,
    correction: String,
}

impl Row {
    fn is_empty(&self) -> bool {
        self.passage.trim().is_empty() && self.correction.trim().is_empty()
    }
}

/// So many empty rows.
fn rows(count: usize) -> Vec<Row> {
    let row = |number| Row {
        number,
        ..Row::default()
    };
    (1..=count).map(row).collect()
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
    /// Whether it asks for room for one more correction, and replies nothing yet.
    wants_more: bool,
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
        rows: rows(ROWS_AT_FIRST),
        wants_more: false,
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
    if filled.wants_more {
        return form(StatusCode::OK, &letter, &round, &token, filled, Vec::new());
    }
    match take(&app, &letter, &round, &filled).await {
        Ok(()) => message(
            StatusCode::OK,
            "Thank you: we have your reply",
            "We answer each correction before the letter is published.",
        ),
        Err(fault) if !fault.violations.is_empty() => {
            let violations = fault.violations.iter();
            let errors = violations
                .map(|found| problem(found, &filled.rows))
                .collect();
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
        .filter(|row| !row.is_empty())
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
    let wants_more = fields.iter().any(|(name, _)| name == "more");
    let asked = fields.iter().find(|(name, _)| name == "rows");
    let asked = asked.and_then(|(_, count)| count.parse().ok());
    let count = asked.unwrap_or(ROWS_AT_FIRST) + usize::from(wants_more);
    let mut filled = Filled {
        request_id: String::new(),
        role: String::new(),
        rows: rows(count.clamp(ROWS_AT_FIRST, ROWS_MOST)),
        wants_more,
    };
    for (name, value) in fields {
        // Browsers send line ends as CR LF.
        let value = value.replace("\r\n", "\n");
        match name.as_str() {
            "request_id" => filled.request_id = value,
            "respondent_role" => filled.role = value,
            _ => fill(&mut filled.rows, &name, value),
        }
    }
    filled
}

fn fill(rows: &mut [Row], name: &str, value: String) {
    let Some((part, number)) = name.split_once('-') else {
        return;
    };
    let Some(row) = rows.iter_mut().find(|row| row.number.to_string() == number) else {
        return;
    };
    match part {
        "passage" => row.passage = value,
        "correction" => row.correction = value,
        _ => {}
    }
}

/// What is wrong, at its field. The corrections of a request are those rows that are not empty.
fn problem(violation: &visits_core::FieldViolation, rows: &[Row]) -> Problem {
    let what = &violation.description;
    let is_missing = what.starts_with("is required");
    let said = |field: &str, missing: &str, name: &str| Problem {
        field: field.to_owned(),
        words: if is_missing {
            missing.to_owned()
        } else {
            format!("{name} {what}")
        },
    };
    let field = violation.field.as_str();
    if field == "respondent_role" {
        let missing = "Enter your role at the school, such as headteacher";
        return said(field, missing, "Your role at the school");
    }
    let place = field
        .strip_prefix("corrections[")
        .and_then(|rest| rest.split_once(']'));
    let Some((index, part)) = place else {
        return said("main", "The form is not complete", "The form");
    };
    let mut filled = rows.iter().filter(|row| !row.is_empty());
    let row = index.parse().ok().and_then(|index| filled.nth(index));
    let number = row.map_or(1, |row| row.number);
    let (id, missing) = if part == ".passage" {
        ("passage", "enter the passage that is not accurate")
    } else {
        ("correction", "enter what would be accurate")
    };
    let field = format!("{id}-{number}");
    let missing = format!("Correction {number}: {missing}");
    said(&field, &missing, &format!("Correction {number}: this text"))
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
