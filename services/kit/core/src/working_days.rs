//! Working days in England: not a weekend, not a bank holiday.
//!
//! Pure: what counts is a value, made from GOV.UK's list.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::Deserialize;

/// GOV.UK's list of bank holidays as it comes with the program, 2012 to 2028
/// (<https://www.gov.uk/bank-holidays.json>).
pub const BANK_HOLIDAYS: &str = include_str!("../data/bank-holidays.json");

/// The bank holidays of England, over the years that the data covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkingDays {
    holidays: BTreeSet<Date>,
}

/// The list can't say whether days of this year are working days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no bank-holiday data for {year}")]
pub struct YearNotCovered {
    /// The year.
    pub year: i16,
}

#[derive(Deserialize)]
struct GovUk {
    #[serde(rename = "england-and-wales")]
    england_and_wales: Division,
}

#[derive(Deserialize)]
struct Division {
    events: Vec<Holiday>,
}

#[derive(Deserialize)]
struct Holiday {
    date: Date,
}

impl WorkingDays {
    /// Those of England by [`BANK_HOLIDAYS`], read once; `None` if the list can't be read.
    #[must_use]
    pub fn of_england() -> Option<&'static Self> {
        static ENGLAND: LazyLock<Option<WorkingDays>> =
            LazyLock::new(|| WorkingDays::from_gov_uk(BANK_HOLIDAYS).ok());
        ENGLAND.as_ref()
    }

    /// Reads GOV.UK's JSON of bank holidays.
    ///
    /// # Errors
    /// If the text isn't that JSON.
    pub fn from_gov_uk(json: &str) -> Result<Self, serde_json::Error> {
        let read: GovUk = serde_json::from_str(json)?;
        let holidays = read
            .england_and_wales
            .events
            .iter()
            .map(|h| h.date)
            .collect();
        Ok(Self { holidays })
    }

    /// Whether people work on `day`.
    ///
    /// # Errors
    /// If the data doesn't cover the year: it never counts as one without holidays.
    pub fn includes(&self, day: Date) -> Result<bool, YearNotCovered> {
        if !self
            .holidays
            .iter()
            .any(|holiday| holiday.year() == day.year())
        {
            return Err(YearNotCovered { year: day.year() });
        }
        Ok(!is_weekend(day) && !self.holidays.contains(&day))
    }

    /// The working day that comes `count` working days after `start`, the start not counted.
    ///
    /// # Errors
    /// If the data doesn't cover a year on the way.
    pub fn after(&self, start: Date, count: u32) -> Result<Date, YearNotCovered> {
        self.walk(start, count, 1)
    }

    /// The last working day before `day`.
    ///
    /// # Errors
    /// If the data doesn't cover a year on the way.
    pub fn before(&self, day: Date) -> Result<Date, YearNotCovered> {
        self.walk(day, 1, -1)
    }

    fn walk(&self, start: Date, count: u32, step: i64) -> Result<Date, YearNotCovered> {
        let mut day = start;
        let mut left = count;
        while left > 0 {
            day = day
                .checked_add(step.days())
                .map_err(|_| YearNotCovered { year: day.year() })?;
            if self.includes(day)? {
                left -= 1;
            }
        }
        Ok(day)
    }
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// The day that comes `count` days from Monday to Friday after `start`: where no list is at hand,
/// the earliest that the working day can be. `None` beyond the end of the calendar.
#[must_use]
pub fn weekdays_after(start: Date, count: u32) -> Option<Date> {
    let mut day = start;
    let mut left = count;
    while left > 0 {
        day = day.tomorrow().ok()?;
        left -= u32::from(!is_weekend(day));
    }
    Some(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn england() -> &'static WorkingDays {
        WorkingDays::of_england().expect("the list")
    }

    #[test]
    fn thirteen_working_days_after_the_real_visit_is_the_day_of_the_real_letter() {
        // A visit on Tuesday 29 September 2020 and no bank holiday that autumn.
        let day = england().after(date(2020, 9, 29), 13);
        assert_eq!(day, Ok(date(2020, 10, 16)));
    }

    #[test]
    fn weekends_and_bank_holidays_are_no_working_days() {
        let days = england();
        // Thursday 24 December 2020: Christmas Day, the weekend and the substitute for Boxing Day.
        assert_eq!(days.after(date(2020, 12, 24), 1), Ok(date(2020, 12, 29)));
        assert_eq!(days.before(date(2020, 12, 29)), Ok(date(2020, 12, 24)));
    }

    #[test]
    fn a_year_without_data_is_refused_and_never_without_holidays() {
        let days = england();
        assert_eq!(
            days.after(date(2028, 12, 29), 3),
            Err(YearNotCovered { year: 2029 })
        );
    }

    #[test]
    fn without_a_list_the_days_from_monday_to_friday_are_counted() {
        // Over Christmas: no holiday is known, so it comes earlier than the working day.
        let day = weekdays_after(date(2020, 12, 24), 1);
        assert_eq!(day, Some(date(2020, 12, 25)));
        assert_eq!(weekdays_after(Date::MAX, 1), None);
    }
}
