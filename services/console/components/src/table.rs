//! Table.

use askama::Template;

use crate::attributes::Markup as _;
use crate::{Attributes, Content};

/// Rows that are compared with each other.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "table.html")]
pub struct Table {
    /// What the table shows; without it there is no caption.
    pub caption: String,
    /// Further classes of the caption, for example `govuk-table__caption--m`.
    pub caption_classes: String,
    /// The heads of the columns.
    pub head: Vec<TableCell>,
    /// The cells, row by row.
    pub rows: Vec<Vec<TableCell>>,
    /// Whether the first cell of a row is its head.
    pub first_cell_is_header: bool,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

/// A cell, or the head of a column.
#[derive(Clone, Debug, Default)]
pub struct TableCell {
    /// What it says.
    pub text: Content,
    /// Whether it holds a number, to be set to the right (GOV.UK's `format`).
    pub numeric: bool,
    /// How many columns it spans, if more than one.
    pub colspan: Option<u16>,
    /// How many rows it spans, if more than one.
    pub rowspan: Option<u16>,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

impl TableCell {
    /// A cell with a text or HTML.
    #[must_use]
    pub fn new(text: impl Into<Content>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// A cell with a number.
    #[must_use]
    pub fn number(text: impl Into<Content>) -> Self {
        Self {
            numeric: true,
            ..Self::new(text)
        }
    }
}
