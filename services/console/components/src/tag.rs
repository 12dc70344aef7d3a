//! Tag.

use askama::Template;

use crate::attributes::Markup as _;
use crate::{Attributes, Content};

/// The state of something in a word. Colour only underlines what the word says.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "tag.html")]
pub struct Tag {
    /// What the tag says.
    pub text: Content,
    /// Further classes, for example `govuk-tag--red`.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

impl Tag {
    /// A tag with the classes of its colour.
    #[must_use]
    pub fn new(text: impl Into<Content>, classes: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            classes: classes.into(),
            ..Self::default()
        }
    }
}
