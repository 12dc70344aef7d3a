//! The numbers of the business, as one value handed to every decision.

use jiff::Timestamp;
use jiff::civil::{Date, Time, time};
use visits_core::working_days::{BANK_HOLIDAYS, YearNotCovered};
use visits_core::{WorkingDays, london};

/// How long things take, which days count, and which names the text check knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The draft is due so many working days after departure.
    pub draft_working_days: u32,
    /// Publication is aimed at so many working days after departure.
    pub publication_working_days: u32,
    /// The school has so many working days for its check (M36).
    pub factual_check_working_days: u32,
    /// The school's link works for so many working days.
    pub link_working_days: u32,
    /// The team reads drafts and rounds until so many working days after first publication (M11).
    pub team_access_working_days: u32,
    /// What is due on a day is due at this time in England.
    pub day_ends: Time,
    /// The school is reminded at this time in England.
    pub reminder_at: Time,
    /// Which days are working days.
    pub calendar: WorkingDays,
    /// Names of people that must not stand in a letter, besides those that carry a title.
    pub names: Vec<String>,
}

/// Why the built-in policy can't be made.
pub type BadHolidayData = serde_json::Error;

impl Policy {
    /// The policy of DOMAIN's table, with the bank holidays that come with the service.
    ///
    /// # Errors
    /// If the built-in bank-holiday file can't be read.
    pub fn standard() -> Result<Self, BadHolidayData> {
        Ok(Self {
            draft_working_days: 3,
            publication_working_days: 13,
            factual_check_working_days: 5,
            link_working_days: 10,
            team_access_working_days: 10,
            day_ends: time(17, 0, 0, 0),
            reminder_at: time(9, 0, 0, 0),
            calendar: WorkingDays::from_gov_uk(BANK_HOLIDAYS)?,
            names: Vec::new(),
        })
    }

    /// When the draft is due after leaving the site at `departed`.
    ///
    /// # Errors
    /// If the calendar doesn't cover the days.
    pub fn draft_due(&self, departed: Timestamp) -> Result<Timestamp, YearNotCovered> {
        self.end_of(departed, self.draft_working_days)
    }

    /// When publication is aimed at after leaving the site at `departed`.
    ///
    /// # Errors
    /// If the calendar doesn't cover the days.
    pub fn publication_target(&self, departed: Timestamp) -> Result<Timestamp, YearNotCovered> {
        self.end_of(departed, self.publication_working_days)
    }

    /// Until when the school is asked to reply to a draft sent at `sent` (M36).
    ///
    /// # Errors
    /// If the calendar doesn't cover the days.
    pub fn reply_due(&self, sent: Timestamp) -> Result<Timestamp, YearNotCovered> {
        self.end_of(sent, self.factual_check_working_days)
    }

    /// When the link sent at `sent` stops working.
    ///
    /// # Errors
    /// If the calendar doesn't cover the days.
    pub fn link_expires(&self, sent: Timestamp) -> Result<Timestamp, YearNotCovered> {
        self.end_of(sent, self.link_working_days)
    }

    /// When the team stops reading the way to a letter first published at `published` (M11).
    ///
    /// # Errors
    /// If the calendar doesn't cover the days.
    pub fn team_access_ends(&self, published: Timestamp) -> Result<Timestamp, YearNotCovered> {
        self.end_of(published, self.team_access_working_days)
    }

    /// When the school is reminded of a reply due at `reply_due`: on the working day before.
    ///
    /// # Errors
    /// If the calendar doesn't cover the days.
    pub fn reminder(&self, reply_due: Timestamp) -> Result<Timestamp, YearNotCovered> {
        let day: Date = self.calendar.before(london::date(reply_due))?;
        Ok(london::instant(day, self.reminder_at))
    }

    fn end_of(&self, start: Timestamp, working_days: u32) -> Result<Timestamp, YearNotCovered> {
        let day = self.calendar.after(london::date(start), working_days)?;
        Ok(london::instant(day, self.day_ends))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Timestamp {
        text.parse().expect("instant")
    }

    #[test]
    fn the_targets_are_three_five_and_thirteen_working_days_at_five_o_clock_in_england() {
        let policy = Policy::standard().expect("policy");
        let departed = instant("2020-10-13T14:40:00Z");
        assert_eq!(
            policy.draft_due(departed),
            Ok(instant("2020-10-16T16:00:00Z"))
        );
        assert_eq!(
            policy.reply_due(departed),
            Ok(instant("2020-10-20T16:00:00Z"))
        );
        // The clocks went back on 25 October: five o'clock is 17:00 UTC from then on.
        assert_eq!(
            policy.publication_target(departed),
            Ok(instant("2020-10-30T17:00:00Z"))
        );
    }

    #[test]
    fn the_school_is_reminded_on_the_working_day_before() {
        let policy = Policy::standard().expect("policy");
        assert_eq!(
            policy.reminder(instant("2020-10-19T16:00:00Z")),
            Ok(instant("2020-10-16T08:00:00Z"))
        );
    }
}
