//! Reading one row's values: each column by its place in the importer's list of columns, every
//! problem of the row collected, no value ever repeated in a problem.

use std::borrow::Cow;

use jiff::civil::Date;

use super::records::Record;
use super::report::RowProblem;
use super::table::{Column, Table};

/// The most characters that a text of a row may have.
const MAX_TEXT_CHARS: usize = 200;

/// The most pupils that a school can be said to have.
const MAX_PUPILS: u32 = 100_000;

/// Reads the values of one row.
#[derive(Debug)]
pub struct RowReader<'a> {
    table: &'a Table,
    record: &'a Record,
    columns: &'static [Column],
    problems: Vec<RowProblem>,
    notes: Vec<(&'static str, &'static str)>,
}

impl<'a> RowReader<'a> {
    pub(super) fn new(table: &'a Table, record: &'a Record, columns: &'static [Column]) -> Self {
        let mut notes = Vec::new();
        if table.is_longer(record) {
            notes.push((
                "",
                "has more fields than the header; the surplus is ignored",
            ));
        }
        Self {
            table,
            record,
            columns,
            problems: Vec::new(),
            notes,
        }
    }

    pub(super) fn into_findings(self) -> (Vec<RowProblem>, Vec<(&'static str, &'static str)>) {
        (self.problems, self.notes)
    }

    /// Notes that the value of `column` breaks a rule, so that the row is refused.
    pub fn problem(&mut self, column: usize, reason: &str) {
        self.problems.push(RowProblem {
            line: self.record.line,
            column: self.name(column).to_owned(),
            reason: reason.to_owned(),
        });
    }

    /// Notes something about the value of `column` that doesn't prevent the row.
    pub fn note(&mut self, column: usize, what: &'static str) {
        self.notes.push((self.name(column), what));
    }

    /// The characters as they stand, trimmed; empty if there are none.
    pub fn raw(&mut self, column: usize) -> Cow<'a, str> {
        let position = self.table.position(column);
        let Some(field) = position.and_then(|at| self.record.field(at)) else {
            return Cow::Borrowed("");
        };
        let decoded = self.table.decode(field);
        if decoded.damaged {
            self.note(column, "holds a character that was lost before (U+FFFD)");
        }
        decoded.text
    }

    /// A value, unless it is missing: empty, `-`, `..` or `NULL`.
    pub fn value(&mut self, column: usize) -> Option<Cow<'a, str>> {
        let raw = self.raw(column);
        (!matches!(&*raw, "" | "-" | ".." | "NULL")).then_some(raw)
    }

    /// A text that may be missing.
    pub fn text(&mut self, column: usize) -> Option<String> {
        let text = self.value(column)?;
        if text.chars().count() > MAX_TEXT_CHARS {
            self.problem(column, "is longer than 200 characters");
            return None;
        }
        Some(text.into_owned())
    }

    /// A text that must be there.
    pub fn needed_text(&mut self, column: usize) -> String {
        let before = self.problems.len();
        let text = self.text(column).unwrap_or_default();
        if text.is_empty() && self.problems.len() == before {
            self.problem(column, "is empty");
        }
        text
    }

    /// A unique reference number: six digits, the first not zero.
    pub fn urn(&mut self, column: usize) -> String {
        let urn = self.value(column).unwrap_or_default();
        if urn.len() != 6 || urn.starts_with('0') || !urn.bytes().all(|b| b.is_ascii_digit()) {
            self.problem(column, "must be a URN of six digits");
        }
        urn.into_owned()
    }

    /// A code of digits that a spreadsheet may have robbed of its leading zeros.
    pub fn padded_code(&mut self, column: usize, digits: usize) -> Option<String> {
        let code = self.text(column)?;
        let is_number = code.bytes().all(|b| b.is_ascii_digit());
        Some(if is_number {
            format!("{code:0>digits$}")
        } else {
            code
        })
    }

    /// A date, `26-09-2020` or `26/09/2020` (or, resaved, `2020-09-26`).
    pub fn date(&mut self, column: usize) -> Option<Date> {
        let text = self.value(column)?;
        let date = read_date(&text);
        if date.is_none() {
            self.problem(column, "must be a date such as 26-09-2020 or 26/09/2020");
        }
        date
    }

    /// A number of pupils. Where two schools share a pupil each has half of one; what counts here
    /// are the children in the building, so that a half is rounded up.
    pub fn pupils(&mut self, column: usize) -> Option<u32> {
        let text = self.value(column)?;
        let Some((pupils, rounded)) = read_pupils(&text) else {
            self.problem(column, "must be a number of pupils");
            return None;
        };
        if rounded {
            self.note(column, "is no whole number; rounded");
        }
        Some(pupils)
    }

    fn name(&self, column: usize) -> &'static str {
        self.columns.get(column).map_or("", Column::name)
    }
}

pub(super) fn read_date(text: &str) -> Option<Date> {
    let separator = if text.contains('/') { '/' } else { '-' };
    let mut parts = text.split(separator);
    let (first, month, last) = (parts.next()?, parts.next()?, parts.next()?);
    let (year, day) = if first.len() == 4 {
        (first, last)
    } else {
        (last, first)
    };
    let digits = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// The number, and whether it had to be rounded. `1,204` and `187.5` occur.
fn read_pupils(text: &str) -> Option<(u32, bool)> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if !whole.bytes().all(|b| b.is_ascii_digit() || b == b',') {
        return None;
    }
    let whole: u32 = whole.replace(',', "").parse().ok()?;
    let half_or_more = part.bytes().next().is_some_and(|b| b >= b'5');
    let rounded = part.bytes().any(|b| b != b'0');
    let pupils = whole.checked_add(u32::from(half_or_more))?;
    (pupils <= MAX_PUPILS).then_some((pupils, rounded))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn dates_are_read_as_gias_writes_them_and_as_spreadsheets_leave_them() {
        for text in ["01-09-2020", "01/09/2020", "1/9/2020", "2020-09-01"] {
            assert_eq!(read_date(text), Some(date(2020, 9, 1)), "{text}");
        }
        for text in [
            "31-02-2020",
            "01-09-20",
            "9/2020",
            "1-2-3-2020",
            "+1-09-2020",
            "soon",
            "--",
        ] {
            assert_eq!(read_date(text), None, "{text}");
        }
    }

    #[test]
    fn halves_of_pupils_are_rounded_up_and_said_to_be() {
        assert_eq!(read_pupils("1,204"), Some((1204, false)));
        assert_eq!(read_pupils("187.5"), Some((188, true)));
        assert_eq!(read_pupils("255.3"), Some((255, true)));
        assert_eq!(read_pupils("12.0"), Some((12, false)));
        for text in ["", ".", "12.", "-3", "many", "4294967295.5", "99999999999"] {
            assert_eq!(read_pupils(text), None, "{text}");
        }
    }
}
