//! From physical lines to the records of a CSV file.
//!
//! The splitter is our own for three reasons: a problem is reported with the physical line on which
//! its record begins; a quotation mark that is never closed costs its own line and not the rest of
//! the file; and no record, however damaged the file, takes more than a bounded amount of memory.

use std::collections::VecDeque;
use std::io::Read;
use std::ops::Range;

use super::encoding::{Charset, Decoded, Line, Lines, MAX_LINE_BYTES};
use super::error::ImportError;

/// How many physical lines a record with quoted line breaks may span.
pub const MAX_LINES_IN_RECORD: usize = 32;

/// One record: its fields, unquoted, still in the bytes of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The physical line on which it begins.
    pub line: u64,
    bytes: Vec<u8>,
    fields: Vec<Range<usize>>,
}

impl Record {
    /// How many fields it has.
    #[must_use]
    pub fn width(&self) -> usize {
        self.fields.len()
    }

    /// The bytes of the field at `position`, unless the record is shorter.
    #[must_use]
    pub fn field(&self, position: usize) -> Option<&[u8]> {
        self.fields
            .get(position)
            .map(|range| &self.bytes[range.clone()])
    }

    /// Whether nothing stands in it: spreadsheets leave such rows at the end of a table.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.bytes.iter().all(u8::is_ascii_whitespace)
    }
}

/// What stood at one place of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A record.
    Record(Record),
    /// A line that can't be split into fields.
    Malformed {
        /// The physical line.
        line: u64,
        /// Why, for a person.
        reason: &'static str,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Split {
    Whole,
    QuoteLeftOpen,
    QuoteInTheWay,
}

/// Reads a source record by record. Blank records are passed over.
#[derive(Debug)]
pub struct Records {
    lines: Lines,
    put_back: VecDeque<Line>,
}

impl Records {
    /// Looks at the beginning of `source`.
    pub fn open(source: impl Read + Send + 'static) -> Result<Self, ImportError> {
        Ok(Self {
            lines: Lines::open(source)?,
            put_back: VecDeque::new(),
        })
    }

    /// What the file's characters turned out to be so far.
    #[must_use]
    pub const fn charset(&self) -> Charset {
        self.lines.charset()
    }

    /// Whether the file was gzipped.
    #[must_use]
    pub const fn compressed(&self) -> bool {
        self.lines.compressed()
    }

    /// The characters of a field of this file.
    #[must_use]
    pub fn decode<'a>(&self, field: &'a [u8]) -> Decoded<'a> {
        self.lines.decode(field)
    }

    /// The next record or malformed line; nothing at the end of the file.
    pub fn next_found(&mut self) -> Result<Option<Found>, ImportError> {
        while let Some(line) = self.take_line()? {
            let found = self.found_at(line)?;
            if !matches!(&found, Found::Record(record) if record.is_blank()) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn take_line(&mut self) -> Result<Option<Line>, ImportError> {
        match self.put_back.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.lines.next_line(),
        }
    }

    fn found_at(&mut self, first: Line) -> Result<Found, ImportError> {
        let malformed = |reason| Found::Malformed {
            line: first.number,
            reason,
        };
        if first.cut {
            return Ok(malformed("is longer than any record can be"));
        }
        let mut raw = first.bytes;
        let mut following = VecDeque::new();
        let mut record = Record {
            line: first.number,
            ..Record::default()
        };
        loop {
            let reason = match split(&raw, &mut record) {
                Split::Whole => return Ok(Found::Record(record)),
                Split::QuoteInTheWay => "has a quotation mark inside a quoted value",
                Split::QuoteLeftOpen => "opens a quotation mark that is never closed",
            };
            let may_go_on = reason.starts_with("opens")
                && following.len() + 1 < MAX_LINES_IN_RECORD
                && raw.len() < MAX_LINE_BYTES;
            let next = if may_go_on { self.take_line()? } else { None };
            let Some(next) = next else {
                // The lines after the first are records of their own, not its tail.
                while let Some(line) = following.pop_back() {
                    self.put_back.push_front(line);
                }
                return Ok(malformed(reason));
            };
            raw.push(b'\n');
            raw.extend_from_slice(&next.bytes);
            following.push_back(next);
        }
    }
}

/// Splits one record at its commas. Double quotes enclose a value that holds commas, line breaks or
/// (doubled) quotes; a quotation mark inside a value that doesn't begin with one is a character.
fn split(raw: &[u8], record: &mut Record) -> Split {
    record.bytes.clear();
    record.fields.clear();
    let mut at = 0;
    loop {
        let from = record.bytes.len();
        if raw.get(at) == Some(&b'"') {
            at = match unquote(raw, at + 1, &mut record.bytes) {
                Some(end) => end,
                None => return Split::QuoteLeftOpen,
            };
            while raw
                .get(at)
                .is_some_and(|b| matches!(b, b' ' | b'\t' | b'\r'))
            {
                at += 1;
            }
            if raw.get(at).is_some_and(|byte| *byte != b',') {
                return Split::QuoteInTheWay;
            }
        } else {
            let length = raw[at..]
                .iter()
                .position(|byte| *byte == b',')
                .unwrap_or(raw.len() - at);
            record.bytes.extend_from_slice(&raw[at..at + length]);
            at += length;
        }
        record.fields.push(from..record.bytes.len());
        if at >= raw.len() {
            return Split::Whole;
        }
        at += 1;
    }
}

/// Copies a quoted value; the position after its closing quotation mark, if it has one.
fn unquote(raw: &[u8], from: usize, into: &mut Vec<u8>) -> Option<usize> {
    let mut at = from;
    loop {
        let length = raw.get(at..)?.iter().position(|byte| *byte == b'"')?;
        into.extend_from_slice(&raw[at..at + length]);
        at += length + 1;
        if raw.get(at) != Some(&b'"') {
            return Some(at);
        }
        into.push(b'"');
        at += 1;
    }
}
