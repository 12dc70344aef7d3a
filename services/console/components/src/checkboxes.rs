//! Checkboxes.

use std::fmt::{self, Display};

use crate::attributes::described_by;
use crate::choices::Choices;
use crate::form_group::{Group, describing};
use crate::{Attributes, Choice, ErrorMessage, Fieldset, FormGroup, Hint, Html};

/// Any number of several choices.
#[derive(Clone, Debug, Default)]
pub struct Checkboxes {
    /// The name of all of them in the form, where a choice has none of its own.
    pub name: String,
    /// What their ids begin with; the name if empty. It is the first one's id.
    pub id_prefix: String,
    /// The legend that they stand under.
    pub fieldset: Option<Fieldset>,
    /// The hint for all of them.
    pub hint: Option<Hint>,
    /// What is wrong with what was chosen.
    pub error_message: Option<ErrorMessage>,
    /// The choices, and dividers between them.
    pub items: Vec<Choice>,
    /// The values that are chosen.
    pub values: Vec<String>,
    /// Ids of further elements that describe them.
    pub described_by: String,
    /// Options of the element around all of it.
    pub form_group: FormGroup,
    /// Further classes, for example `govuk-checkboxes--small`.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

impl Checkboxes {
    /// Choices with this name, which their ids begin with, under this legend.
    #[must_use]
    pub fn new(name: impl Into<String>, fieldset: Fieldset, items: Vec<Choice>) -> Self {
        Self {
            name: name.into(),
            fieldset: Some(fieldset),
            items,
            ..Self::default()
        }
    }

    fn id(&self) -> &str {
        if self.id_prefix.is_empty() {
            &self.name
        } else {
            &self.id_prefix
        }
    }

    /// Without a legend there is nothing but the choices themselves to describe.
    fn described(&self) -> String {
        if self.fieldset.is_some() {
            return String::new();
        }
        let (hint, error) = (self.hint.as_ref(), self.error_message.as_ref());
        describing(&self.described_by, self.id(), hint, error)
    }

    fn choices(&self) -> Choices<'_> {
        Choices {
            block: "checkboxes",
            kind: "checkbox",
            name: &self.name,
            id_prefix: self.id(),
            chosen: &self.values,
            described_by: self.described(),
            items: &self.items,
            classes: &self.classes,
            attributes: &self.attributes,
        }
    }

    fn fieldset(&self) -> Option<Fieldset> {
        self.fieldset.as_ref().map(|fieldset| Fieldset {
            described_by: described_by(&[&self.described_by, &fieldset.described_by]),
            ..fieldset.clone()
        })
    }
}

impl Display for Checkboxes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fieldset = self.fieldset();
        let group = Group {
            id: self.id(),
            fieldset: fieldset.as_ref(),
            hint: self.hint.as_ref(),
            error_message: self.error_message.as_ref(),
            form_group: &self.form_group,
            fields: Html::of(&self.choices()),
        };
        group.fmt(f)
    }
}
