//! Service navigation.

use askama::Template;

use crate::attributes::Markup as _;
use crate::{Attributes, Content, Html};

/// The name of the service and its main pages, beneath the header.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "service_navigation.html")]
pub struct ServiceNavigation {
    /// The name of the service.
    pub service_name: String,
    /// Its first page.
    pub service_url: String,
    /// Its main pages.
    pub navigation: Vec<NavigationItem>,
    /// The id of the list of pages; `navigation` if empty.
    pub navigation_id: String,
    /// The label of the landmark around the pages; the words of the menu button if empty.
    pub navigation_label: String,
    /// Further classes of the landmark around the pages.
    pub navigation_classes: String,
    /// Whether a narrow screen shows a button in place of the pages (needs JavaScript); None does
    /// so for two or more.
    pub collapse_navigation_on_mobile: Option<bool>,
    /// The words of that button; "Menu" if empty.
    pub menu_button_text: String,
    /// What is read out for that button, if it isn't its words.
    pub menu_button_label: String,
    /// The label of the whole; "Service information" if empty.
    pub aria_label: String,
    /// What stands before, within and after.
    pub slots: NavigationSlots,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

/// A main page of the service.
#[derive(Clone, Debug, Default)]
pub struct NavigationItem {
    /// What the link says.
    pub text: Content,
    /// Its address.
    pub href: String,
    /// Whether it is the page that is shown.
    pub current: bool,
    /// Whether the page that is shown belongs to it.
    pub active: bool,
    /// Further attributes of the link.
    pub attributes: Attributes,
}

/// Markup of one's own in the service navigation.
#[derive(Clone, Debug, Default)]
pub struct NavigationSlots {
    /// Before everything.
    pub start: Html,
    /// After everything, for example who is signed in.
    pub end: Html,
    /// Whether what stands at the end stands beside the pages, not beneath them.
    pub end_inline: bool,
    /// Before the first page, within the list.
    pub navigation_start: Html,
    /// After the last page, within the list.
    pub navigation_end: Html,
}

impl NavigationItem {
    /// A page with its address.
    #[must_use]
    pub fn new(href: impl Into<String>, text: impl Into<Content>) -> Self {
        Self {
            href: href.into(),
            text: text.into(),
            ..Self::default()
        }
    }

    fn is_marked(&self) -> bool {
        self.current || self.active
    }
}

impl ServiceNavigation {
    /// With a name or something beside the pages it is more than navigation.
    fn is_section(&self) -> bool {
        !self.service_name.is_empty() || !self.slots.start.is_empty() || !self.slots.end.is_empty()
    }

    fn label(&self) -> &str {
        or(&self.aria_label, "Service information")
    }

    fn id(&self) -> &str {
        or(&self.navigation_id, "navigation")
    }

    fn button_text(&self) -> &str {
        or(&self.menu_button_text, "Menu")
    }

    fn navigation_label(&self) -> &str {
        or(&self.navigation_label, self.button_text())
    }

    /// A label that says what the button says already is none.
    fn button_label(&self) -> &str {
        if self.menu_button_label == self.button_text() {
            ""
        } else {
            &self.menu_button_label
        }
    }

    fn has_navigation(&self) -> bool {
        !self.navigation.is_empty()
            || !self.slots.navigation_start.is_empty()
            || !self.slots.navigation_end.is_empty()
    }

    fn collapses(&self) -> bool {
        let several = self.navigation.len() > 1;
        self.collapse_navigation_on_mobile.unwrap_or(several)
    }
}

fn or<'a>(given: &'a str, otherwise: &'a str) -> &'a str {
    if given.is_empty() { otherwise } else { given }
}
