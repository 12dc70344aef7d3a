//! Days as the contracts write them, `2020-10-23`, and as people do.

use visits_core::civil::Date;

use crate::form::Filled;

/// `Friday 23 October 2020` of `2020-10-23`; what is no day stays as it is.
pub(crate) fn spoken(text: &str) -> String {
    let date: Result<Date, _> = text.parse();
    date.map_or_else(
        |_| text.to_owned(),
        |date| date.strftime("%A %-d %B %Y").to_string(),
    )
}

/// The day in the fields `name-day`, `name-month` and `name-year`; nothing if they are no day.
pub(crate) fn read(filled: &Filled, name: &str) -> Option<Date> {
    let part = |part: &str| filled.get(&format!("{name}-{part}")).trim().to_owned();
    let (year, month) = (part("year").parse().ok()?, part("month").parse().ok()?);
    Date::new(year, month, part("day").parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_con_25_a_day_is_read_and_said_as_people_write_it() {
        assert_eq!(spoken("2020-10-23"), "Friday 23 October 2020");
        assert_eq!(spoken(""), "");
        let mut filled = Filled::default();
        for (part, value) in [("day", " 9"), ("month", "11"), ("year", "2020")] {
            filled.set(&format!("new-{part}"), value);
        }
        let read = read(&filled, "new").map(|date| date.to_string());
        assert_eq!(read.as_deref(), Some("2020-11-09"));
        filled.set("new-month", "13");
        assert!(super::read(&filled, "new").is_none());
    }
}
