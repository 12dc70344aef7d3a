//! Warning text.

use askama::Template;

use crate::attributes::Markup as _;
use crate::{Attributes, Content};

/// A warning about something important, such as the consequences of an action.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "warning_text.html")]
pub struct WarningText {
    /// What it warns of.
    pub text: Content,
    /// What is read out in place of the icon; "Warning" if empty.
    pub icon_fallback_text: String,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

impl WarningText {
    fn spoken_icon(&self) -> &str {
        if self.icon_fallback_text.is_empty() {
            "Warning"
        } else {
            &self.icon_fallback_text
        }
    }
}
