//! What becomes of a form that was sent: a page of its own, or the page again with what was typed.

use axum::response::{IntoResponse, Response};
use tonic::Code;
use visits_components::{Html, InsetText};

use crate::form::{Filled, see};
use crate::page;
use crate::problem::Problem;
use crate::session::Session;
use crate::sign_in;
use crate::state::App;

/// A form that was refused.
#[derive(Debug)]
pub(crate) struct Tried {
    /// The address that it was sent to.
    pub(crate) action: String,
    /// What it held.
    pub(crate) filled: Filled,
    /// Why it was refused.
    pub(crate) problem: Problem,
}

/// The texts that somebody may have spent time on.
const TEXTS: [&str; 9] = [
    "note",
    "reason",
    "rationale",
    "finding-1",
    "change_note",
    "recipient",
    "respondent_role",
    "passage-1",
    "correction-1",
];

impl Tried {
    /// What was asked of a list and refused: its form asks for a page and changes nothing.
    pub(crate) fn on_a_list(problem: Problem) -> Self {
        Self {
            action: String::new(),
            filled: Filled::default(),
            problem,
        }
    }

    /// What was typed, where the form that it was typed into is offered no more.
    pub(crate) fn leftover(&self) -> Option<Html> {
        let texts = TEXTS.map(|name| self.filled.get(name));
        let texts: Vec<_> = texts
            .into_iter()
            .filter(|text| !text.trim().is_empty())
            .collect();
        (!texts.is_empty()).then(|| {
            let lines = ["What you wrote, not recorded:"].into_iter().chain(texts);
            Html::of(&InsetText {
                text: super::stack(lines).into(),
                ..InsetText::default()
            })
        })
    }
}

/// The answer to a form that was sent to `action` from the page at `page`: a redirect to that page
/// if it was recorded. What was refused for good is handed back, for the page to show.
///
/// # Errors
/// The form as it was sent and why it was refused.
pub(crate) async fn settle(
    app: &App,
    session: &Session,
    page: &str,
    done: &str,
    (action, filled): (String, Filled),
    outcome: Result<(), Problem>,
) -> Result<Response, Tried> {
    let principal = &session.actor.principal;
    match outcome {
        Ok(()) => {
            app.drafts.forget(principal, &action).await;
            Ok(see(&format!("{page}?done={done}")))
        }
        Err(problem) if problem.code == Code::Unauthenticated => {
            app.drafts.keep(principal, &action, &filled).await;
            Ok(sign_in::first(page, sign_in::Note::Kept))
        }
        Err(problem) if problem.is_passing() => {
            let page = page::not_recorded(session, &problem, &action, &filled);
            Ok(page.into_response())
        }
        Err(problem) => Err(Tried {
            action,
            filled,
            problem,
        }),
    }
}
