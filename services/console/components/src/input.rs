//! Text input.

use askama::Template;

use crate::attributes::Markup as _;
use crate::form_group::describing;
use crate::{Attributes, Content, ErrorMessage, FormGroup, Hint, Label};

/// A field for one line of text.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "input.html")]
pub struct Input {
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
    /// Its type in HTML; `text` if empty.
    pub kind: String,
    /// Which keyboard a touch screen offers.
    pub inputmode: String,
    /// Whether it can't be used now.
    pub disabled: bool,
    /// Ids of further elements that describe it.
    pub described_by: String,
    /// What stands before the field, for example a currency.
    pub prefix: Option<Affix>,
    /// What stands after the field, for example a unit.
    pub suffix: Option<Affix>,
    /// Options of the element around the field.
    pub form_group: FormGroup,
    /// Further classes of the element around prefix, field and suffix.
    pub wrapper_classes: String,
    /// Further attributes of the element around prefix, field and suffix.
    pub wrapper_attributes: Attributes,
    /// What the browser may fill in, for example `off`.
    pub autocomplete: String,
    /// The pattern that the value must match.
    pub pattern: String,
    /// Whether the browser checks its spelling. None says nothing.
    pub spellcheck: Option<bool>,
    /// Whether a touch screen's keyboard begins with capitals.
    pub autocapitalize: String,
    /// Further classes, for example `govuk-input--width-10`.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

/// A text beside a field, for the eye only: the label says it too.
#[derive(Clone, Debug, Default)]
pub struct Affix {
    /// What it says.
    pub text: Content,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

impl Input {
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

    fn kind(&self) -> &str {
        if self.kind.is_empty() {
            "text"
        } else {
            &self.kind
        }
    }

    fn described(&self) -> String {
        let (hint, error) = (self.hint.as_ref(), self.error_message.as_ref());
        describing(&self.described_by, self.id(), hint, error)
    }
}
