//! The hours inside the window in which the school is open: the decision page names them (M29).
//! They inform; the 48 hours run through the night and the weekend all the same.

use visits_core::civil::{Date, Time, Weekday};
use visits_core::{Timestamp, london};

/// A stretch in which the school is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenHours {
    /// From.
    pub from: Timestamp,
    /// Until.
    pub until: Timestamp,
}

/// The stretches of the school's open `days` inside the window, cut at its ends.
#[must_use]
pub fn inside(
    window: (Timestamp, Timestamp),
    days: &[Date],
    opens: Time,
    closes: Time,
) -> Vec<OpenHours> {
    let (start, deadline) = window;
    days.iter()
        .map(|day| OpenHours {
            from: london::instant(*day, opens).max(start),
            until: london::instant(*day, closes).min(deadline),
        })
        .filter(|hours| hours.from < hours.until)
        .collect()
}

/// The days that the window touches, in England.
pub fn days_of(window: (Timestamp, Timestamp)) -> impl Iterator<Item = Date> {
    let last = london::date(window.1);
    let first = london::date(window.0);
    std::iter::successors(Some(first), |day| day.tomorrow().ok())
        .take_while(move |day| *day <= last)
}

/// Of the days that the window touches those from Monday to Friday: what is left to say when the
/// school's calendar can't be asked.
#[must_use]
pub fn weekdays_of(window: (Timestamp, Timestamp)) -> Vec<Date> {
    let weekend = [Weekday::Saturday, Weekday::Sunday];
    days_of(window)
        .filter(|day| !weekend.contains(&day.weekday()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use visits_core::SignedDuration;
    use visits_core::civil::{date, time};

    #[test]
    fn m29_the_open_hours_inside_the_window_are_cut_at_its_ends() {
        let decided = london::instant(date(2020, 10, 22), time(14, 0, 0, 0));
        let window = (decided, decided + SignedDuration::from_hours(48));
        let days = weekdays_of(window);
        assert_eq!(days, [date(2020, 10, 22), date(2020, 10, 23)]);
        let (opens, closes) = (time(9, 0, 0, 0), time(15, 30, 0, 0));
        let hours = inside(window, &days, opens, closes);
        let told: Vec<_> = hours
            .iter()
            .map(|hours| (london::brief(hours.from), london::brief(hours.until)))
            .collect();
        assert_eq!(
            told,
            [
                (
                    "Thu 22 Oct 2:00pm BST".into(),
                    "Thu 22 Oct 3:30pm BST".into()
                ),
                (
                    "Fri 23 Oct 9:00am BST".into(),
                    "Fri 23 Oct 3:30pm BST".into()
                ),
            ]
        );
    }

    #[test]
    fn m29_a_window_over_a_weekend_may_have_no_open_hours_at_all() {
        let decided = london::instant(date(2020, 10, 23), time(16, 0, 0, 0));
        let window = (decided, decided + SignedDuration::from_hours(48));
        let days = weekdays_of(window);
        let hours = inside(window, &days, time(9, 0, 0, 0), time(15, 30, 0, 0));
        assert!(hours.is_empty());
    }
}
