//! Back link.

use askama::Template;

use crate::attributes::Markup as _;
use crate::{Attributes, Content};

/// Leads to the page before this one.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "back_link.html")]
pub struct BackLink {
    /// What the link says; "Back" if empty.
    pub text: Content,
    /// Where it leads; `#` if empty.
    pub href: String,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

impl BackLink {
    /// "Back", to this address.
    #[must_use]
    pub fn to(href: impl Into<String>) -> Self {
        Self {
            href: href.into(),
            ..Self::default()
        }
    }

    fn href(&self) -> &str {
        if self.href.is_empty() {
            "#"
        } else {
            &self.href
        }
    }
}
