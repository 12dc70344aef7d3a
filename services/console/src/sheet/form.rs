//! A form of a page: empty, as it was sent and refused, or as it was kept while its user signed in
//! again (R-CON-31).

use askama::Template;
use visits_components::{Button, Html};

use super::fields::Fields;
use super::sent::Tried;
use crate::form::{Filled, TOKEN};
use crate::problem::Problem;
use crate::session::Session;
use crate::state::App;

/// Where the forms of one page come from.
pub(crate) struct Desk<'a> {
    /// The console.
    pub(crate) app: &'a App,
    /// Whose page it is.
    pub(crate) session: &'a Session,
    /// What was sent from this page a moment ago, and refused.
    pub(crate) tried: Option<&'a Tried>,
}

/// A form before it has its fields.
pub(crate) struct Begun {
    action: String,
    form_token: String,
    request_id: String,
    filled: Filled,
    problem: Option<Problem>,
    is_kept: bool,
}

/// A form of a page.
#[derive(Template)]
#[template(path = "sheet_form.html")]
struct Form {
    heading: String,
    action: String,
    is_kept: bool,
    hidden: Vec<(&'static str, String)>,
    fields: Vec<Html>,
    button: Button,
}
impl askama::filters::HtmlSafe for Form {}

impl Desk<'_> {
    /// The form that is sent to `action`, filled in as `empty` says if nobody has yet.
    pub(crate) async fn begin(&self, action: String, empty: Filled) -> Begun {
        let mut begun = Begun {
            form_token: self.session.form_token.clone(),
            request_id: self.app.request_id(),
            filled: empty,
            problem: None,
            is_kept: false,
            action,
        };
        if let Some(tried) = self.tried.filter(|tried| tried.action == begun.action) {
            begun.filled = tried.filled.clone();
            begun.problem = Some(tried.problem.clone());
            return begun;
        }
        let principal = &self.session.actor.principal;
        if let Some(kept) = self.app.drafts.of(principal, &begun.action).await {
            begun.filled = kept;
            begun.is_kept = true;
        }
        begun
    }
}

impl Begun {
    /// Its fields.
    pub(crate) fn fields(&self) -> Fields<'_> {
        Fields {
            filled: &self.filled,
            problem: self.problem.as_ref(),
        }
    }

    /// The form with these fields, about what was read as `etag`.
    pub(crate) fn with(self, heading: &str, fields: Vec<Html>, etag: &str, button: &str) -> Html {
        self.carrying(
            heading,
            fields,
            vec![("etag", etag.to_owned())],
            Button::new(button),
        )
    }

    /// The form with further hidden fields and a button of its own.
    pub(crate) fn carrying(
        self,
        heading: &str,
        fields: Vec<Html>,
        carried: Vec<(&'static str, String)>,
        button: Button,
    ) -> Html {
        let mut hidden = vec![(TOKEN, self.form_token), ("request_id", self.request_id)];
        hidden.extend(carried);
        Html::of(&Form {
            heading: heading.to_owned(),
            action: self.action,
            is_kept: self.is_kept,
            hidden,
            fields,
            button,
        })
    }
}
