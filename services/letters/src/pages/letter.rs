//! A published letter, its earlier editions, and what stands in the place of a withdrawn one (M37).

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use visits_core::Timestamp;

use super::page::{Page, failed, filters, not_found};
use crate::app::App;
use crate::domain::Letter;
use crate::domain::letter::Edition;

#[derive(Template)]
#[template(path = "letter.html")]
struct LetterPage<'a> {
    school: &'a str,
    urn: &'a str,
    path: String,
    edition: &'a Edition,
    editions: &'a [Edition],
    is_latest: bool,
    sha256: String,
}

#[derive(Template)]
#[template(path = "withdrawn.html")]
struct WithdrawnPage<'a> {
    school: &'a str,
    urn: &'a str,
    at: Timestamp,
    reason: &'a str,
}

/// The letter as it is now.
pub(super) async fn latest(
    State(app): State<App>,
    Path((urn, slug)): Path<(String, String)>,
) -> Page {
    match app.at_address(&urn, &slug).await {
        Ok(Some(letter)) => show(&letter, None),
        Ok(None) => not_found(),
        Err(fault) => failed(&fault),
    }
}

/// An edition of it.
pub(super) async fn edition(
    State(app): State<App>,
    Path((urn, slug, number)): Path<(String, String, String)>,
) -> Page {
    let Ok(number) = number.parse::<u32>() else {
        return not_found();
    };
    match app.at_address(&urn, &slug).await {
        Ok(Some(letter)) => show(&letter, Some(number)),
        Ok(None) => not_found(),
        Err(fault) => failed(&fault),
    }
}

fn show(letter: &Letter, number: Option<u32>) -> Page {
    let (school, urn) = (letter.about.school_name.as_str(), letter.about.urn.as_str());
    if let Some(withdrawal) = &letter.withdrawal {
        let (at, reason) = (withdrawal.at, withdrawal.reason.as_str());
        return Page::of(
            StatusCode::GONE,
            &WithdrawnPage {
                school,
                urn,
                at,
                reason,
            },
        );
    }
    let latest = letter.latest_edition();
    let edition = match number {
        None => latest,
        Some(number) => letter.editions.iter().find(|e| e.number == number),
    };
    let Some(edition) = edition else {
        return not_found();
    };
    let page = LetterPage {
        school,
        urn,
        path: letter.public_path(),
        edition,
        editions: &letter.editions,
        is_latest: latest == Some(edition),
        sha256: edition.text.sha256(),
    };
    Page::of(StatusCode::OK, &page)
}
