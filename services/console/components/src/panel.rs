//! Panel.

use askama::Template;

use crate::attributes::Markup as _;
use crate::{Attributes, Button, Content, Html};

/// Says that something is done, or stops before something is.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "panel.html")]
pub struct Panel {
    /// What is done, or what is asked.
    pub title_text: Content,
    /// The level of the title's heading; 1 if None.
    pub heading_level: Option<u8>,
    /// What it says beneath.
    pub text: Content,
    /// Whether it interrupts (GOV.UK's class `govuk-panel--interruption`) instead of confirming.
    pub interruption: bool,
    /// What can be done. Shown where the panel interrupts.
    pub actions: Option<PanelActions>,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

/// What can be done in a panel.
#[derive(Clone, Debug, Default)]
pub struct PanelActions {
    /// Buttons and links.
    pub items: Vec<PanelAction>,
    /// Further classes of the element around them.
    pub classes: String,
    /// Further attributes of the element around them.
    pub attributes: Attributes,
}

/// A button if it has a kind, otherwise a link.
#[derive(Clone, Debug, Default)]
pub struct PanelAction {
    /// What it says.
    pub text: Content,
    /// `submit`, `button` or `reset` for a button.
    pub kind: String,
    /// Where a link leads.
    pub href: String,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

impl Panel {
    fn level(&self) -> u8 {
        self.heading_level.unwrap_or(1)
    }

    /// The actions of a panel that interrupts.
    fn asked(&self) -> Option<&PanelActions> {
        self.actions.as_ref().filter(|_| self.interruption)
    }

    fn button(&self, action: &PanelAction) -> Html {
        Html::of(&Button {
            text: action.text.clone(),
            kind: action.kind.clone(),
            href: action.href.clone(),
            classes: format!("govuk-button--inverse{}", action.classes.more()),
            attributes: action.attributes.clone(),
            ..Button::default()
        })
    }
}
