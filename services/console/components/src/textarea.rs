//! Textarea.

use askama::Template;

use crate::attributes::Markup as _;
use crate::form_group::describing;
use crate::{Attributes, Content, ErrorMessage, FormGroup, Hint, Label};

/// A field for more than one line of text.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "textarea.html")]
pub struct Textarea {
    /// Its id; its name if empty.
    pub id: String,
    /// Its name in the form.
    pub name: String,
    /// Its label.
    pub label: Label,
    /// Its hint.
    pub hint: Option<Hint>,
    /// What is wrong with what was filled in.
    pub error_message: Option<ErrorMessage>,
    /// What is filled in.
    pub value: String,
    /// How many lines are seen at once; 5 if None.
    pub rows: Option<u16>,
    /// Whether it can't be used now.
    pub disabled: bool,
    /// Ids of further elements that describe it.
    pub described_by: String,
    /// Options of the element around the field.
    pub form_group: FormGroup,
    /// What the browser may fill in, for example `off`.
    pub autocomplete: String,
    /// Whether the browser checks its spelling. None says nothing.
    pub spellcheck: Option<bool>,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

impl Textarea {
    /// A field with this name, which is its id too, and this label.
    #[must_use]
    pub fn new(name: impl Into<String>, label: impl Into<Content>) -> Self {
        Self {
            name: name.into(),
            label: Label::new(label),
            ..Self::default()
        }
    }

    fn id(&self) -> &str {
        if self.id.is_empty() {
            &self.name
        } else {
            &self.id
        }
    }

    fn rows(&self) -> u16 {
        self.rows.unwrap_or(5)
    }

    fn described(&self) -> String {
        let (hint, error) = (self.hint.as_ref(), self.error_message.as_ref());
        describing(&self.described_by, self.id(), hint, error)
    }
}
