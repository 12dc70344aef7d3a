//! Local time in England: Europe/London, across both clock changes.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

/// The zone's name in the tz database.
pub const ZONE: &str = "Europe/London";

fn zone() -> TimeZone {
    // The database is bundled into the binary; UTC would only stand in if it had been left out.
    TimeZone::get(ZONE).unwrap_or(TimeZone::UTC)
}

/// The instant of a wall-clock time in England. In the hour that occurs twice the first is meant;
/// a time that is skipped moves forward by the gap.
#[must_use]
pub fn instant(date: Date, time: Time) -> Timestamp {
    date.to_datetime(time)
        .to_zoned_datetime(zone())
        .map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

/// The wall clock in England at `instant`.
#[must_use]
pub fn wall_clock(instant: Timestamp) -> ZonedDateTime {
    instant.to_zoned_datetime(zone())
}

/// The date in England at `instant`.
#[must_use]
pub fn date(instant: Timestamp) -> Date {
    wall_clock(instant).date()
}

/// `Friday 23 October 2020 at 2:30pm BST`: weekday and zone word always, so that nobody has to
/// guess on the weekend of a clock change (R-CON-19), and hours as GOV.UK writes them (R-CON-25).
#[must_use]
pub fn spoken(instant: Timestamp) -> String {
    wall_clock(instant)
        .strftime("%A %-d %B %Y at %-I:%M%P %Z")
        .to_string()
}

/// `2:30pm BST`.
#[must_use]
pub fn hour(instant: Timestamp) -> String {
    wall_clock(instant).strftime("%-I:%M%P %Z").to_string()
}

/// `Fri 23 Oct 2:30pm BST`, for tables.
#[must_use]
pub fn brief(instant: Timestamp) -> String {
    wall_clock(instant)
        .strftime("%a %-d %b %-I:%M%P %Z")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use jiff::civil::{date, time};

    #[test]
    fn m29_forty_eight_elapsed_hours_end_an_hour_earlier_by_the_clock_in_october_2020() {
        let decided = instant(date(2020, 10, 23), time(14, 30, 0, 0));
        assert_eq!(spoken(decided), "Friday 23 October 2020 at 2:30pm BST");
        let deadline = decided + SignedDuration::from_hours(48);
        assert_eq!(spoken(deadline), "Sunday 25 October 2020 at 1:30pm GMT");
    }

    #[test]
    fn m13_ten_o_clock_is_ten_o_clock_on_both_sides_of_the_clock_change() {
        let summer = instant(date(2020, 10, 23), time(10, 0, 0, 0));
        let winter = instant(date(2020, 10, 26), time(10, 0, 0, 0));
        assert_eq!(summer.to_string(), "2020-10-23T09:00:00Z");
        assert_eq!(winter.to_string(), "2020-10-26T10:00:00Z");
    }
}
