//! Label.

use askama::Template;

use crate::attributes::Markup as _;
use crate::{Attributes, Content};

/// The name of a field.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "label.html")]
pub struct Label {
    /// What it says; without it there is no label.
    pub text: Content,
    /// The id of the field (`for` in HTML). A field fills it in for its own label.
    pub for_id: String,
    /// Whether the label is also the heading of its page.
    pub is_page_heading: bool,
    /// Further classes, for example `govuk-label--l`.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

impl Label {
    /// A label with this text.
    #[must_use]
    pub fn new(text: impl Into<Content>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// The label of the field with this id.
    pub(crate) fn of(&self, id: &str) -> Self {
        Self {
            for_id: id.to_owned(),
            ..self.clone()
        }
    }
}
