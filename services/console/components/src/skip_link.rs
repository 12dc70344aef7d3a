//! Skip link.

use askama::Template;

use crate::attributes::Markup as _;
use crate::{Attributes, Content};

/// Lets who uses a keyboard pass over what stands above the main content.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "skip_link.html")]
pub struct SkipLink {
    /// What the link says.
    pub text: Content,
    /// The fragment that it leads to; `#content` if empty.
    pub href: String,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

impl SkipLink {
    fn href(&self) -> &str {
        if self.href.is_empty() {
            "#content"
        } else {
            &self.href
        }
    }
}
