//! Fieldset.

use askama::Template;

use crate::attributes::{Markup as _, described_by};
use crate::{Attributes, Content, Html};

/// Fields that belong together, under one legend.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "fieldset.html")]
pub struct Fieldset {
    /// What the fields are about.
    pub legend: Legend,
    /// Ids of elements that describe it, between blanks. A group of fields adds its own.
    pub described_by: String,
    /// Its role, if it isn't a fieldset's.
    pub role: String,
    /// The fields. A group of fields fills them in.
    pub html: Html,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

/// The legend of a fieldset.
#[derive(Clone, Debug, Default)]
pub struct Legend {
    /// What it says; without it there is no legend.
    pub text: Content,
    /// Whether the legend is also the heading of its page.
    pub is_page_heading: bool,
    /// Further classes, for example `govuk-fieldset__legend--l`.
    pub classes: String,
}

impl Fieldset {
    /// A fieldset with this legend.
    #[must_use]
    pub fn new(legend: impl Into<Content>) -> Self {
        Self {
            legend: Legend {
                text: legend.into(),
                ..Legend::default()
            },
            ..Self::default()
        }
    }

    /// This around `html`, also described by what has the ids `described`.
    pub(crate) fn around(&self, html: Html, described: &str) -> Self {
        Self {
            html,
            described_by: described_by(&[&self.described_by, described]),
            ..self.clone()
        }
    }
}
