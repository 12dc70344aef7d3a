//! Bank holidays from GOV.UK's JSON, the division England and Wales.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use visits_core::working_days::BANK_HOLIDAYS;

use super::error::ImportError;
use crate::domain::calendar::BankHolidays;

/// The division that holds for every school in England.
pub const DIVISION: &str = "england-and-wales";

#[derive(Deserialize)]
struct Division {
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    title: String,
    date: Date,
}

/// Reads GOV.UK's JSON. A year counts as covered only if all of its bank holidays can be there.
pub fn read(json: &[u8]) -> Result<BankHolidays, ImportError> {
    let unreadable = |reason: String| ImportError::BankHolidaysUnreadable { reason };
    let json = json.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(json);
    let mut divisions: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(json).map_err(|error| unreadable(error.to_string()))?;
    let division = divisions
        .remove(DIVISION)
        .ok_or_else(|| unreadable(format!("there is no division \"{DIVISION}\"")))?;
    let division: Division =
        serde_json::from_value(division).map_err(|error| unreadable(error.to_string()))?;
    let days = division.events.into_iter().map(|e| (e.date, e.title));
    let holidays = BankHolidays::new(days);
    if holidays.years().is_empty() {
        return Err(unreadable("no year is complete".to_owned()));
    }
    Ok(holidays)
}

/// The bank holidays that come with the program: 2012 to 2028.
pub fn shipped() -> Result<BankHolidays, ImportError> {
    read(BANK_HOLIDAYS.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_shipped_bank_holidays_cover_2012_to_2028() {
        let holidays = shipped().expect("the shipped file");
        let years: Vec<i16> = (2012..=2028).collect();
        assert_eq!(holidays.years().into_iter().collect::<Vec<_>>(), years);
        assert_eq!(
            holidays.title_on(date(2022, 9, 19)),
            Some("Bank Holiday for the State Funeral of Queen Elizabeth II")
        );
        let term = (date(2020, 9, 1), date(2020, 12, 24));
        assert_eq!(holidays.between(term.0, term.1).count(), 0);
    }

    #[test]
    fn another_divisions_holidays_are_not_englands() {
        let holidays = shipped().expect("the shipped file");
        // St Patrick's Day, St Andrew's Day.
        assert_eq!(holidays.title_on(date(2020, 3, 17)), None);
        assert_eq!(holidays.title_on(date(2020, 11, 30)), None);
    }

    #[test]
    fn a_year_with_too_few_holidays_is_not_covered() {
        let json = br#"{"england-and-wales": {"division": "england-and-wales", "events": [
            {"title": "New Year", "date": "2031-01-01", "notes": "", "bunting": true}]}}"#;
        let error = read(json).expect_err("an incomplete year");
        assert!(error.to_string().contains("no year is complete"), "{error}");
    }

    #[test]
    fn what_is_not_the_json_of_gov_uk_is_refused() {
        for (json, part) in [
            (&b"URN,LA"[..], "expected value"),
            (b"{}", "no division \"england-and-wales\""),
            (
                br#"{"england-and-wales": {"events": [{"title": "x"}]}}"#,
                "date",
            ),
            (
                br#"{"england-and-wales": {"events": [{"title": "x", "date": "32nd"}]}}"#,
                "failed to parse",
            ),
        ] {
            let error = read(json).expect_err("not bank holidays").to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
