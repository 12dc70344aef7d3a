//! The headers of every page: nothing may be loaded but our stylesheet, nobody may frame us, and no
//! address leaks to where a reader goes next.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;

const EVERYWHERE: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// Pages that anybody may read, and caches may keep for a moment.
pub(super) async fn public(response: Response) -> Response {
    with(response, "public, max-age=60")
}

/// Pages behind a link: kept nowhere, and found by no search.
pub(super) async fn private(response: Response) -> Response {
    let mut response = with(response, "no-store");
    let headers = response.headers_mut();
    headers.insert(
        HeaderName::from_static("x-robots-tag"),
        HeaderValue::from_static("noindex, nofollow"),
    );
    response
}

fn with(mut response: Response, cache: &'static str) -> Response {
    let headers = response.headers_mut();
    for (name, value) in EVERYWHERE {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}
