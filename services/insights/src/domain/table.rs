//! A table as its cells: what a release keeps, so that no later change of the programme changes
//! what was released.

use serde::{Deserialize, Serialize};

/// One table of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The last part of its name: `composition-by-phase`.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// The heading of each column; the first holds the rows' labels.
    pub columns: Vec<String>,
    /// The rows, each with as many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
    /// What a reader must know.
    pub notes: Vec<String>,
    /// The same observations as a CSV file.
    pub csv: String,
}

/// One cell of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// What a page or a terminal shows.
    pub text: String,
    /// The number behind it, where there is one.
    pub number: Option<u64>,
}

impl Cell {
    /// A cell of words.
    pub fn words(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            number: None,
        }
    }

    /// A cell that shows a count.
    #[must_use]
    pub fn count(count: u64) -> Self {
        Self {
            text: count.to_string(),
            number: Some(count),
        }
    }

    /// A cell that shows a number in words of its own.
    pub fn number(text: impl Into<String>, number: Option<u64>) -> Self {
        Self {
            text: text.into(),
            number,
        }
    }
}
