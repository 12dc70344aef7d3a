//! Our own file of school holidays and closures.
//!
//! ```csv
//! scope,from,to,kind
//! england,2020-10-26,2020-10-30,holiday
//! localAuthorities/931,2020-10-19,2020-10-30,holiday
//! schools/123166,2020-11-02,2020-11-02,inset
//! ```
//!
//! `to` is included; empty means one day. `kind` is `holiday`, `closure` or `inset`. A calendar that
//! lists any holiday of a term (from September, January and May) must list all of that term: it
//! stands in the place of the less particular ones (school, then local authority, then England).

use super::bank_holidays;
use super::error::ImportError;
use super::file::{ImportFile, RowFormat};
use super::row::RowReader;
use super::table::Column;
use crate::domain::calendar::{CalendarEntry, Calendars, EntryKind, Scope};

/// England's default: autumn 2020, half term 26 to 30 October, end of term 18 December.
const SHIPPED: &[u8] = include_bytes!("../../data/calendars/england-autumn-2020.csv");

const SCOPE: usize = 0;
const FROM: usize = 1;
const TO: usize = 2;
const KIND: usize = 3;

/// The longest time that one entry may close a school: the summer holiday and some.
const MAX_DAYS: i32 = 100;

impl RowFormat for CalendarEntry {
    const FILE: &'static str = "a file of school holidays and closures";
    const COLUMNS: &'static [Column] = &[
        Column::needed(&["scope"]),
        Column::needed(&["from"]),
        Column::optional(&["to"]),
        Column::needed(&["kind"]),
    ];

    fn read(row: &mut RowReader<'_>) -> Option<Self> {
        let scope = row.raw(SCOPE).parse::<Scope>().ok();
        if scope.is_none() {
            row.problem(
                SCOPE,
                "must be england, localAuthorities/{three digits} or schools/{six digits}",
            );
        }
        let kind = row.raw(KIND).parse::<EntryKind>().ok();
        if kind.is_none() {
            row.problem(KIND, "must be holiday, closure or inset");
        }
        let from = row.date(FROM);
        if from.is_none() && row.value(FROM).is_none() {
            row.problem(FROM, "is empty");
        }
        let from = from?;
        let to = match row.value(TO) {
            None => from,
            Some(_) => row.date(TO)?,
        };
        let days = (to - from).get_days();
        if !(0..MAX_DAYS).contains(&days) {
            row.problem(
                TO,
                "must be the same day as \"from\" or up to 100 days later",
            );
        }
        Some(Self {
            scope: scope?,
            from,
            to,
            kind: kind?,
        })
    }

    fn urn(&self) -> Option<&str> {
        None
    }
}

/// England's default calendar, which comes with the program.
pub fn shipped() -> Result<Vec<CalendarEntry>, ImportError> {
    let mut file = ImportFile::<CalendarEntry>::open(SHIPPED)?;
    let entries = file.next_chunk(usize::MAX)?;
    file.finish()?;
    Ok(entries)
}

/// The bank holidays and England's default, as they come with the program.
pub fn shipped_calendars() -> Result<Calendars, ImportError> {
    Ok(Calendars::new(bank_holidays::shipped()?, shipped()?))
}
