//! What a browser is given besides pages, embedded by `build.rs`: everything that lies in `assets`,
//! and one stylesheet. Their address changes with them, so that browsers keep them for ever; modules
//! find each other in the same folder by relative addresses.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// An embedded file, as it is and packed.
struct File {
    name: &'static str,
    plain: &'static [u8],
    packed: &'static [u8],
}

const GZIP: HeaderValue = HeaderValue::from_static("gzip");
const BY_ENCODING: HeaderValue = HeaderValue::from_static("accept-encoding");
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The address of a file.
pub(crate) fn address(name: &str) -> String {
    debug_assert!(FILES.iter().any(|file| file.name == name), "{name}");
    format!("{FOLDER}{name}")
}

/// Hands a file out. A page that was open while the console was replaced is given what is there
/// now, which nobody keeps.
pub(crate) async fn file(
    Path((folder, name)): Path<(String, String)>,
    asked: HeaderMap,
) -> Response {
    let Some(file) = FILES.iter().find(|file| file.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let is_packed = takes_gzip(&asked);
    let bytes = if is_packed { file.packed } else { file.plain };
    let mut response = ([(header::CONTENT_TYPE, kind(file.name))], bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::VARY, BY_ENCODING);
    if is_packed {
        headers.insert(header::CONTENT_ENCODING, GZIP);
    }
    if FOLDER.split('/').any(|part| part == folder) {
        headers.insert(header::CACHE_CONTROL, FOR_EVER);
    }
    response
}

/// Whether a browser unpacks gzip: it names it, and doesn't give it the weight of nothing.
fn takes_gzip(asked: &HeaderMap) -> bool {
    let all = asked.get_all(header::ACCEPT_ENCODING).iter();
    let all = all.filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
        name.trim().eq_ignore_ascii_case("gzip") && weight.parse::<f32>().is_ok_and(|q| q > 0.0)
    })
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
    use std::collections::BTreeSet;

    use super::*;

    fn embedded(name: &str) -> &'static File {
        let found = FILES.iter().find(|file| file.name == name);
        found.expect("embedded")
    }

    fn text(name: &str) -> &'static str {
        std::str::from_utf8(embedded(name).plain).expect("text")
    }

    /// The modules that a page has, with all that they import from us.
    fn with_imports(names: &[&'static str]) -> BTreeSet<&'static str> {
        let mut all = BTreeSet::new();
        let mut waiting = names.to_vec();
        while let Some(name) = waiting.pop() {
            if all.insert(name) {
                let imports = text(name).split("from \"./").skip(1);
                let imports = imports.filter_map(|rest| rest.split('"').next());
                waiting.extend(imports.filter(|name| name.ends_with(".mjs")));
            }
        }
        all
    }

    fn sent(names: &[&'static str]) -> usize {
        let all = with_imports(names).into_iter();
        all.map(|name| embedded(name).packed.len()).sum()
    }

    #[test]
    fn r_con_26_a_page_with_a_feed_is_sent_ten_kilobytes_of_modules_at_most() {
        let live = sent(&["forms.mjs", "console.mjs", "session.mjs", "look.mjs"]);
        assert!(live <= 10 * 1024, "{live} bytes");
        let still = sent(&["forms.mjs", "session.mjs", "look.mjs"]);
        assert!(still <= 4 * 1024, "{still} bytes");
        assert!(!with_imports(&["forms.mjs", "session.mjs"]).contains("console.mjs"));
    }

    #[test]
    fn the_modules_make_no_markup_of_text_and_keep_the_numbers_of_their_lines() {
        for file in FILES.iter().filter(|file| file.name.ends_with(".mjs")) {
            let name = file.name;
            let script = text(name);
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
        let written = include_str!("../assets/console.mjs");
        let embedded = text("console.mjs");
        assert_eq!(embedded.lines().count(), written.lines().count());
        assert!(embedded.len() < written.len() && !embedded.contains("\n//"));
    }

    #[test]
    fn a_browser_that_takes_gzip_is_sent_it_and_no_other_is() {
        let takes = |value: &'static str| {
            let asked = [(header::ACCEPT_ENCODING, HeaderValue::from_static(value))];
            takes_gzip(&asked.into_iter().collect())
        };
        for value in ["gzip", "gzip, deflate, br", "br;q=1.0, GZIP;q=0.5"] {
            assert!(takes(value), "{value}");
        }
        for value in ["", "br", "gzip;q=0", "identity, gzip;q=0.0", "gzipped"] {
            assert!(!takes(value), "{value}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
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
        let asked = |folder: &str| {
            let path = Path((folder.to_owned(), "console.css".to_owned()));
            file(path, HeaderMap::new())
        };
        let ours = asked(folder).await;
        assert_eq!(ours.headers().get(header::CACHE_CONTROL), Some(&FOR_EVER));
        let older = asked("0123456789abcdef").await;
        assert_eq!(older.status(), StatusCode::OK);
        assert_eq!(older.headers().get(header::CACHE_CONTROL), None);
    }
}
