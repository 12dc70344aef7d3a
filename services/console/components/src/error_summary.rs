//! Error summary.

use askama::Template;

use crate::attributes::Markup as _;
use crate::{Attributes, Content};

/// What has to be put right on a page, at its top, each with a link to its field.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "error_summary.html")]
pub struct ErrorSummary {
    /// Its title.
    pub title_text: Content,
    /// A text before the list.
    pub description_text: Content,
    /// What is wrong.
    pub error_list: Vec<ErrorItem>,
    /// Whether the focus stays where it is (needs JavaScript). None says nothing.
    pub disable_auto_focus: Option<bool>,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

/// One line of an error summary.
#[derive(Clone, Debug, Default)]
pub struct ErrorItem {
    /// What is wrong: the words of the field's own error message.
    pub text: Content,
    /// The field, for example `#rationale`.
    pub href: String,
    /// Further attributes of the link.
    pub attributes: Attributes,
}

impl ErrorSummary {
    /// "There is a problem", with these lines.
    #[must_use]
    pub fn new(error_list: Vec<ErrorItem>) -> Self {
        Self {
            title_text: "There is a problem".into(),
            error_list,
            ..Self::default()
        }
    }
}

impl ErrorItem {
    /// A line that leads to the field with the id `field`.
    #[must_use]
    pub fn new(field: &str, text: impl Into<Content>) -> Self {
        Self {
            text: text.into(),
            href: format!("#{field}"),
            ..Self::default()
        }
    }
}
