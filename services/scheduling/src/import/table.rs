//! A CSV table read by column name.
//!
//! Layouts change from year to year and columns come and go, so a column is found by any of the
//! names it has had; what no importer asks for is never looked at. That is also how complaints about
//! a school (M17) and people's names stay out: there is no way from such a column to a value.

use std::io::Read;

use super::encoding::Charset;
use super::error::{ImportError, MissingColumn};
use super::records::{Found, Record, Records};

/// How many records may stand before the header, as a title or a note.
pub const MAX_RECORDS_BEFORE_HEADER: usize = 20;

/// A column that an importer reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Every name it has had, the current one first. Case and spacing don't matter.
    pub accepted: &'static [&'static str],
    /// Whether a file without it is refused.
    pub needed: bool,
}

impl Column {
    /// A column without which the file is refused.
    #[must_use]
    pub const fn needed(accepted: &'static [&'static str]) -> Self {
        Self {
            accepted,
            needed: true,
        }
    }

    /// A column whose absence leaves its values not known.
    #[must_use]
    pub const fn optional(accepted: &'static [&'static str]) -> Self {
        Self {
            accepted,
            needed: false,
        }
    }

    /// Its current name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.accepted[0]
    }
}

/// Parts of a column's name that say it holds complaints or the like about a school.
const COMPLAINTS: [&str; 5] = [
    "complain",
    "grievance",
    "whistleblow",
    "allegation",
    "parental concern",
];

#[derive(Debug)]
struct Header {
    line: u64,
    width: usize,
    positions: Vec<Option<usize>>,
    dropped: Vec<String>,
}

impl Header {
    fn read(record: &Record, records: &Records, columns: &[Column]) -> Self {
        let names: Vec<String> = (0..record.width())
            .map(|at| records.decode(record.field(at).unwrap_or_default()))
            .map(|name| name.text.into_owned())
            .collect();
        let plain: Vec<String> = names.iter().map(|name| plain(name)).collect();
        let complaints = |name: &str| COMPLAINTS.iter().any(|part| name.contains(part));
        let position = |column: &Column| {
            let mut names = column.accepted.iter().map(|name| self::plain(name));
            names.find_map(|name| plain.iter().position(|found| *found == name))
        };
        Self {
            line: record.line,
            width: record.width(),
            positions: columns.iter().map(position).collect(),
            dropped: (names.iter().zip(&plain))
                .filter(|(_, plain)| complaints(plain))
                .map(|(name, _)| name.clone())
                .collect(),
        }
    }

    fn missing(&self, columns: &[Column]) -> Vec<MissingColumn> {
        (columns.iter().zip(&self.positions))
            .filter(|(column, position)| column.needed && position.is_none())
            .map(|(column, _)| MissingColumn {
                accepted: column.accepted,
            })
            .collect()
    }

    fn found(&self) -> usize {
        self.positions.iter().flatten().count()
    }
}

/// A name without regard to case, spacing and the marks that spreadsheets leave.
fn plain(name: &str) -> String {
    let words: Vec<&str> = name
        .split(|c: char| c.is_whitespace() || c == '\u{FEFF}')
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ").to_lowercase()
}

/// One row below the header.
#[derive(Debug)]
pub enum TableRow {
    /// Its fields.
    Record(Record),
    /// It can't be split into fields, or its fields can't be told apart.
    Unusable {
        /// The physical line on which it begins.
        line: u64,
        /// Why, for a person.
        reason: &'static str,
    },
}

/// A table whose header has been found.
#[derive(Debug)]
pub struct Table {
    records: Records,
    header: Header,
}

impl Table {
    /// Finds the header of `source`: the first of its first records that has every needed column.
    pub fn open(
        source: impl Read + Send + 'static,
        file: &'static str,
        columns: &'static [Column],
    ) -> Result<Self, ImportError> {
        let mut records = Records::open(source)?;
        let mut nearest: Option<Header> = None;
        for _ in 0..MAX_RECORDS_BEFORE_HEADER {
            let record = match records.next_found()? {
                None => break,
                Some(Found::Malformed { .. }) => continue,
                Some(Found::Record(record)) => record,
            };
            let header = Header::read(&record, &records, columns);
            if header.missing(columns).is_empty() {
                return Ok(Self { records, header });
            }
            if nearest.as_ref().is_none_or(|n| n.found() < header.found()) {
                nearest = Some(header);
            }
        }
        let Some(nearest) = nearest else {
            return Err(ImportError::NotATable("an empty file"));
        };
        Err(ImportError::ColumnsMissing {
            file,
            line: nearest.line,
            missing: nearest.missing(columns),
        })
    }

    /// The next row; nothing at the end of the file.
    pub fn next_row(&mut self) -> Result<Option<TableRow>, ImportError> {
        let row = match self.records.next_found()? {
            None => return Ok(None),
            Some(Found::Malformed { line, reason }) => TableRow::Unusable { line, reason },
            Some(Found::Record(record)) => match self.told_apart(&record) {
                true => TableRow::Record(record),
                false => TableRow::Unusable {
                    line: record.line,
                    reason: "has not as many fields as the header, in a file with complaint \
                             columns: which field is which can't be told",
                },
            },
        };
        Ok(Some(row))
    }

    /// A row with more or fewer fields than the header is read by position, except where a shifted
    /// complaint could pass for another column's value (M17).
    fn told_apart(&self, record: &Record) -> bool {
        self.header.dropped.is_empty() || record.width() == self.header.width
    }

    /// The position of a column, by its place in the list of columns.
    #[must_use]
    pub fn position(&self, column: usize) -> Option<usize> {
        self.header.positions.get(column).copied().flatten()
    }

    /// The names of the columns that hold complaints: dropped unread (M17).
    #[must_use]
    pub fn dropped_columns(&self) -> &[String] {
        &self.header.dropped
    }

    /// The characters of a field of `record`.
    #[must_use]
    pub fn decode<'a>(&self, field: &'a [u8]) -> super::encoding::Decoded<'a> {
        self.records.decode(field)
    }

    /// Whether a record has more fields than the header.
    #[must_use]
    pub fn is_longer(&self, record: &Record) -> bool {
        record.width() > self.header.width
    }

    /// What the file's characters turned out to be so far.
    #[must_use]
    pub const fn charset(&self) -> Charset {
        self.records.charset()
    }

    /// Whether the file was gzipped.
    #[must_use]
    pub const fn compressed(&self) -> bool {
        self.records.compressed()
    }
}
