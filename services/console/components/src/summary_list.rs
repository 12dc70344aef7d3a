//! Summary list, bare or in a card.

use askama::Template;

use crate::attributes::Markup as _;
use crate::{Attributes, Content, Html};

/// Facts, each with its name and what can be done about it.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "summary_list.html")]
pub struct SummaryList {
    /// The facts.
    pub rows: Vec<SummaryRow>,
    /// The card around the list, if there is one.
    pub card: Option<SummaryCard>,
    /// Further classes, for example `govuk-summary-list--no-border`.
    pub classes: String,
    /// Further attributes: the card's are its own.
    pub attributes: Attributes,
}

/// One fact.
#[derive(Clone, Debug, Default)]
pub struct SummaryRow {
    /// Its name.
    pub key: SummaryCell,
    /// What it is.
    pub value: SummaryCell,
    /// What can be done about it.
    pub actions: SummaryActions,
    /// Further classes of the row.
    pub classes: String,
}

/// The name of a fact, or the fact.
#[derive(Clone, Debug, Default)]
pub struct SummaryCell {
    /// What it says.
    pub text: Content,
    /// Further classes.
    pub classes: String,
}

/// What can be done about a fact.
#[derive(Clone, Debug, Default)]
pub struct SummaryActions {
    /// The links, none, one or several.
    pub items: Vec<SummaryAction>,
    /// Further classes of their cell.
    pub classes: String,
}

/// A link that does something about a fact, or about all that a card shows.
#[derive(Clone, Debug, Default)]
pub struct SummaryAction {
    /// What the link says, for example "Change".
    pub text: Content,
    /// Where it leads.
    pub href: String,
    /// What is read out after it, so that links differ by more than their place.
    pub visually_hidden_text: String,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

/// The card around a summary list.
#[derive(Clone, Debug, Default)]
pub struct SummaryCard {
    /// Its title, which is also read out after the links within.
    pub title: Content,
    /// The level of the title's heading; 2 if None.
    pub heading_level: Option<u8>,
    /// What can be done about all that it shows.
    pub actions: Vec<SummaryAction>,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

/// An action with the title of the card that it stands in.
#[derive(Template)]
#[template(path = "summary_action.html")]
struct ActionLink<'a> {
    action: &'a SummaryAction,
    card_title: &'a Content,
}

impl SummaryRow {
    /// A fact without actions.
    #[must_use]
    pub fn new(key: impl Into<Content>, value: impl Into<Content>) -> Self {
        Self {
            key: key.into().into(),
            value: value.into().into(),
            ..Self::default()
        }
    }
}

impl From<Content> for SummaryCell {
    fn from(text: Content) -> Self {
        Self {
            text,
            classes: String::new(),
        }
    }
}

impl SummaryCard {
    fn level(&self) -> u8 {
        self.heading_level.unwrap_or(2)
    }
}

impl SummaryList {
    /// A list of facts, bare.
    #[must_use]
    pub fn new(rows: Vec<SummaryRow>) -> Self {
        Self {
            rows,
            ..Self::default()
        }
    }

    /// Whether a row without actions stands among rows with some, and is a cell short.
    fn lacks_actions(&self, row: &SummaryRow) -> bool {
        row.actions.items.is_empty() && self.rows.iter().any(|row| !row.actions.items.is_empty())
    }

    fn link(&self, action: &SummaryAction) -> Html {
        let no_title = Content::default();
        let card_title = self.card.as_ref().map_or(&no_title, |card| &card.title);
        Html::trusted(ActionLink { action, card_title }.to_string().trim())
    }
}
