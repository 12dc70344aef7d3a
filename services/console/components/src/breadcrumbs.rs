//! Breadcrumbs.

use askama::Template;

use crate::attributes::Markup as _;
use crate::{Attributes, Content};

/// Where a page stands in its service.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "breadcrumbs.html")]
pub struct Breadcrumbs {
    /// The pages above this one, the highest first.
    pub items: Vec<Breadcrumb>,
    /// Whether a narrow screen shows the first and the last only.
    pub collapse_on_mobile: bool,
    /// The label of the landmark; "Breadcrumb" if empty.
    pub label_text: String,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

/// A page above this one.
#[derive(Clone, Debug, Default)]
pub struct Breadcrumb {
    /// Its name.
    pub text: Content,
    /// Its address; none for the page itself.
    pub href: String,
    /// Further attributes of the link.
    pub attributes: Attributes,
}

impl Breadcrumb {
    /// A page with its address.
    #[must_use]
    pub fn new(href: impl Into<String>, text: impl Into<Content>) -> Self {
        Self {
            href: href.into(),
            text: text.into(),
            ..Self::default()
        }
    }
}

impl Breadcrumbs {
    fn label(&self) -> &str {
        if self.label_text.is_empty() {
            "Breadcrumb"
        } else {
            &self.label_text
        }
    }
}
