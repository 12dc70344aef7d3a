//! What an import says about the file when it is done.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// How many row problems a summary lists; further ones are counted.
pub const MAX_PROBLEMS_LISTED: usize = 1_000;

/// One thing wrong with one row, because of which the row was refused.
///
/// The value itself is never repeated: where a row is broken, it may be anybody's name or a
/// complaint (M17). The line and the column are enough to find it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowProblem {
    /// The physical line of the file on which the row begins, from 1.
    pub line: u64,
    /// The column's current name; empty if it is about the row as a whole.
    pub column: String,
    /// What is wrong, to be read after the column's name: "is empty".
    pub reason: String,
}

impl fmt::Display for RowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = if self.column.is_empty() {
            "the row"
        } else {
            &self.column
        };
        write!(f, "line {}: {subject} {}", self.line, self.reason)
    }
}

/// Something about rows that were accepted that whoever imports should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The column's current name; empty if it is about rows as a whole.
    pub column: String,
    /// What was met and what became of it.
    pub what: String,
    /// How often.
    pub count: u64,
    /// The physical line on which it was met first.
    pub first_line: u64,
}

/// The account of one import: `read = accepted + refused`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The rows that stood in the file below the header, blank ones not counted.
    pub read: u64,
    /// The rows that were handed on.
    pub accepted: u64,
    /// The rows that were refused.
    pub refused: u64,
    /// What was wrong with the refused rows, at most [`MAX_PROBLEMS_LISTED`] entries; a row can
    /// have several.
    pub problems: Vec<RowProblem>,
    /// How many problems there were, listed or not.
    pub problems_found: u64,
    /// What is worth knowing about accepted rows.
    pub notes: Vec<Note>,
    /// The names of the columns that were dropped unread because they hold complaints (M17).
    pub dropped_columns: Vec<String>,
    /// What the file's characters were: "ASCII", "UTF-8" or "Windows-1252".
    pub charset: String,
    /// Whether the file was gzipped.
    pub compressed: bool,
}

/// Counts while the rows go by.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub read: u64,
    pub accepted: u64,
    pub refused: u64,
    pub problems: Vec<RowProblem>,
    pub problems_found: u64,
    notes: BTreeMap<(&'static str, &'static str), (u64, u64)>,
}

impl Tally {
    /// Counts a row as refused, with everything that was wrong with it.
    pub fn refuse(&mut self, problems: Vec<RowProblem>) {
        self.refused += 1;
        self.problems_found += problems.len() as u64;
        let room = MAX_PROBLEMS_LISTED.saturating_sub(self.problems.len());
        self.problems.extend(problems.into_iter().take(room));
    }

    /// Counts a row as accepted, with what is to be noted about it.
    pub fn accept(&mut self, line: u64, notes: &[(&'static str, &'static str)]) {
        self.accepted += 1;
        for note in notes {
            self.notes.entry(*note).or_insert((0, line)).0 += 1;
        }
    }

    pub fn notes(&self) -> Vec<Note> {
        let note = |(&(column, what), &(count, first_line)): (&(_, _), &(_, _))| Note {
            column: str::to_owned(column),
            what: str::to_owned(what),
            count,
            first_line,
        };
        self.notes.iter().map(note).collect()
    }
}
