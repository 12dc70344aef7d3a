//! The fields of a form, with what was filled in and what is wrong with it.

use visits_components::{
    CharacterCount, Checkboxes, Choice, DateField, DateInput, ErrorMessage, Fieldset, Hint, Html,
    Input, Radios, Select, SelectItem, Textarea,
};

use super::sent::Tried;
use crate::form::Filled;
use crate::problem::Problem;

/// What a form was filled in with, and why it was refused.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    pub(super) filled: &'a Filled,
    pub(super) problem: Option<&'a Problem>,
}

impl<'a> Fields<'a> {
    /// The fields of a form that asks for something to be found: nothing is refused in place.
    pub(crate) const fn of(filled: &'a Filled) -> Self {
        let problem = None;
        Self { filled, problem }
    }

    /// The same with what was wrong with it.
    pub(crate) fn refused(mut self, tried: Option<&'a Tried>) -> Self {
        self.problem = tried.map(|tried| &tried.problem);
        self
    }

    fn value(&self, name: &str) -> String {
        self.filled.get(name).to_owned()
    }

    fn error(&self, name: &str) -> Option<ErrorMessage> {
        self.problem?.about(name).map(ErrorMessage::new)
    }

    /// Whether something was typed into a field, or is wrong with it.
    pub(crate) fn says(&self, name: &str) -> bool {
        !self.filled.get(name).is_empty() || self.error(name).is_some()
    }

    /// One line of text.
    pub(crate) fn line(&self, name: &str, label: &str, hint: &str) -> Html {
        Html::of(&Input {
            hint: some(hint),
            error_message: self.error(name),
            value: self.value(name),
            autocomplete: "off".to_owned(),
            ..Input::new(name, label)
        })
    }

    /// One line for a number or a code.
    pub(crate) fn short(&self, name: &str, label: &str, hint: &str) -> Html {
        Html::of(&Input {
            hint: some(hint),
            error_message: self.error(name),
            value: self.value(name),
            autocomplete: "off".to_owned(),
            classes: "govuk-input--width-10".to_owned(),
            ..Input::new(name, label)
        })
    }

    /// A day in one field: a browser's own field for dates shows no focus on its parts.
    pub(crate) fn day(&self, name: &str, label: &str) -> Html {
        Html::of(&Input {
            hint: some("For example, 2020-10-23"),
            error_message: self.error(name),
            value: self.value(name),
            autocomplete: "off".to_owned(),
            classes: "govuk-input--width-10".to_owned(),
            ..Input::new(name, label)
        })
    }

    /// Several lines of text, at most so many characters.
    pub(crate) fn text(&self, name: &str, label: &str, hint: &str, most: u32) -> Html {
        let area = Textarea {
            hint: some(hint),
            error_message: self.error(name),
            value: self.value(name),
            ..Textarea::new(name, label)
        };
        Html::of(&CharacterCount::new(area, most))
    }

    /// One of several.
    pub(crate) fn radios(&self, name: &str, legend: &str, choices: &[(&str, &str)]) -> Html {
        let items = choices
            .iter()
            .map(|(value, text)| Choice::new(*value, *text));
        Html::of(&Radios {
            error_message: self.error(name),
            value: Some(self.value(name)),
            ..Radios::new(name, Fieldset::new(legend), items.collect())
        })
    }

    /// Any of several: each is a field of its own, `name-value`, that says `on`.
    pub(crate) fn checks(
        &self,
        name: &str,
        legend: &str,
        hint: &str,
        choices: &[(String, Html)],
    ) -> Html {
        let items = choices.iter().map(|(value, text)| {
            let own = format!("{name}-{value}");
            Choice {
                checked: Some(self.filled.get(&own) == "on"),
                name: own,
                ..Choice::new("on", text.clone())
            }
        });
        Html::of(&Checkboxes {
            hint: some(hint),
            error_message: self.error(name),
            ..Checkboxes::new(name, Fieldset::new(legend), items.collect())
        })
    }

    /// One of many.
    pub(crate) fn select(&self, name: &str, label: &str, choices: &[(&str, &str)]) -> Html {
        let items = choices
            .iter()
            .map(|(value, text)| SelectItem::new(*value, *text));
        Html::of(&Select {
            error_message: self.error(name),
            value: Some(self.value(name)),
            ..Select::new(name, label, items.collect())
        })
    }

    /// A date, in the fields `name-day`, `name-month` and `name-year`.
    pub(crate) fn date(&self, name: &str, legend: &str, hint: &str) -> Html {
        let parts = ["day", "month", "year"].map(|part| self.filled.get(&format!("{name}-{part}")));
        Html::of(&DateInput {
            hint: some(hint),
            // The summary leads to the first of the three.
            error_message: self.error(&format!("{name}-day")),
            ..DateInput::new(
                name,
                Fieldset::new(legend),
                DateField::day_month_year(parts),
            )
        })
    }

    /// A date and, in the field `name-time`, a time by the clock in England.
    pub(crate) fn moment(&self, name: &str, legend: &str, hint: &str) -> Html {
        let time = format!("{name}-time");
        self.date(name, legend, hint).and(&Input {
            hint: some("By the clock in England. For example, 9:30am or 14:20"),
            error_message: self.error(&time),
            value: self.value(&time),
            autocomplete: "off".to_owned(),
            classes: "govuk-input--width-5".to_owned(),
            ..Input::new(time.as_str(), "Time")
        })
    }
}

fn some(hint: &str) -> Option<Hint> {
    (!hint.is_empty()).then(|| Hint::new(hint))
}
