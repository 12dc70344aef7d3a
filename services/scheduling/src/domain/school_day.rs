//! The school day before a visit: the day of the first contact (M13).

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use serde::{Deserialize, Serialize};
use visits_core::{ErrorKind, Refusal, london};

use super::calendar::{CalendarUsed, EntryKind, Level, SchoolCalendar};

/// When the school is called, by the clock in England.
pub const CALL_TIME: Time = Time::constant(10, 0, 0, 0);

/// How far back a school day is looked for. No school is closed for longer: the summer holiday has
/// six weeks or seven.
pub const MAX_DAYS_BACK: usize = 100;

/// Why a school is closed on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosedBecause {
    /// Saturday or Sunday.
    Weekend,
    /// A bank holiday, with its title.
    BankHoliday(String),
    /// A day outside of the terms, by that calendar.
    Holiday(Level),
    /// A closure, by that calendar.
    Closure(Level),
    /// A day of staff training, by that calendar.
    Inset(Level),
}

impl ClosedBecause {
    fn level(&self) -> Option<Level> {
        match self {
            Self::Weekend | Self::BankHoliday(_) => None,
            Self::Holiday(level) | Self::Closure(level) | Self::Inset(level) => Some(*level),
        }
    }
}

impl fmt::Display for ClosedBecause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, level) = match self {
            Self::Weekend => return f.write_str("weekend"),
            Self::BankHoliday(title) => return write!(f, "bank holiday ({title})"),
            Self::Holiday(level) => ("holiday", *level),
            Self::Closure(level) => ("closure", *level),
            Self::Inset(level) => ("INSET day", *level),
        };
        write!(f, "{what} by {}", CalendarUsed::from(level).name())
    }
}

/// A day that was stepped over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedDay {
    /// The day.
    pub date: Date,
    /// Why the school is closed on it.
    pub reason: ClosedBecause,
}

/// The school day before a visit, and how it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchoolDay {
    /// The day.
    pub date: Date,
    /// The calendar that it rests on: the one whose holidays hold on that day, or a more
    /// particular one, a day of which was stepped over.
    pub calendar_used: CalendarUsed,
    /// The days between it and the visit, the latest first.
    pub skipped: Vec<SkippedDay>,
}

/// Why no day can be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchoolDayRefusal {
    /// The bank holidays of that year aren't known. It is never taken for a year without.
    BankHolidaysUnknown {
        /// The year.
        year: i16,
    },
    /// The school isn't open on any of the [`MAX_DAYS_BACK`] days before the visit.
    NoSchoolDayBefore {
        /// The date of the visit.
        visit_date: Date,
    },
}

impl fmt::Display for SchoolDayRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BankHolidaysUnknown { year } => write!(
                f,
                "the bank holidays of {year} aren't known; import GOV.UK's list before planning"
            ),
            Self::NoSchoolDayBefore { visit_date } => write!(
                f,
                "by its calendar the school is closed on each of the {MAX_DAYS_BACK} days before \
                 {visit_date}"
            ),
        }
    }
}

impl Refusal for SchoolDayRefusal {
    fn kind(&self) -> ErrorKind {
        ErrorKind::WrongState
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::BankHolidaysUnknown { .. } => "BANK_HOLIDAYS_UNKNOWN",
            Self::NoSchoolDayBefore { .. } => "NO_SCHOOL_DAY_BEFORE",
        }
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::BankHolidaysUnknown { year } => vec![("year", year.to_string())],
            Self::NoSchoolDayBefore { visit_date } => vec![("visit_date", visit_date.to_string())],
        }
    }
}

/// The last day on or before the day before the visit on which the school is open.
pub fn school_day_before(
    visit_date: Date,
    calendar: &SchoolCalendar<'_>,
) -> Result<SchoolDay, SchoolDayRefusal> {
    need_bank_holidays(visit_date, calendar)?;
    let mut skipped: Vec<SkippedDay> = Vec::new();
    let mut date = visit_date;
    for _ in 0..MAX_DAYS_BACK {
        let Ok(before) = date.yesterday() else { break };
        date = before;
        match closed_because(date, calendar)? {
            Some(reason) => skipped.push(SkippedDay { date, reason }),
            None => {
                let stepped_over = skipped.iter().filter_map(|day| day.reason.level());
                let used = stepped_over.map(CalendarUsed::from).min();
                let holds = calendar.used_on(date);
                return Ok(SchoolDay {
                    date,
                    calendar_used: used.map_or(holds, |used| used.min(holds)),
                    skipped,
                });
            }
        }
    }
    Err(SchoolDayRefusal::NoSchoolDayBefore { visit_date })
}

/// Whether the school is open on `date`, as far as is known.
pub fn is_school_day(date: Date, calendar: &SchoolCalendar<'_>) -> Result<bool, SchoolDayRefusal> {
    closed_because(date, calendar).map(|reason| reason.is_none())
}

/// Why the school is closed on `date`; nothing if it is open.
pub fn closed_because(
    date: Date,
    calendar: &SchoolCalendar<'_>,
) -> Result<Option<ClosedBecause>, SchoolDayRefusal> {
    need_bank_holidays(date, calendar)?;
    if matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) {
        return Ok(Some(ClosedBecause::Weekend));
    }
    if let Some(title) = calendar.bank_holidays().title_on(date) {
        return Ok(Some(ClosedBecause::BankHoliday(title.to_owned())));
    }
    Ok(calendar.entry_on(date).map(|entry| {
        let level = entry.scope.level();
        match entry.kind {
            EntryKind::Holiday => ClosedBecause::Holiday(level),
            EntryKind::Closure => ClosedBecause::Closure(level),
            EntryKind::Inset => ClosedBecause::Inset(level),
        }
    }))
}

/// The instant at which the school is called on `call_day`: ten o'clock in England (M13).
#[must_use]
pub fn call_appointment(call_day: Date) -> Timestamp {
    london::instant(call_day, CALL_TIME)
}

fn need_bank_holidays(date: Date, calendar: &SchoolCalendar<'_>) -> Result<(), SchoolDayRefusal> {
    let year = date.year();
    if calendar.bank_holidays().covers(year) {
        Ok(())
    } else {
        Err(SchoolDayRefusal::BankHolidaysUnknown { year })
    }
}
