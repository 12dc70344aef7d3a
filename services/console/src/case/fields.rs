//! The fields of the forms on a case's page, with what was typed and what is wrong with it.

use visits_components::{
    Button, CharacterCount, Choice, DateField, DateInput, ErrorMessage, Fieldset, Hint, Html,
    Input, Label, Radios, Textarea, WarningText,
};

use super::action::Action;
use super::view::{CaseView, FormView};
use crate::prose;
use crate::sheet::{link, paragraph};

/// What the record takes of a text: `policy` of the service says the same.
const REASONS_MAX: u32 = 4_000;
const NOTE_MAX: u32 = 500;

/// A form of the page, but for its hidden fields.
pub(super) fn of(form: &FormView, case: &CaseView) -> Html {
    match form.action {
        Action::Acknowledge => acknowledge(form),
        Action::Call => call(form, case),
        Action::Decide => decide(form),
        Action::Start => start(case),
    }
}

fn acknowledge(form: &FormView) -> Html {
    let hint = "Everybody who reads the case sees it.";
    let note = text(form, "note", "Note for the desk (optional)", hint, 2);
    Html::of(&CharacterCount::new(note, NOTE_MAX)).and(&button("Acknowledge: the desk has it"))
}

fn call(form: &FormView, case: &CaseView) -> Html {
    let team = case.team.iter().enumerate().map(|(place, code)| {
        let lead = if place == 0 { " (lead)" } else { "" };
        Choice::new(code, format!("{code}{lead}"))
    });
    let who = radios(form, "inspector", "Who called?", "", team.collect());
    let grounds = vec![
        Choice::new("one-of-the-two", "Yes, on one of the two"),
        Choice::new("neither", "No, on neither"),
    ];
    let grounds = radios(
        form,
        "grounds",
        "Is the concern on one of the two grounds?",
        "Safeguarding, or a breakdown in leadership and management. There is no third.",
        grounds,
    );
    let hint = "What was seen, who was told at the school, what can’t wait. No names of pupils.";
    let said = text(form, "summary", "What was said?", hint, 5);
    let outcome = vec![
        Choice::new("seek-decision", "Seek the Regional Director’s decision"),
        Choice::new(
            "not-significant",
            "Not significant after all: the case is withdrawn",
        ),
    ];
    let outcome = radios(
        form,
        "outcome",
        "What does the inspector say is to follow?",
        "",
        outcome,
    );
    Html::of(&who)
        .and(&when(form))
        .and(&time(form))
        .and(&grounds)
        .and(&CharacterCount::new(said, REASONS_MAX))
        .and(&outcome)
        .and(&button("Record the call"))
}

/// The day of the call. Its hour is a field of its own: unknown hours are never midnight
/// (R-CON-25).
fn when(form: &FormView) -> DateInput {
    let field = |name: &str, label: &str, width: u8| DateField {
        id: name.to_owned(),
        name: name.to_owned(),
        label: label.to_owned(),
        value: form.value(name).to_owned(),
        classes: format!("govuk-input--width-{width}"),
        autocomplete: "off".to_owned(),
        ..DateField::default()
    };
    let fields = vec![
        field("called_day", "Day", 2),
        field("called_month", "Month", 2),
        field("called_year", "Year", 4),
    ];
    DateInput {
        name_prefix: String::new(),
        hint: Some(Hint::new("For example, 23 10 2020")),
        error_message: error(form, "called_day"),
        ..DateInput::new("called", legend("On which day was the call?"), fields)
    }
}

fn time(form: &FormView) -> Input {
    let mut input = Input {
        hint: Some(Hint::new("By the clock in England. For example, 2:20pm")),
        error_message: error(form, "called_time"),
        value: form.value("called_time").to_owned(),
        classes: "govuk-input--width-5".to_owned(),
        autocomplete: "off".to_owned(),
        ..Input::new("called_time", "At what time?")
    };
    input.label.classes = "govuk-label--s".to_owned();
    input
}

fn decide(form: &FormView) -> Html {
    let warning = WarningText {
        text: "One decision covers the case, and it can’t be taken back. If an NFD is necessary, \
               the interim visit stops and the 48 hours begin."
            .into(),
        ..WarningText::default()
    };
    let choices = vec![
        Choice::new("yes", "Yes, an NFD is necessary"),
        Choice::new("no", "No, an NFD is not necessary"),
    ];
    let required = radios(form, "required", "Is an NFD necessary?", "", choices);
    let hint = "They go on the record as you write them.";
    let reasons = text(form, "rationale", "Your reasons", hint, 5);
    Html::of(&warning)
        .and(&required)
        .and(&CharacterCount::new(reasons, REASONS_MAX))
        .and(&button("Record the decision"))
        .and(&paragraph(link(
            crate::deputies::PATH,
            "Name a deputy who decides while you are absent",
        )))
}

fn start(case: &CaseView) -> Html {
    let words = "The NFD looks at the concerns of this case and at nothing else. Its start stops \
                 the clock.";
    let what = prose::paragraph(words);
    if case.is_planned {
        let choices = vec![
            Choice::new("as-planned", "As planned"),
            Choice::new("straight-away", "Straight away, by the visit’s team"),
        ];
        let how = Radios {
            value: Some("as-planned".to_owned()),
            ..Radios::new("how", legend("How does it start?"), choices)
        };
        return what.and(&how).and(&button("Start the NFD"));
    }
    let how = "<input type=\"hidden\" name=\"how\" value=\"straight-away\">";
    what.and(&Html::trusted(how))
        .and(&button("Start the NFD straight away"))
}

fn button(words: &str) -> Button {
    Button {
        prevent_double_click: Some(true),
        ..Button::new(words)
    }
}

fn legend(words: &str) -> Fieldset {
    let mut fieldset = Fieldset::new(words);
    fieldset.legend.classes = "govuk-fieldset__legend--s".to_owned();
    fieldset
}

fn error(form: &FormView, field: &str) -> Option<ErrorMessage> {
    form.error(field).map(ErrorMessage::new)
}

fn radios(form: &FormView, name: &str, words: &str, hint: &str, items: Vec<Choice>) -> Radios {
    let chosen = form.value(name);
    Radios {
        hint: (!hint.is_empty()).then(|| Hint::new(hint)),
        error_message: error(form, name),
        value: (!chosen.is_empty()).then(|| chosen.to_owned()),
        ..Radios::new(name, legend(words), items)
    }
}

fn text(form: &FormView, name: &str, words: &str, hint: &str, rows: u16) -> Textarea {
    Textarea {
        label: Label {
            classes: "govuk-label--s".to_owned(),
            ..Label::new(words)
        },
        hint: Some(Hint::new(hint)),
        error_message: error(form, name),
        value: form.value(name).to_owned(),
        rows: Some(rows),
        spellcheck: Some(true),
        ..Textarea::new(name, words)
    }
}
