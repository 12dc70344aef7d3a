//! The lists of published letters.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use visits_core::Fault;
use visits_runtime::paging::{Asked as AskedPage, Paging};

use super::page::{Page, failed, not_found};
use crate::app::App;
use crate::domain::{Letter, State as LetterState};
use crate::store::search::{PUBLISHED, Wanted, part};

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage {
    heading: String,
    here: String,
    letters: Vec<Entry>,
    next: String,
}

struct Entry {
    path: String,
    title: String,
    corrected: bool,
    withdrawn: bool,
}

type Asked = Query<BTreeMap<String, String>>;

/// All of them, the newest visit first.
pub(super) async fn all(State(app): State<App>, Query(asked): Asked) -> Page {
    let heading = "Letters about school visits".to_owned();
    page(
        &app,
        heading,
        "/letters".to_owned(),
        Wanted::default(),
        &asked,
    )
    .await
}

/// Those about one school.
pub(super) async fn of_school(
    State(app): State<App>,
    Path(urn): Path<String>,
    Query(asked): Asked,
) -> Page {
    if urn.len() != 6 || !urn.bytes().all(|b| b.is_ascii_digit()) {
        return not_found();
    }
    let heading = format!("Letters about the school with URN {urn}");
    let here = format!("/schools/{urn}/letters");
    let wanted = Wanted {
        urn: Some(urn),
        ..Wanted::default()
    };
    page(&app, heading, here, wanted, &asked).await
}

async fn page(
    app: &App,
    heading: String,
    here: String,
    wanted: Wanted,
    asked: &BTreeMap<String, String>,
) -> Page {
    let token = asked.get("page").map_or("", String::as_str);
    match letters(app, &here, &wanted, token).await {
        Ok((letters, next)) => Page::of(
            StatusCode::OK,
            &ListPage {
                heading,
                here,
                letters,
                next,
            },
        ),
        Err(fault) => failed(&fault),
    }
}

async fn letters(
    app: &App,
    here: &str,
    wanted: &Wanted,
    token: &str,
) -> Result<(Vec<Entry>, String), Fault> {
    let asked = AskedPage {
        page_token: token,
        within: here,
        ..AskedPage::default()
    };
    let paging = Paging::read(&asked, &PUBLISHED)?;
    let mut found = app.published_letters(wanted, &paging.page).await?;
    let next = paging.finish(&mut found, part);
    Ok((found.iter().map(|each| entry(&each.value)).collect(), next))
}

fn entry(letter: &Letter) -> Entry {
    let title = letter
        .latest_edition()
        .map_or("", |edition| &edition.text.title);
    Entry {
        path: letter.public_path(),
        title: title.to_owned(),
        corrected: letter.state == LetterState::Corrected,
        withdrawn: letter.state == LetterState::Withdrawn,
    }
}
