//! Radios.

use std::fmt::{self, Display};

use crate::choices::Choices;
use crate::form_group::Group;
use crate::{Attributes, Choice, ErrorMessage, Fieldset, FormGroup, Hint, Html};

/// One choice of several.
#[derive(Clone, Debug, Default)]
pub struct Radios {
    /// The name of all of them in the form.
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
    /// The value that is chosen.
    pub value: Option<String>,
    /// Options of the element around all of it.
    pub form_group: FormGroup,
    /// Further classes, for example `govuk-radios--inline`.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

impl Radios {
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

    fn choices(&self) -> Choices<'_> {
        Choices {
            block: "radios",
            kind: "radio",
            name: &self.name,
            id_prefix: self.id(),
            chosen: self.value.as_slice(),
            described_by: String::new(),
            items: &self.items,
            classes: &self.classes,
            attributes: &self.attributes,
        }
    }
}

impl Display for Radios {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = Group {
            id: self.id(),
            fieldset: self.fieldset.as_ref(),
            hint: self.hint.as_ref(),
            error_message: self.error_message.as_ref(),
            form_group: &self.form_group,
            fields: Html::of(&self.choices()),
        };
        group.fmt(f)
    }
}
