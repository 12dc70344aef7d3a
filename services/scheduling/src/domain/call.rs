//! The telephone call on the school day before the visit (M13): its appointment and its life.
//!
//! `scheduled → due → in_progress → done`, or `not_reached` when nobody was reached by 16:00.
//! It records which steps of the script were gone through and nothing that was said (M16).

use jiff::ToSpan;
use serde::{Deserialize, Serialize};
use visits_core::civil::{Date, Time};
use visits_core::{SignedDuration, Timestamp, london};

use super::calendar::{CalendarUsed, Calendars};
use super::policy::Policy;
use super::refusal::Refusal;
use super::school::School;
use super::school_day::{closed_because, school_day_before};

/// Where the call is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// Its time has not come.
    Scheduled,
    /// It is to be made now.
    Due,
    /// It is going on.
    InProgress,
    /// It was made.
    Done,
    /// Nobody was reached by 16:00.
    NotReached,
}

impl CallState {
    /// The name in the store and in filters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "SCHEDULED",
            Self::Due => "DUE",
            Self::InProgress => "IN_PROGRESS",
            Self::Done => "DONE",
            Self::NotReached => "NOT_REACHED",
        }
    }
}

/// A day between the call and the visit on which the school is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedDay {
    /// The day.
    pub date: Date,
    /// Why the school is closed.
    pub reason: String,
}

/// The call: what was meant (date, time, Europe/London) beside the instant reckoned from it (R6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Where it is in its life.
    pub state: CallState,
    /// The call day.
    pub date: Date,
    /// The appointment, a time of day in England.
    pub time: Time,
    /// The zone in which it was meant.
    pub zone: String,
    /// The appointment as an instant.
    pub due_at: Timestamp,
    /// The calendar from which the call day was reckoned.
    pub calendar_used: CalendarUsed,
    /// The days that were stepped over.
    pub skipped: Vec<ClosedDay>,
    /// When nobody answered.
    pub attempts: Vec<Timestamp>,
    /// When the next attempt is due.
    pub next_attempt_at: Option<Timestamp>,
    /// When the duty desk was told.
    pub duty_desk_told_at: Option<Timestamp>,
    /// The script in use.
    pub script_version: Option<String>,
    /// The steps gone through, in their order.
    pub recorded_steps: Vec<RecordedStep>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// Who made it: the lead of then, whose day it was.
    pub made_by: Option<String>,
    /// When it was completed.
    pub completed_at: Option<Timestamp>,
}

/// A step of the script that was gone through (M14).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedStep {
    /// The step's code.
    pub code: String,
    /// When.
    pub at: Timestamp,
}

impl Call {
    /// The call before a visit: on the last school day before it, at 10:00 in England (M13). If
    /// the plan is made later on that very day, at the next ten minutes that the clock shows.
    pub fn before(
        visit_date: Date,
        school: &School,
        calendars: &Calendars,
        now: Timestamp,
        policy: &Policy,
    ) -> Result<Self, Refusal> {
        let calendar = calendars.of(&school.urn, school.local_authority_code.as_deref());
        if let Some(because) = closed_because(visit_date, &calendar)? {
            return Err(Refusal::SchoolClosed {
                date: visit_date,
                because: because.to_string(),
            });
        }
        let day = school_day_before(visit_date, &calendar)?;
        let closes_at = london::instant(day.date, policy.call_closes_at);
        let time = appointment(day.date, now, policy);
        let due_at = london::instant(day.date, time);
        if now >= closes_at || due_at >= closes_at {
            return Err(Refusal::CallDayPassed { date: day.date });
        }
        Ok(Self {
            state: CallState::Scheduled,
            date: day.date,
            time,
            zone: london::ZONE.to_owned(),
            due_at,
            calendar_used: day.calendar_used,
            skipped: day
                .skipped
                .iter()
                .map(|skipped| ClosedDay {
                    date: skipped.date,
                    reason: skipped.reason.to_string(),
                })
                .collect(),
            attempts: Vec::new(),
            next_attempt_at: None,
            duty_desk_told_at: None,
            script_version: None,
            recorded_steps: Vec::new(),
            started_at: None,
            made_by: None,
            completed_at: None,
        })
    }

    /// From when the call may be made: half an hour before its appointment.
    #[must_use]
    pub fn window_start(&self, policy: &Policy) -> Timestamp {
        self.due_at - SignedDuration::from_mins(policy.call_window_minutes)
    }

    /// Until when the call is around its appointment.
    #[must_use]
    pub fn window_end(&self, policy: &Policy) -> Timestamp {
        self.due_at + SignedDuration::from_mins(policy.call_window_minutes)
    }

    /// When the call day ends without contact.
    #[must_use]
    pub fn closes_at(&self, policy: &Policy) -> Timestamp {
        london::instant(self.date, policy.call_closes_at)
    }

    /// When the duty desk is told if nobody is reached: at 12:00, or one attempt after an
    /// appointment that lies later.
    #[must_use]
    pub fn duty_desk_told_due(&self, policy: &Policy) -> Timestamp {
        let noon = london::instant(self.date, policy.duty_desk_told_at);
        noon.max(self.due_at + SignedDuration::from_mins(policy.attempt_every_minutes))
    }

    /// The codes of the steps gone through.
    #[must_use]
    pub fn recorded_codes(&self) -> Vec<String> {
        self.recorded_steps.iter().map(|s| s.code.clone()).collect()
    }
}

/// The time of day of the appointment: the policy's, or the next full ten minutes if that is past.
fn appointment(date: Date, now: Timestamp, policy: &Policy) -> Time {
    if now <= london::instant(date, policy.call_time) {
        return policy.call_time;
    }
    let wall = london::wall_clock(now).datetime();
    let whole = wall
        .date()
        .at(wall.hour(), wall.minute() - wall.minute() % 10, 0, 0);
    let next = if whole < wall {
        whole.saturating_add(10.minutes())
    } else {
        whole
    };
    if next.date() == date {
        next.time()
    } else {
        // Past midnight: later than any closing time, so that the plan is refused.
        Time::MAX
    }
}
