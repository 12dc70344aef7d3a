//! Button.

use askama::Template;

use crate::attributes::Markup as _;
use crate::{Attributes, Content};

/// A button, or a link in the shape of one.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "button.html")]
pub struct Button {
    /// What the button says.
    pub text: Content,
    /// `submit` (also if empty), `button` or `reset`; without effect on a link.
    pub kind: String,
    /// Its name in the form.
    pub name: String,
    /// Its value in the form.
    pub value: String,
    /// Whether it can't be used now.
    pub disabled: bool,
    /// Makes it a link to this address.
    pub href: String,
    /// Whether a second click within a second is ignored (needs JavaScript). None says nothing.
    pub prevent_double_click: Option<bool>,
    /// Whether it is the call to action of a start page.
    pub is_start_button: bool,
    /// Its id.
    pub id: String,
    /// Further classes, for example `govuk-button--secondary` or `govuk-button--warning`.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

impl Button {
    /// A button that sends the form.
    #[must_use]
    pub fn new(text: impl Into<Content>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// A button for what is not the page's first thing to do.
    #[must_use]
    pub fn secondary(text: impl Into<Content>) -> Self {
        Self {
            classes: "govuk-button--secondary".to_owned(),
            ..Self::new(text)
        }
    }

    fn kind(&self) -> &str {
        if self.kind.is_empty() {
            "submit"
        } else {
            &self.kind
        }
    }
}
