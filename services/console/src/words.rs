//! What codes, instants and lengths of time read like.

use visits_core::civil::{Date, Time};
use visits_core::{SignedDuration, Timestamp, london};
use visits_proto::common::v1::ConcernArea;
use visits_proto::escalation::v1::case::State;

/// Weekday and zone word always (R-CON-19, R-CON-25).
pub(crate) use visits_core::london::{hour, spoken as moment};

/// `Monday 26 October`.
pub(crate) fn day(at: Timestamp) -> String {
    london::wall_clock(at).strftime("%A %-d %B").to_string()
}

/// Elapsed time in hours and minutes, whatever the clocks on the wall did: never in days, because a
/// day may have 25 hours (R-CON-19).
pub(crate) fn elapsed(length: SignedDuration) -> String {
    let minutes = length.as_secs().max(0) / 60;
    let (hours, minutes) = (minutes / 60, minutes % 60);
    match (hours, minutes) {
        (0, _) => counted(minutes, "minute"),
        (_, 0) => counted(hours, "hour"),
        _ => format!("{} {}", counted(hours, "hour"), counted(minutes, "minute")),
    }
}

/// How long ago something was.
pub(crate) fn ago(length: SignedDuration) -> String {
    if length < SignedDuration::from_mins(1) {
        return "less than a minute ago".to_owned();
    }
    format!("{} ago", elapsed(length))
}

/// `1 hour`, `2 hours`.
pub(crate) fn counted(count: i64, what: &str) -> String {
    if count == 1 {
        format!("1 {what}")
    } else {
        format!("{count} {what}s")
    }
}

/// Where a case stands.
pub(crate) const fn state(state: State) -> &'static str {
    match state {
        State::Unspecified => "Not known",
        State::Open => "New concern",
        State::WithDutyDesk => "With the duty desk",
        State::AwaitingDecision => "Awaiting decision",
        State::NfdRequired => "NFD required",
        State::NfdNotRequired => "No NFD required",
        State::NfdUnderWay => "NFD under way",
        State::NfdComplete => "NFD complete",
        State::Withdrawn => "Withdrawn",
    }
}

/// The colour of its tag; the words say the same.
pub(crate) const fn colour(state: State) -> &'static str {
    match state {
        State::Open | State::NfdRequired => "govuk-tag--red",
        State::WithDutyDesk | State::AwaitingDecision => "govuk-tag--yellow",
        State::NfdUnderWay => "govuk-tag--blue",
        _ => "govuk-tag--grey",
    }
}

/// An area of M26.
pub(crate) const fn area(area: ConcernArea) -> &'static str {
    match area {
        ConcernArea::Unspecified => "Area not known",
        ConcernArea::Safeguarding => "Safeguarding",
        ConcernArea::LeadershipAndManagement => "Breakdown in leadership and management",
    }
}

/// The eight Ofsted regions: what follows `regions/`, and the name.
pub(crate) const REGIONS: [(&str, &str); 8] = [
    ("east-midlands", "East Midlands"),
    ("east-of-england", "East of England"),
    ("london", "London"),
    (
        "north-east-yorkshire-and-the-humber",
        "North East, Yorkshire and the Humber",
    ),
    ("north-west", "North West"),
    ("south-east", "South East"),
    ("south-west", "South West"),
    ("west-midlands", "West Midlands"),
];

/// `South East` of `regions/south-east`.
pub(crate) fn region(name: &str) -> &str {
    let slug = name.strip_prefix("regions/").unwrap_or(name);
    let known = REGIONS.iter().find(|(known, _)| *known == slug);
    known.map_or(slug, |(_, name)| *name)
}

/// `HMI-001` of `inspectors/HMI-001`.
pub(crate) fn code(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The instant of a day and a time as somebody in England types them.
pub(crate) fn instant(day: &str, month: &str, year: &str, time: &str) -> Result<Timestamp, String> {
    let number = |text: &str| text.trim().parse::<i16>().ok();
    let part = |text: &str| number(text).and_then(|number| i8::try_from(number).ok());
    let date = match (number(year), part(month), part(day)) {
        (Some(year), Some(month), Some(day)) => Date::new(year, month, day).ok(),
        _ => None,
    };
    let date = date.ok_or("must be a real date, such as 23 10 2020")?;
    let time = clock_time(time).ok_or("must be a time, such as 2:20pm or 14:20")?;
    Ok(london::instant(date, time))
}

/// `3:20pm` of `15:20`.
pub(crate) fn time_of_day(text: &str) -> String {
    clock_time(text).map_or_else(
        || text.to_owned(),
        |time| time.strftime("%-I:%M%P").to_string(),
    )
}

/// Whether somebody typed a time of a day.
pub(crate) fn is_time(text: &str) -> bool {
    clock_time(text).is_some()
}

fn clock_time(text: &str) -> Option<Time> {
    let text = text.trim().to_ascii_lowercase().replace([' ', '.'], ":");
    let (text, shift) = if let Some(text) = text.strip_suffix("pm") {
        (text, Some(12))
    } else if let Some(text) = text.strip_suffix("am") {
        (text, Some(0))
    } else {
        (text.as_str(), None)
    };
    let (hour, minute) = text.trim_end_matches(':').split_once(':')?;
    let (hour, minute): (i8, i8) = (hour.parse().ok()?, minute.parse().ok()?);
    // Some write the hour after midnight, or after noon, with a 0: browsers do so for England.
    let hour = match shift {
        Some(shift) if (0..=12).contains(&hour) => hour % 12 + shift,
        Some(_) => return None,
        None => hour,
    };
    Time::new(hour, minute, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("instant")
    }

    #[test]
    fn r_con_19_r_con_25_a_moment_has_its_weekday_and_zone_on_both_sides_of_the_clock_change() {
        let friday = "Friday 23 October 2020 at 2:30pm BST";
        assert_eq!(moment(at("2020-10-23T13:30:00Z")), friday);
        let sunday = "Sunday 25 October 2020 at 1:30pm GMT";
        assert_eq!(moment(at("2020-10-25T13:30:00Z")), sunday);
    }

    #[test]
    fn r_con_19_time_that_has_passed_is_told_in_hours_and_never_in_days() {
        let told = |minutes| elapsed(SignedDuration::from_mins(minutes));
        assert_eq!(told(0), "0 minutes");
        assert_eq!(told(1), "1 minute");
        assert_eq!(told(60), "1 hour");
        assert_eq!(told(47 * 60 + 59), "47 hours 59 minutes");
        assert_eq!(told(-5), "0 minutes");
        assert_eq!(ago(SignedDuration::from_secs(59)), "less than a minute ago");
        assert_eq!(ago(SignedDuration::from_mins(61)), "1 hour 1 minute ago");
    }

    #[test]
    fn r_con_25_a_time_of_a_day_is_said_as_people_write_it() {
        let told = ["09:05", "12:00", "15:20", "00:30", ""].map(time_of_day);
        assert_eq!(told, ["9:05am", "12:00pm", "3:20pm", "12:30am", ""]);
    }

    #[test]
    fn a_time_is_read_as_people_write_it_and_a_wrong_one_is_refused() {
        let friday = |time| instant("23", "10", "2020", time);
        let expected = Ok(at("2020-10-23T13:20:00Z"));
        for time in ["14:20", "2:20pm", "2.20 pm", " 2:20PM "] {
            assert_eq!(friday(time), expected, "{time}");
        }
        for time in ["12:05am", "0:05 am", "00:05"] {
            assert_eq!(friday(time), Ok(at("2020-10-22T23:05:00Z")), "{time}");
        }
        for time in ["12:05pm", "0:05 pm", "12:05"] {
            assert_eq!(friday(time), Ok(at("2020-10-23T11:05:00Z")), "{time}");
        }
        for time in ["", "25:00", "24:00", "14:20pm", "-1:20pm", "noon", "14"] {
            assert!(friday(time).is_err(), "{time}");
        }
        assert!(instant("31", "9", "2020", "10:00").is_err());
    }

    #[test]
    fn a_region_and_an_inspector_are_read_from_their_names() {
        assert_eq!(region("regions/south-east"), "South East");
        assert_eq!(code("inspectors/HMI-001"), "HMI-001");
    }
}
