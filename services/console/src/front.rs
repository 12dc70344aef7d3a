//! The address without a path, and addresses without a page.

use axum::response::Response;

use crate::form::{SignedIn, see};
use crate::page::{Page, message};
use crate::shell;

/// What somebody's role has to see first: the queue for whoever has cases.
pub(crate) async fn home(SignedIn(session): SignedIn) -> Response {
    see(shell::first(&session))
}

/// Whether the console serves: its database was opened before anybody could ask.
pub(crate) async fn ready() -> axum::http::StatusCode {
    axum::http::StatusCode::NO_CONTENT
}

/// There is no such page.
pub(crate) async fn nothing() -> Page {
    message(
        axum::http::StatusCode::NOT_FOUND,
        "Page not found",
        "If you typed the address, check that it is right. Otherwise begin with your first page.",
    )
}
