//! Error message.

use askama::Template;

use crate::attributes::Markup as _;
use crate::{Attributes, Content};

/// What is wrong with what was filled in.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "error_message.html")]
pub struct ErrorMessage {
    /// What is wrong, and how to put it right.
    pub text: Content,
    /// What is read out before it; None says "Error", an empty text nothing.
    pub visually_hidden_text: Option<String>,
    /// Its id. A field fills it in for its own message.
    pub id: String,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

impl ErrorMessage {
    /// A message with this text.
    #[must_use]
    pub fn new(text: impl Into<Content>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// The message of the field with this id.
    pub(crate) fn of(&self, id: &str) -> Self {
        Self {
            id: format!("{id}-error"),
            ..self.clone()
        }
    }

    fn spoken_first(&self) -> &str {
        self.visually_hidden_text.as_deref().unwrap_or("Error")
    }
}
