//! The one way in which every file of rows is imported: opened, read in chunks, accounted for.

use std::io::Read;
use std::marker::PhantomData;

use super::error::ImportError;
use super::report::{RowProblem, Summary, Tally};
use super::row::RowReader;
use super::table::{Column, Table, TableRow};

/// A kind of row: the columns it is read from and how.
pub trait RowFormat: Sized {
    /// What the file is, for error messages: "a GIAS file of schools".
    const FILE: &'static str;
    /// The columns; a reader refers to them by their places in this list.
    const COLUMNS: &'static [Column];
    /// Reads one row. What it gives is used only if no problem was noted.
    fn read(row: &mut RowReader<'_>) -> Option<Self>;
    /// The URN, if a file holds one row at most for each.
    fn urn(&self) -> Option<&str>;
    /// The place of the URN's column.
    const URN_COLUMN: usize = 0;
}

/// A file that is being imported. It holds one window of the file at a time, never the whole.
#[derive(Debug)]
pub struct ImportFile<T> {
    table: Table,
    tally: Tally,
    seen: SeenUrns,
    rows: PhantomData<fn() -> T>,
}

impl<T: RowFormat> ImportFile<T> {
    /// Opens a file and finds its header; every missing column is named at once.
    pub fn open(source: impl Read + Send + 'static) -> Result<Self, ImportError> {
        Ok(Self {
            table: Table::open(source, T::FILE, T::COLUMNS)?,
            tally: Tally::default(),
            seen: SeenUrns::default(),
            rows: PhantomData,
        })
    }

    /// The next good rows, at most so many; none at the end of the file. Bad rows are counted and
    /// kept for the summary.
    pub fn next_chunk(&mut self, at_most: usize) -> Result<Vec<T>, ImportError> {
        let lines = self.next_lines(at_most)?;
        Ok(lines.into_iter().map(|(_, row)| row).collect())
    }

    /// As [`ImportFile::next_chunk`], each row with its line: for who may still refuse it.
    pub fn next_lines(&mut self, at_most: usize) -> Result<Vec<(u64, T)>, ImportError> {
        let mut chunk = Vec::new();
        while chunk.len() < at_most {
            let Some(row) = self.table.next_row()? else {
                break;
            };
            self.tally.read += 1;
            chunk.extend(self.read_row(&row));
        }
        Ok(chunk)
    }

    /// The account of what has been read. A file with rows of which none could be used is refused.
    pub fn finish(self) -> Result<Summary, ImportError> {
        let notes = self.tally.notes();
        let tally = self.tally;
        if tally.accepted == 0
            && let Some(first) = tally.problems.first()
        {
            return Err(ImportError::NoUsableRow {
                file: T::FILE,
                read: tally.read,
                first: first.clone(),
            });
        }
        Ok(Summary {
            read: tally.read,
            accepted: tally.accepted,
            refused: tally.refused,
            problems: tally.problems,
            problems_found: tally.problems_found,
            notes,
            dropped_columns: self.table.dropped_columns().to_vec(),
            charset: self.table.charset().name().to_owned(),
            compressed: self.table.compressed(),
        })
    }

    fn read_row(&mut self, row: &TableRow) -> Option<(u64, T)> {
        let record = match row {
            TableRow::Record(record) => record,
            TableRow::Unusable { line, reason } => {
                self.tally.refuse(vec![RowProblem {
                    line: *line,
                    column: String::new(),
                    reason: (*reason).to_owned(),
                }]);
                return None;
            }
        };
        let mut reader = RowReader::new(&self.table, record, T::COLUMNS);
        let value = T::read(&mut reader);
        if let Some(urn) = value.as_ref().and_then(T::urn)
            && self.seen.contains(urn)
        {
            reader.problem(T::URN_COLUMN, "stands in the file already, further up");
        }
        let (mut problems, notes) = reader.into_findings();
        if let (Some(value), true) = (value, problems.is_empty()) {
            if let Some(urn) = value.urn() {
                self.seen.insert(urn);
            }
            self.tally.accept(record.line, &notes);
            return Some((record.line, value));
        }
        if problems.is_empty() {
            problems.push(RowProblem {
                line: record.line,
                column: String::new(),
                reason: "can't be read".to_owned(),
            });
        }
        self.tally.refuse(problems);
        None
    }
}

/// Which of the million possible URNs have been accepted: a bit each.
#[derive(Debug, Default)]
struct SeenUrns(Vec<u64>);

impl SeenUrns {
    fn place(urn: &str) -> Option<(usize, u64)> {
        let number: usize = urn.parse().ok().filter(|number| *number < 1_000_000)?;
        Some((number / 64, 1 << (number % 64)))
    }

    fn contains(&self, urn: &str) -> bool {
        Self::place(urn)
            .is_some_and(|(word, bit)| self.0.get(word).is_some_and(|bits| bits & bit != 0))
    }

    fn insert(&mut self, urn: &str) {
        if let Some((word, bit)) = Self::place(urn) {
            if self.0.len() <= word {
                self.0.resize(word + 1, 0);
            }
            self.0[word] |= bit;
        }
    }
}
