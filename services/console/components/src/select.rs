//! Select.

use askama::Template;

use crate::attributes::Markup as _;
use crate::form_group::describing;
use crate::{Attributes, Content, ErrorMessage, FormGroup, Hint, Label};

/// One of many options. Radios are easier to use while there are few.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "select.html")]
pub struct Select {
    /// Its id; its name if empty.
    pub id: String,
    /// Its name in the form.
    pub name: String,
    /// Its label.
    pub label: Label,
    /// Its hint.
    pub hint: Option<Hint>,
    /// What is wrong with what was chosen.
    pub error_message: Option<ErrorMessage>,
    /// The options.
    pub items: Vec<SelectItem>,
    /// The value (or the text, where an option has no value) that is chosen.
    pub value: Option<String>,
    /// Whether it can't be used now.
    pub disabled: bool,
    /// Ids of further elements that describe it.
    pub described_by: String,
    /// Options of the element around the field.
    pub form_group: FormGroup,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

/// An option of a select.
#[derive(Clone, Debug, Default)]
pub struct SelectItem {
    /// What the form sends for it; the text if None.
    pub value: Option<String>,
    /// What it says.
    pub text: String,
    /// Whether it is chosen. None leaves it to the select's value.
    pub selected: Option<bool>,
    /// Whether it can't be chosen now.
    pub disabled: bool,
    /// Further attributes.
    pub attributes: Attributes,
}

impl SelectItem {
    /// An option with its value.
    #[must_use]
    pub fn new(value: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            value: Some(value.into()),
            text: text.into(),
            ..Self::default()
        }
    }
}

impl Select {
    /// A select with this name, which is its id too, and this label.
    #[must_use]
    pub fn new(name: impl Into<String>, label: impl Into<Content>, items: Vec<SelectItem>) -> Self {
        Self {
            name: name.into(),
            label: Label::new(label),
            items,
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

    fn described(&self) -> String {
        let (hint, error) = (self.hint.as_ref(), self.error_message.as_ref());
        describing(&self.described_by, self.id(), hint, error)
    }

    fn is_selected(&self, item: &SelectItem) -> bool {
        let sent = item.value.as_ref().unwrap_or(&item.text);
        let chosen = self.value.as_ref() == Some(sent);
        item.selected.unwrap_or(chosen)
    }
}
