//! The stylesheet and the one module of script, embedded.

use axum::http::header;
use axum::response::{IntoResponse, Response};

/// How the pages look.
pub(crate) async fn stylesheet() -> Response {
    let css = include_str!("../assets/console.css");
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], css).into_response()
}

/// The live feed in the browser.
pub(crate) async fn module() -> Response {
    let script = include_str!("../assets/console.mjs");
    let kind = "text/javascript; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], script).into_response()
}

/// What stands in a browser's tab.
pub(crate) async fn icon() -> Response {
    let icon = include_str!("../assets/icon.svg");
    ([(header::CONTENT_TYPE, "image/svg+xml")], icon).into_response()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_module_is_small_and_makes_no_markup_of_text() {
        let script = include_str!("../assets/console.mjs");
        assert!(script.len() < 9 * 1024, "{} bytes", script.len());
        for sink in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "eval(",
            "document.write",
        ] {
            assert!(!script.contains(sink), "{sink}");
        }
    }
}
