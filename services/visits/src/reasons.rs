//! The page to which the help link of every error leads: docs/errors.md, with an anchor for each
//! reason (R-API-8).

use askama::Template;
use axum::Router;
use axum::response::Html;
use axum::routing::get;
use visits_core::Fault;
use visits_runtime::deps::Pages;

/// Where the page is.
pub(crate) const PATH: &str = "/errors";

/// What the page is made from. `tests/tidy` holds that it has every reason that the code gives.
const DOCUMENT: &str = include_str!("../../../docs/errors.md");

#[derive(Template)]
#[template(path = "reasons.html")]
struct ReasonsPage {
    parts: Vec<Part>,
}

struct Part {
    heading: String,
    rows: Vec<Row>,
}

struct Row {
    reason: String,
    status: String,
    meaning: String,
}

/// The page, ready to be served.
///
/// # Errors
/// `Fatal` if it can't be written.
pub(crate) fn page() -> Result<Pages, Fault> {
    let page = ReasonsPage {
        parts: parts(DOCUMENT),
    };
    let written = page
        .render()
        .map_err(|error| Fault::fatal(format!("the page of reasons: {error}")))?;
    let router = Router::new().route(PATH, get(|| async move { Html(written) }));
    Ok(Pages {
        prefixes: &[PATH],
        routes: router.into(),
    })
}

fn parts(document: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for line in document.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            parts.push(Part {
                heading: heading.to_owned(),
                rows: Vec::new(),
            });
        } else if let (Some(row), Some(part)) = (row(line), parts.last_mut()) {
            part.rows.push(row);
        }
    }
    parts
}

/// "| `REASON` | STATUS | what it says |".
fn row(line: &str) -> Option<Row> {
    let (reason, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
    let (status, meaning) = rest.strip_suffix(" |")?.split_once(" | ")?;
    Some(Row {
        reason: reason.to_owned(),
        status: status.to_owned(),
        meaning: meaning.replace('`', ""),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_of_the_document_has_an_anchor_on_the_page() {
        let parts = parts(DOCUMENT);
        let page = ReasonsPage { parts }.render().expect("page");
        let reasons: Vec<&str> = DOCUMENT
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
            .map(|(reason, _)| reason)
            .collect();
        assert!(reasons.len() > 100, "{}", reasons.len());
        for reason in reasons {
            assert!(page.contains(&format!("<dt id=\"{reason}\">")), "{reason}");
        }
    }
}
