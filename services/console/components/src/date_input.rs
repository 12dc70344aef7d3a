//! Date input.

use std::fmt::{self, Display};

use askama::Template;

use crate::attributes::Markup as _;
use crate::form_group::Group;
use crate::{Attributes, ErrorMessage, Fieldset, FormGroup, Hint, Html, Input, Label};

/// A date that one knows or has at hand, in three fields.
#[derive(Clone, Debug, Default)]
pub struct DateInput {
    /// Its id, with which the fields' ids begin.
    pub id: String,
    /// What the fields' names in the form begin with.
    pub name_prefix: String,
    /// The legend that they stand under.
    pub fieldset: Option<Fieldset>,
    /// The hint for all of them, for example "For example, 23 10 2020".
    pub hint: Option<Hint>,
    /// What is wrong with the date. The fields at fault say so themselves; if none does, all are.
    pub error_message: Option<ErrorMessage>,
    /// The fields. See [`DateField::day_month_year`].
    pub items: Vec<DateField>,
    /// Options of the element around all of it.
    pub form_group: FormGroup,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

/// A part of a date.
#[derive(Clone, Debug, Default)]
pub struct DateField {
    /// Its name, for example `day`.
    pub name: String,
    /// Its label; its name with a capital letter if empty.
    pub label: String,
    /// Its id; made of the date's id and its name if empty.
    pub id: String,
    /// What is filled in.
    pub value: String,
    /// Whether it is at fault. None leaves it to the date: with an error message and no field that
    /// is said to be at fault, all are.
    pub error: Option<bool>,
    /// What the browser may fill in.
    pub autocomplete: String,
    /// The pattern that the value must match.
    pub pattern: String,
    /// Which keyboard a touch screen offers; `numeric` if empty.
    pub inputmode: String,
    /// Further classes. Without a width among them a year has four digits, all else two.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

impl DateField {
    /// Day, month and year with what is filled in.
    #[must_use]
    pub fn day_month_year(values: [&str; 3]) -> Vec<Self> {
        let [day, month, year] = values;
        let field = |name: &str, value: &str, width: u8| Self {
            name: name.to_owned(),
            value: value.to_owned(),
            classes: format!("govuk-input--width-{width}"),
            ..Self::default()
        };
        vec![
            field("day", day, 2),
            field("month", month, 2),
            field("year", year, 4),
        ]
    }

    /// Its classes, with a width.
    fn sized(&self) -> String {
        if self.classes.contains("govuk-input--width-") {
            return self.classes.clone();
        }
        let width = if self.name == "year" { 4 } else { 2 };
        format!("govuk-input--width-{width}{}", self.classes.more())
    }

    fn label(&self) -> String {
        if !self.label.is_empty() {
            return self.label.clone();
        }
        let mut letters = self.name.chars();
        let first = letters.next().map(char::to_uppercase);
        first.into_iter().flatten().chain(letters).collect()
    }
}

/// The fields of a date, as their template shows them.
#[derive(Template)]
#[template(path = "date_fields.html")]
pub(crate) struct DateFields<'a> {
    date: &'a DateInput,
    inputs: Vec<Input>,
}

impl DateInput {
    /// Day, month and year under this legend.
    #[must_use]
    pub fn new(id: impl Into<String>, fieldset: Fieldset, items: Vec<DateField>) -> Self {
        let id = id.into();
        Self {
            name_prefix: id.clone(),
            id,
            fieldset: Some(fieldset),
            items,
            ..Self::default()
        }
    }

    /// Whether a field says of itself, by its option or by its class, that it is at fault.
    fn says_which(&self) -> bool {
        let mut items = self.items.iter();
        items.any(|item| item.error == Some(true) || item.classes.contains("govuk-input--error"))
    }

    fn is_at_fault(&self, item: &DateField) -> bool {
        let all = self.error_message.is_some() && !self.says_which();
        item.error.unwrap_or(all)
    }

    fn input(&self, item: &DateField) -> Input {
        let or = |given: &str, otherwise: &str| {
            let chosen = if given.is_empty() { otherwise } else { given };
            chosen.to_owned()
        };
        let mut classes = "govuk-date-input__input".to_owned();
        if self.is_at_fault(item) {
            classes.push_str(" govuk-input--error");
        }
        let classes = classes + &item.sized().more().to_string();
        let name = match self.name_prefix.as_str() {
            "" => item.name.clone(),
            prefix => format!("{prefix}-{}", item.name),
        };
        Input {
            id: or(&item.id, &format!("{}-{}", self.id, item.name)),
            name,
            label: Label {
                classes: "govuk-date-input__label".to_owned(),
                ..Label::new(item.label())
            },
            value: item.value.clone(),
            inputmode: or(&item.inputmode, "numeric"),
            autocomplete: item.autocomplete.clone(),
            pattern: item.pattern.clone(),
            classes,
            attributes: item.attributes.clone(),
            ..Input::default()
        }
    }
}

impl Display for DateInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = DateFields {
            date: self,
            inputs: self.items.iter().map(|item| self.input(item)).collect(),
        };
        // A group by its role, so that the hint and the message are read out with each field.
        let fieldset = self.fieldset.as_ref().map(|fieldset| Fieldset {
            role: "group".to_owned(),
            ..fieldset.clone()
        });
        let group = Group {
            id: &self.id,
            fieldset: fieldset.as_ref(),
            hint: self.hint.as_ref(),
            error_message: self.error_message.as_ref(),
            form_group: &self.form_group,
            fields: Html::of(&fields),
        };
        group.fmt(f)
    }
}
