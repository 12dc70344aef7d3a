//! The question who somebody is, with what each answer needs besides.

use visits_components::{
    Choice, ErrorMessage, Fieldset, Hint, Html, Input, Radios, Select, SelectItem,
};
use visits_core::Role;

use crate::form::Filled;
use crate::problem::Problem;
use crate::words::REGIONS;

/// The question, with what was answered and what is wrong with it; of `others` nobody needs a code.
pub(super) fn who(filled: &Filled, problem: Option<&Problem>, others: &[(Role, &str)]) -> Radios {
    let error = |field: &str| {
        let words = problem.and_then(|problem| problem.about(field));
        words.map(ErrorMessage::new)
    };
    let code = |name: &str, label: &str, hint: &str| Input {
        hint: Some(Hint::new(hint)),
        error_message: error(name),
        value: filled.get(name).to_owned(),
        autocomplete: "off".to_owned(),
        spellcheck: Some(false),
        classes: "govuk-input--width-20".to_owned(),
        ..Input::new(name, label)
    };
    let desk = code(
        "desk_code",
        "The operator’s code (optional)",
        "For example, desk-2. Left empty it is duty-desk.",
    );
    let inspector = code(
        "inspector_code",
        "The inspector’s code",
        "For example, HMI-001",
    );
    let regions = REGIONS.map(|(slug, name)| SelectItem::new(slug, name));
    let choose = SelectItem::new("", "Select a region");
    let items = std::iter::once(choose).chain(regions).collect();
    let region = Select {
        error_message: error("region"),
        value: Some(filled.get("region").to_owned()),
        ..Select::new("region", "Region", items)
    };
    let with = |value: &str, text: &str, conditional: Html| Choice {
        conditional,
        ..Choice::new(value, text)
    };
    let mut choices = vec![
        with("duty-desk", "Duty desk", Html::of(&desk)),
        with("regional-director", "Regional Director", Html::of(&region)),
        with("hmi", "Inspector (HMI)", Html::of(&inspector)),
    ];
    let others = others.iter();
    choices.extend(others.map(|(role, words)| Choice::new(role.name(), *words)));
    let mut question = Fieldset::new("Who are you?");
    question.legend.classes = "govuk-fieldset__legend--m".to_owned();
    let chosen = filled.get("role");
    Radios {
        error_message: error("role"),
        value: (!chosen.is_empty()).then(|| chosen.to_owned()),
        ..Radios::new("role", question, choices)
    }
}
