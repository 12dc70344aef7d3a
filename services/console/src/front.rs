//! The address without a path, and addresses without a page.

use axum::response::Response;

use crate::form::{SignedIn, see};
use crate::page::{Page, message};

/// The queue is what there is to see first.
pub(crate) async fn home(_: SignedIn) -> Response {
    see("/queue")
}

/// There is no such page.
pub(crate) async fn nothing() -> Page {
    message(
        axum::http::StatusCode::NOT_FOUND,
        "Page not found",
        "If you typed the address, check that it is right. Otherwise go to the queue.",
    )
}
