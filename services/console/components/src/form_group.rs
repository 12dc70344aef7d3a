//! What goes around a field, and around a group of fields under one legend.

use askama::Template;

use crate::attributes::{Markup as _, described_by};
use crate::{Attributes, ErrorMessage, Fieldset, Hint, Html};

/// Options of the element around a field with its label, hint and error message.
#[derive(Clone, Debug, Default)]
pub struct FormGroup {
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
    /// What follows the field or the fields within the element.
    pub after_input: Html,
}

/// The ids of what describes the field with the id `id`: those given, its hint, its error message.
pub(crate) fn describing(
    given: &str,
    id: &str,
    hint: Option<&Hint>,
    error: Option<&ErrorMessage>,
) -> String {
    let hint = hint.map_or_else(String::new, |hint| hint.of(id).id);
    let error = error.map_or_else(String::new, |error| error.of(id).id);
    described_by(&[given, &hint, &error])
}

/// Fields that belong together, with one hint and one error message, under a legend or bare.
#[derive(Template)]
#[template(path = "group.html")]
pub(crate) struct Group<'a> {
    pub(crate) id: &'a str,
    pub(crate) fieldset: Option<&'a Fieldset>,
    pub(crate) hint: Option<&'a Hint>,
    pub(crate) error_message: Option<&'a ErrorMessage>,
    pub(crate) form_group: &'a FormGroup,
    pub(crate) fields: Html,
}

impl Group<'_> {
    fn inner(&self) -> Html {
        let mut inner = Html::default();
        if let Some(hint) = self.hint {
            inner = inner.and(&hint.of(self.id));
        }
        if let Some(error) = self.error_message {
            inner = inner.and(&error.of(self.id));
        }
        inner.and(&self.fields).and(&self.form_group.after_input)
    }

    fn around(&self, fieldset: &Fieldset) -> Fieldset {
        let described = describing("", self.id, self.hint, self.error_message);
        fieldset.around(self.inner(), &described)
    }
}
