//! What is agreed on the call: the system of controls (M6, M15), home time and the departure
//! outside it (M25), and the conversation that executive leaders asked for (M12).

use serde::{Deserialize, Serialize};
use visits_core::Timestamp;
use visits_core::civil::Time;

use super::policy::Policy;
use super::refusal::Refusal;
use super::visit::Mode;

/// The safety measures that the school has in place, inside which the inspectors work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Controls {
    /// The measures, each topic once.
    pub measures: Vec<Measure>,
    /// The mode for which they were agreed.
    pub mode: Mode,
    /// When they were recorded or last confirmed.
    pub recorded_at: Timestamp,
    /// Who recorded them.
    pub recorded_by: String,
    /// Whether a change since then asks for them to be confirmed again.
    pub needs_confirmation: bool,
}

/// One safety measure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// What it is about.
    pub topic: Topic,
    /// The arrangement, as the school says it.
    pub arrangement: String,
}

/// The topics of the system of controls for schools of autumn 2020.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Keeping away who is unwell or has to isolate.
    Isolation,
    /// Face coverings.
    FaceCoverings,
    /// Hand cleaning.
    HandCleaning,
    /// Respiratory hygiene.
    RespiratoryHygiene,
    /// Enhanced cleaning.
    EnhancedCleaning,
    /// Distance and groups.
    Distancing,
    /// Protective equipment.
    ProtectiveEquipment,
    /// How visitors arrive, sign in and move about.
    Visitors,
    /// The room in which the conversations are held.
    MeetingRoom,
    /// How the conversations are held remotely.
    RemoteArrangements,
    /// Anything else that the inspectors must keep to.
    Other,
}

/// When pupils leave, as times of day in England.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeTime {
    /// The first pupils leave.
    pub from: Time,
    /// The last pupils have left.
    pub until: Time,
}

impl HomeTime {
    /// A home time, if it is one: in the afternoon of a school day and not turned round.
    pub fn new(from: Time, until: Time) -> Result<Self, Refusal> {
        if from > until || from.hour() < 11 || until.hour() >= 19 {
            return Err(Refusal::HomeTimeImplausible);
        }
        Ok(Self { from, until })
    }

    /// The departure that the plan proposes: by 16:00, or before pupils begin to leave if they
    /// are still leaving then (M25).
    #[must_use]
    pub fn departure(&self, policy: &Policy) -> Time {
        let margin = policy.home_time_margin_minutes;
        let (quiet_from, quiet_until) = (shifted(self.from, -margin), shifted(self.until, margin));
        if policy.departure_by > quiet_from && policy.departure_by < quiet_until {
            quiet_from
        } else {
            policy.departure_by
        }
    }
}

fn shifted(time: Time, minutes: i64) -> Time {
    time.saturating_add(visits_core::SignedDuration::from_mins(minutes))
}

/// A conversation that executive leaders asked for (M12).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutiveConversation {
    /// Who asked, by role.
    pub leader: LeaderRole,
    /// When they asked.
    pub requested_at: Timestamp,
    /// The slot, once planned.
    pub slot: Option<Slot>,
}

/// A slot on the visit's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// When it starts, a time of day in England.
    pub start: Time,
    /// How long it is.
    pub minutes: i32,
}

impl Slot {
    /// A slot, if it lies within the visit and is of 5 to 120 minutes.
    pub fn new(start: Time, minutes: i32, policy: &Policy) -> Result<Self, Refusal> {
        let ends = shifted(start, i64::from(minutes));
        let inside = start >= policy.visit_starts_at && ends <= policy.departure_by;
        if !(5..=120).contains(&minutes) || !inside {
            return Err(Refusal::SlotOutsideVisit);
        }
        Ok(Self { start, minutes })
    }
}

/// The executive leader's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaderRole {
    /// A trust's chief executive.
    TrustChiefExecutive,
    /// An executive headteacher.
    ExecutiveHeadteacher,
    /// The chair of the trustees or governors.
    Chair,
    /// An officer of the local authority.
    LocalAuthorityOfficer,
    /// Another executive leader.
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use visits_core::civil::time;

    fn at(hour: i8, minute: i8) -> Time {
        time(hour, minute, 0, 0)
    }

    #[test]
    fn m25_the_proposed_departure_is_at_16_00_unless_pupils_leave_then() {
        let policy = Policy::default();
        let departs = |from, until| {
            HomeTime::new(from, until)
                .expect("a home time")
                .departure(&policy)
        };
        assert_eq!(departs(at(15, 0), at(15, 20)), at(16, 0));
        assert_eq!(
            departs(at(15, 30), at(15, 45)),
            at(16, 0),
            "the margin ends at 16:00"
        );
        assert_eq!(departs(at(15, 30), at(15, 50)), at(15, 15));
        assert_eq!(departs(at(16, 0), at(16, 30)), at(15, 45));
        assert_eq!(departs(at(16, 30), at(16, 45)), at(16, 0));
    }

    #[test]
    fn m25_a_home_time_that_is_none_is_refused() {
        assert_eq!(
            HomeTime::new(at(15, 30), at(15, 10)),
            Err(Refusal::HomeTimeImplausible)
        );
        assert!(HomeTime::new(at(3, 10), at(3, 20)).is_err());
    }

    #[test]
    fn m12_a_slot_for_executive_leaders_lies_within_the_visit() {
        let policy = Policy::default();
        assert!(Slot::new(at(13, 30), 30, &policy).is_ok());
        for (start, minutes) in [
            (at(9, 30), 30),
            (at(15, 45), 30),
            (at(13, 0), 0),
            (at(10, 0), 240),
        ] {
            assert_eq!(
                Slot::new(start, minutes, &policy),
                Err(Refusal::SlotOutsideVisit)
            );
        }
    }

    proptest! {
        #[test]
        fn m25_no_proposed_departure_is_late_or_inside_home_time(from in 660_i64..1100, length in 0_i64..40) {
            let policy = Policy::default();
            let start = shifted(Time::midnight(), from);
            let home = HomeTime::new(start, shifted(start, length)).expect("a home time");
            let departure = home.departure(&policy);
            prop_assert!(departure <= policy.departure_by);
            let margin = policy.home_time_margin_minutes;
            let inside = departure > shifted(home.from, -margin) && departure < shifted(home.until, margin);
            prop_assert!(!inside);
        }
    }
}
