//! The public pages: published letters for parents (M3, M37), and the school's page behind a one-time
//! link (M36). Plain HTML from templates that escape every word of a user; no script.

mod check;
mod headers;
mod letter;
mod list;
mod page;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::App;
use page::{Page, not_found};

/// What the paths of all pages begin with one of.
pub static PREFIXES: [&str; 2] = ["/schools/", "/letters"];

/// The largest reply that a school can send.
const FORM_BYTES_MAX: usize = 256 * 1024;

/// The pages of `app`.
pub fn router(app: App) -> Router {
    let public = Router::new()
        .route("/letters", get(list::all))
        .route("/letters.css", get(stylesheet))
        .route("/schools/{urn}/letters", get(list::of_school))
        .route("/schools/{urn}/letters/{slug}", get(letter::latest))
        .route(
            "/schools/{urn}/letters/{slug}/editions/{number}",
            get(letter::edition),
        )
        .fallback(nothing)
        .layer(map_response(headers::public));
    let private = Router::new()
        .route(
            "/letters/check/{token}",
            get(check::show).post(check::reply),
        )
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(map_response(headers::private));
    public.merge(private).with_state(app)
}

async fn stylesheet() -> Response {
    let css = include_str!("../../templates/letters.css");
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], css).into_response()
}

async fn nothing() -> Page {
    not_found()
}
