//! Hint.

use askama::Template;

use crate::attributes::Markup as _;
use crate::{Attributes, Content};

/// Help that stands between a field's label and the field.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "hint.html")]
pub struct Hint {
    /// What it says.
    pub text: Content,
    /// Its id. A field fills it in for its own hint.
    pub id: String,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

impl Hint {
    /// A hint with this text.
    #[must_use]
    pub fn new(text: impl Into<Content>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// The hint of the field with this id.
    pub(crate) fn of(&self, id: &str) -> Self {
        Self {
            id: format!("{id}-hint"),
            ..self.clone()
        }
    }
}
