//! A rendered page, and the pages that say that there is none.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use visits_core::{ErrorKind, Fault};

/// A page to answer with.
pub(super) struct Page {
    status: StatusCode,
    body: Result<String, askama::Error>,
}

impl Page {
    /// The page of `template`.
    pub(super) fn of(status: StatusCode, template: &impl Template) -> Self {
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
    heading: &'a str,
    words: &'a str,
}

/// A page with one thing to say.
pub(super) fn message(status: StatusCode, heading: &str, words: &str) -> Page {
    Page::of(status, &Message { heading, words })
}

/// There is no such page.
pub(super) fn not_found() -> Page {
    let words =
        "If you typed the address, check that it is right. The letter may not be published yet.";
    message(StatusCode::NOT_FOUND, "Page not found", words)
}

/// What went wrong with us: logged, and said without detail.
pub(super) fn failed(fault: &Fault) -> Page {
    let heading = "Sorry, there is a problem with the service";
    if fault.is_retryable() {
        let words = "Try again in a moment. What you typed has not been kept.";
        return message(StatusCode::SERVICE_UNAVAILABLE, heading, words);
    }
    if fault.kind == ErrorKind::InvalidInput {
        return message(
            StatusCode::BAD_REQUEST,
            heading,
            "The page was sent in a form that we can't read.",
        );
    }
    tracing::error!(reason = fault.reason, "a page failed: {fault}");
    message(
        StatusCode::INTERNAL_SERVER_ERROR,
        heading,
        "Try again later.",
    )
}

/// How templates write instants.
pub(super) mod filters {
    use visits_core::{Timestamp, london};

    /// `13 October 2020`, as England's clocks have it.
    #[askama::filter_fn]
    pub fn day(at: &Timestamp, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(crate::domain::compose::spoken(london::date(*at)))
    }

    /// `Tuesday 13 October 2020 at 5:00pm BST`.
    #[askama::filter_fn]
    pub fn spoken(at: &Timestamp, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(london::spoken(*at))
    }
}
