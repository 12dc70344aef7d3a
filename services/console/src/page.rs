//! A rendered page, what stands on each of them, and the pages that have one thing to say.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use crate::form::Filled;
use crate::problem::Problem;
use crate::session::Session;
use crate::shell::{Place, Shell};
use crate::words;

/// A page to answer with.
pub(crate) struct Page {
    status: StatusCode,
    body: Result<String, askama::Error>,
}

impl Page {
    /// The page of `template`.
    pub(crate) fn of(status: StatusCode, template: &impl Template) -> Self {
        Self {
            status,
            body: template.render(),
        }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        match self.body {
            Ok(body) => (self.status, Html(body)).into_response(),
            Err(error) => {
                tracing::error!(%error, "a page could not be rendered");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    shell: Shell,
    heading: &'a str,
    words: &'a str,
    help: Option<&'a str>,
    retry: Option<Retry<'a>>,
}

/// A form as it was sent, to be sent once more.
struct Retry<'a> {
    action: &'a str,
    form_token: &'a str,
    fields: Vec<(&'a str, &'a str)>,
}

/// A page with one thing to say.
pub(crate) fn message(status: StatusCode, heading: &str, words: &str) -> Page {
    let page = Message {
        shell: Shell::of_nobody(),
        heading,
        words,
        help: None,
        retry: None,
    };
    Page::of(status, &page)
}

/// There is no such page.
pub(crate) fn absent(shell: Shell) -> Page {
    let page = Message {
        shell,
        heading: "Page not found",
        words: "If you typed the address, check that it is right. Otherwise begin with your first page.",
        help: None,
        retry: None,
    };
    Page::of(StatusCode::NOT_FOUND, &page)
}

/// A form that was not ours, or of a session that was another.
pub(crate) fn forged() -> Page {
    message(
        StatusCode::FORBIDDEN,
        "That form can’t be used",
        "Nothing was recorded. Open the page again and fill it in from there.",
    )
}

/// Nobody can be told apart at the moment.
pub(crate) fn unanswered() -> Page {
    message(
        StatusCode::SERVICE_UNAVAILABLE,
        "Sorry, there is a problem with the service",
        "Who you are can’t be looked up at the moment. Reload the page in a while.",
    )
}

/// As [`unanswered`], about a form: what was typed stays, and can be sent once more.
pub(crate) fn not_taken(action: &str, filled: &Filled) -> Page {
    let retry = Retry {
        action,
        form_token: filled.get(crate::form::TOKEN),
        fields: filled.all().collect(),
    };
    let page = Message {
        shell: Shell::of_nobody(),
        heading: "Not recorded",
        words: "Who you are can’t be looked up at the moment.",
        help: None,
        retry: Some(retry),
    };
    Page::of(StatusCode::SERVICE_UNAVAILABLE, &page)
}

/// A form that can't be read at all.
pub(crate) fn unreadable(status: StatusCode) -> Response {
    let words = "Nothing was recorded. What was sent is too long, or is no form of this service.";
    message(status, "That form can’t be read", words).into_response()
}

/// A service's refusal, where there is no page to show it on.
pub(crate) fn failed(session: &Session, problem: &Problem) -> Page {
    failed_with(session, problem, None)
}

/// As [`failed`], about a form: what was typed stays, and the same request can be sent once more.
pub(crate) fn not_recorded(
    session: &Session,
    problem: &Problem,
    action: &str,
    filled: &Filled,
) -> Page {
    let retry = Retry {
        action,
        form_token: &session.form_token,
        fields: filled.all().collect(),
    };
    failed_with(session, problem, Some(retry))
}

fn failed_with(session: &Session, problem: &Problem, retry: Option<Retry<'_>>) -> Page {
    let page = Message {
        shell: Shell::of(session, Place::Elsewhere),
        heading: problem.heading(),
        words: problem.plainly(),
        help: problem.help.as_deref(),
        retry,
    };
    Page::of(problem.status, &page)
}

/// `Duty desk` in a sentence's middle.
pub(crate) fn decider(region: &str) -> String {
    format!("Regional Director, {}", words::region(region))
}
