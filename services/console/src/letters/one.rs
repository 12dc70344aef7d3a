//! One letter: the page, and its forms.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use visits_components::Html;
use visits_proto::letters::v1 as pb;
use visits_proto::letters::v1::finding::Severity;

use super::offer::OfLetter;
use super::{PATH, forms, request, view, words};
use crate::day;
use crate::form::{Posted, SignedIn};
use crate::session::Session;
use crate::sheet::{self as page, Desk, Offer as _, Sheet, Tried, link, settle};
use crate::shell::Place;
use crate::state::{App, Shared};
use crate::visits::Asked;
use crate::words::code;

/// The page.
pub(crate) async fn show(
    State(app): State<Shared>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
    Query(asked): Asked,
) -> Response {
    let done = page::done::<OfLetter>(&asked);
    one(&app, &session, &id, done, None).await
}

/// A form of the page.
pub(crate) async fn act(
    State(app): State<Shared>,
    Path((id, action)): Path<(String, String)>,
    posted: Posted,
) -> Response {
    let Posted { session, filled } = posted;
    let Some(offer) = OfLetter::from_path(&action).filter(|_| page::is_uuid(&id)) else {
        return page::nowhere().await;
    };
    let path = format!("{PATH}/{id}");
    let client = app.letters(&session);
    let outcome = request::send(&offer, client, &format!("letters/{id}"), &filled).await;
    let sent = (format!("{path}/{action}"), filled);
    match settle(&app, &session, &path, &action, sent, outcome).await {
        Ok(answer) => answer,
        Err(tried) => one(&app, &session, &id, None, Some(tried)).await,
    }
}

async fn one(
    app: &App,
    session: &Session,
    id: &str,
    done: Option<&'static str>,
    tried: Option<Tried>,
) -> Response {
    let path = format!("{PATH}/{id}");
    if !page::is_uuid(id) {
        return page::nowhere().await;
    }
    let name = format!("letters/{id}");
    let read = pb::GetLetterRequest { name };
    let letter = match app.letters(session).get_letter(read).await {
        Ok(letter) => letter.into_inner(),
        Err(status) => return page::refused(session, &status, &path),
    };
    let school = app.school(session, &letter.school).await;
    let desk = Desk {
        app,
        session,
        tried: tried.as_ref(),
    };
    let offers = OfLetter::of(&letter, session);
    let forms = all_forms(&desk, &letter, &offers).await;
    let about = format!(
        "{}, {}",
        words::kind(letter.kind()),
        day::spoken(&letter.visit_date)
    );
    Sheet::new(session, Place::Letters, school)
        .caption(about)
        .back(PATH, "Back to the letters")
        .done(done)
        .refused(tried.as_ref())
        .and(&page::state(&words::tag(letter.state())))
        .and_if(page::leftover(tried.as_ref(), &offers))
        .and(&view::standing(&letter))
        .and(&page::paragraph(link(
            &format!("/visits/{}", code(&letter.visit)),
            "The visit",
        )))
        .and_all(view::findings(&letter))
        .and_all(view::words(&letter))
        .and_all(forms)
        .and_all(view::rounds(&letter))
        .and_all(view::editions(&letter))
        .answer()
}

async fn all_forms(desk: &Desk<'_>, letter: &pb::Letter, offers: &[OfLetter]) -> Vec<Html> {
    let mut forms = Vec::new();
    for offer in offers {
        let found = match offer {
            OfLetter::Correct => marks_of_typed(desk, letter).await,
            _ => Vec::new(),
        };
        forms.push(forms::form(desk, letter, offer, &found).await);
    }
    forms
}

/// What the text check marks in the text of a new edition that was refused: whoever publishes it
/// confirms it with the text.
async fn marks_of_typed(desk: &Desk<'_>, letter: &pb::Letter) -> Vec<pb::Finding> {
    let Some(text) = desk.tried.and_then(|tried| forms::typed(&tried.filled)) else {
        return Vec::new();
    };
    let request = pb::CheckTextRequest {
        name: letter.name.clone(),
        text: Some(text),
    };
    let checked = desk.app.letters(desk.session).check_text(request).await;
    let found = checked.map(|found| found.into_inner().findings);
    let found = found.unwrap_or_default().into_iter();
    found
        .filter(|found| found.severity() == Severity::Mark)
        .collect()
}
