//! What a browser is given besides pages, embedded by `build.rs`: everything that lies in `assets`,
//! and one stylesheet. Their address changes with them, so that browsers keep them for ever; modules
//! find each other in the same folder by relative addresses.

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The address of a file.
pub(crate) fn address(name: &str) -> String {
    debug_assert!(FILES.iter().any(|(known, _)| *known == name), "{name}");
    format!("{FOLDER}{name}")
}

/// Hands a file out. A page that was open while the console was replaced is given what is there
/// now, which nobody keeps.
pub(crate) async fn file(Path((folder, name)): Path<(String, String)>) -> Response {
    let Some((name, bytes)) = FILES.iter().find(|(known, _)| *known == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = ([(header::CONTENT_TYPE, kind(name))], *bytes).into_response();
    if FOLDER.split('/').any(|part| part == folder) {
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, FOR_EVER);
    }
    response
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("wav") => "audio/wav",
        Some("mp3") => "audio/mpeg",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str) -> &'static str {
        let found = FILES.iter().find(|(known, _)| *known == name);
        let (_, bytes) = found.expect("embedded");
        std::str::from_utf8(bytes).expect("text")
    }

    #[test]
    fn the_modules_are_small_and_make_no_markup_of_text() {
        for (name, _) in FILES.iter().filter(|(name, _)| name.ends_with(".mjs")) {
            let script = text(name);
            assert!(script.len() < 9 * 1024, "{name}: {} bytes", script.len());
            for sink in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "eval(",
                "document.write",
            ] {
                assert!(!script.contains(sink), "{name}: {sink}");
            }
        }
    }

    #[test]
    fn r_con_28_the_stylesheet_has_neither_the_typeface_nor_the_crown_nor_anything_from_elsewhere()
    {
        let style = text("console.css");
        assert!(style.contains(".govuk-summary-list"));
        for theirs in ["GDS Transport", "@font-face", "crest", "url(", "@import"] {
            assert!(!style.contains(theirs), "{theirs}");
        }
    }

    #[tokio::test]
    async fn a_file_is_kept_for_ever_under_its_own_address_and_never_under_another() {
        let folder = FOLDER.trim_matches('/').rsplit('/').next().expect("folder");
        let asked = |folder: &str| file(Path((folder.to_owned(), "console.css".to_owned())));
        let ours = asked(folder).await;
        assert_eq!(ours.headers().get(header::CACHE_CONTROL), Some(&FOR_EVER));
        let older = asked("0123456789abcdef").await;
        assert_eq!(older.status(), StatusCode::OK);
        assert_eq!(older.headers().get(header::CACHE_CONTROL), None);
    }
}
