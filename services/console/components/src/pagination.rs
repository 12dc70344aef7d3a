//! Pagination.

use askama::Template;

use crate::attributes::Markup as _;
use crate::{Attributes, Content};

/// Leads through the pages of a long list.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pagination.html")]
pub struct Pagination {
    /// The page before this one.
    pub previous: Option<PageStep>,
    /// The page after this one.
    pub next: Option<PageStep>,
    /// The pages by number; without them the links before and after stand one above the other.
    pub items: Vec<PageItem>,
    /// The label of the landmark; "Pagination" if empty.
    pub landmark_label: String,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

/// The link to the page before or after.
#[derive(Clone, Debug, Default)]
pub struct PageStep {
    /// Its address.
    pub href: String,
    /// What the link says; "Previous page" or "Next page" if empty.
    pub text: Content,
    /// What is on that page, shown beneath where there are no numbers.
    pub label_text: String,
    /// Further attributes of the link.
    pub attributes: Attributes,
}

/// A page by its number, or the mark for pages left out.
#[derive(Clone, Debug, Default)]
pub struct PageItem {
    /// The number.
    pub number: String,
    /// Its address.
    pub href: String,
    /// Whether it is this page.
    pub current: bool,
    /// Whether pages are left out here; nothing else is read then.
    pub ellipsis: bool,
    /// What is read out for the link; "Page" and the number if empty.
    pub visually_hidden_text: String,
    /// Further attributes of the link.
    pub attributes: Attributes,
}

impl PageStep {
    /// A link to this address.
    #[must_use]
    pub fn to(href: impl Into<String>) -> Self {
        Self {
            href: href.into(),
            ..Self::default()
        }
    }
}

impl PageItem {
    fn spoken(&self) -> String {
        if self.visually_hidden_text.is_empty() {
            format!("Page {}", self.number)
        } else {
            self.visually_hidden_text.clone()
        }
    }
}

impl Pagination {
    fn label(&self) -> &str {
        if self.landmark_label.is_empty() {
            "Pagination"
        } else {
            &self.landmark_label
        }
    }

    /// Without numbers the two links are blocks, one above the other.
    fn is_block(&self) -> bool {
        self.items.is_empty()
    }
}
