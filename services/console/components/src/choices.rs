//! What radios and checkboxes offer.

use askama::Template;

use crate::attributes::{Markup as _, described_by};
use crate::{Attributes, Content, Hint, Html, Label};

/// One of the choices of [`Radios`](crate::Radios) or [`Checkboxes`](crate::Checkboxes), or a
/// divider between two.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// What its label says.
    pub text: Content,
    /// What the form sends for it.
    pub value: String,
    /// Its id; made of the group's if empty.
    pub id: String,
    /// Its name in the form; the group's if empty. For checkboxes only.
    pub name: String,
    /// Its hint.
    pub hint: Option<Hint>,
    /// Whether it is chosen. None leaves it to the group's value.
    pub checked: Option<bool>,
    /// Whether it can't be chosen now.
    pub disabled: bool,
    /// What is asked further if it is chosen (shown always without JavaScript).
    pub conditional: Html,
    /// Whether choosing it takes back all others (GOV.UK's `behaviour`). For checkboxes only.
    pub exclusive: bool,
    /// A word between two choices, for example "or": there is no choice then.
    pub divider: String,
    /// Further classes of its label.
    pub label_classes: String,
    /// Further attributes of its label.
    pub label_attributes: Attributes,
    /// Further attributes of the input.
    pub attributes: Attributes,
}

impl Choice {
    /// A choice.
    #[must_use]
    pub fn new(value: impl Into<String>, text: impl Into<Content>) -> Self {
        Self {
            value: value.into(),
            text: text.into(),
            ..Self::default()
        }
    }

    /// A word between two choices.
    #[must_use]
    pub fn divider(word: impl Into<String>) -> Self {
        Self {
            divider: word.into(),
            ..Self::default()
        }
    }
}

/// The choices of one group, as its template shows them.
#[derive(Template)]
#[template(path = "choices.html")]
pub(crate) struct Choices<'a> {
    /// `radios` or `checkboxes`, as in the names of classes.
    pub(crate) block: &'static str,
    /// The type of the inputs.
    pub(crate) kind: &'static str,
    pub(crate) name: &'a str,
    pub(crate) id_prefix: &'a str,
    /// The values chosen, where a choice doesn't say itself.
    pub(crate) chosen: &'a [String],
    /// Ids of what describes every choice.
    pub(crate) described_by: String,
    pub(crate) items: &'a [Choice],
    pub(crate) classes: &'a str,
    pub(crate) attributes: &'a Attributes,
}

impl Choices<'_> {
    /// The first has the id of the group, to which an error summary leads.
    fn id(&self, place: &usize, item: &Choice) -> String {
        match (item.id.as_str(), place) {
            ("", &1) => self.id_prefix.to_owned(),
            ("", place) => format!("{}-{place}", self.id_prefix),
            (given, _) => given.to_owned(),
        }
    }

    fn name<'a>(&'a self, item: &'a Choice) -> &'a str {
        if item.name.is_empty() {
            self.name
        } else {
            &item.name
        }
    }

    fn is_checked(&self, item: &Choice) -> bool {
        item.checked
            .unwrap_or_else(|| self.chosen.contains(&item.value))
    }

    fn label(&self, item: &Choice, id: &str) -> Label {
        let own = format!("govuk-{}__label", self.block);
        Label {
            text: item.text.clone(),
            for_id: id.to_owned(),
            classes: own + &item.label_classes.more().to_string(),
            attributes: item.label_attributes.clone(),
            ..Label::default()
        }
    }

    fn hint(&self, hint: &Hint, id: &str) -> Hint {
        let own = format!("govuk-{}__hint", self.block);
        Hint {
            id: format!("{id}-item-hint"),
            classes: own + &hint.classes.more().to_string(),
            ..hint.clone()
        }
    }

    fn described(&self, item: &Choice, id: &str) -> String {
        let hint = item.hint.as_ref().map(|hint| self.hint(hint, id).id);
        described_by(&[&self.described_by, hint.as_deref().unwrap_or_default()])
    }
}
