//! The address without a path, and addresses without a page.

use axum::response::Response;

use crate::form::{SignedIn, see};
use crate::page::{self, Page};
use crate::shell::{self, Place, Shell};

/// What somebody's role has to see first: the queue for whoever has cases.
pub(crate) async fn home(SignedIn(session): SignedIn) -> Response {
    see(shell::first(&session))
}

/// Whether the console serves: its database was opened before anybody could ask.
pub(crate) async fn ready() -> axum::http::StatusCode {
    axum::http::StatusCode::NO_CONTENT
}

/// An address without a page, for whoever asks for it.
pub(crate) async fn absent(signed_in: Result<SignedIn, Response>) -> Page {
    match signed_in {
        Ok(SignedIn(session)) => page::absent(Shell::of(&session, Place::Elsewhere)),
        Err(_) => nothing().await,
    }
}

/// There is no such page.
pub(crate) async fn nothing() -> Page {
    page::absent(Shell::of_nobody())
}
