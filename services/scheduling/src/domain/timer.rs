//! Which timers a visit needs: a pure function of its state.
//!
//! A decision arms and cancels the difference between what was needed and what is; the sweep asks
//! the same function what must exist, so that the two can't come apart (R4, R5).

use visits_core::Timestamp;

use super::call::CallState;
use super::policy::Policy;
use super::visit::{Visit, VisitState};

/// What can come due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimerKind {
    /// The school is to be called (M13).
    CallDue,
    /// The next attempt is to be made.
    NextAttempt,
    /// The duty desk is to be told that the school was not reached.
    DutyDeskTold,
    /// The call day ends.
    CallWindowClosed,
    /// An undecided deferral is to be reminded of.
    DeferralReminder,
    /// A deferral should have been decided.
    DeferralOverdue,
}

impl TimerKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::CallDue,
        Self::NextAttempt,
        Self::DutyDeskTold,
        Self::CallWindowClosed,
        Self::DeferralReminder,
        Self::DeferralOverdue,
    ];

    /// The stable name in the audit.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::CallDue => "callDue",
            Self::NextAttempt => "nextAttempt",
            Self::DutyDeskTold => "dutyDeskTold",
            Self::CallWindowClosed => "callWindowClosed",
            Self::DeferralReminder => "deferralReminder",
            Self::DeferralOverdue => "deferralOverdue",
        }
    }

    /// The kind's name in the jobs table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CallDue => "scheduling.call_due",
            Self::NextAttempt => "scheduling.next_attempt",
            Self::DutyDeskTold => "scheduling.duty_desk_told",
            Self::CallWindowClosed => "scheduling.call_window_closed",
            Self::DeferralReminder => "scheduling.deferral_reminder",
            Self::DeferralOverdue => "scheduling.deferral_overdue",
        }
    }
}

/// A timer to arm or to cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Comes due at an instant; replaces an armed one of its kind.
    Arm(TimerKind, Timestamp),
    /// Is no longer needed.
    Cancel(TimerKind),
}

/// The timers that a visit needs, at most one of each kind.
#[must_use]
pub fn needed(visit: &Visit, policy: &Policy) -> Vec<(TimerKind, Timestamp)> {
    match visit.state {
        VisitState::Planned => for_call(visit, policy),
        VisitState::DeferralRequested => for_deferral(visit),
        _ => Vec::new(),
    }
}

fn for_call(visit: &Visit, policy: &Policy) -> Vec<(TimerKind, Timestamp)> {
    let call = &visit.call;
    let mut timers = Vec::new();
    match call.state {
        CallState::Scheduled => timers.push((TimerKind::CallDue, call.due_at)),
        CallState::Due => {
            if let Some(next) = call.next_attempt_at {
                timers.push((TimerKind::NextAttempt, next));
            }
        }
        CallState::InProgress | CallState::Done | CallState::NotReached => return timers,
    }
    let (told_due, closes_at) = (call.duty_desk_told_due(policy), call.closes_at(policy));
    if call.duty_desk_told_at.is_none() && told_due < closes_at {
        timers.push((TimerKind::DutyDeskTold, told_due));
    }
    timers.push((TimerKind::CallWindowClosed, closes_at));
    timers
}

fn for_deferral(visit: &Visit) -> Vec<(TimerKind, Timestamp)> {
    let Some(deferral) = &visit.deferral else {
        return Vec::new();
    };
    let mut timers = Vec::new();
    if let (Some(remind_at), None) = (deferral.remind_at, deferral.reminded_at) {
        timers.push((TimerKind::DeferralReminder, remind_at));
    }
    if deferral.overdue_at.is_none() {
        timers.push((TimerKind::DeferralOverdue, deferral.decide_by));
    }
    timers
}

/// What must be armed and cancelled when a visit goes from one state to the next.
#[must_use]
pub fn changes(before: Option<&Visit>, next: &Visit, policy: &Policy) -> Vec<Timer> {
    let had = before.map_or_else(Vec::new, |visit| needed(visit, policy));
    let needs = needed(next, policy);
    TimerKind::ALL
        .into_iter()
        .filter_map(|kind| {
            let due = |timers: &[(TimerKind, Timestamp)]| {
                timers.iter().find(|(k, _)| *k == kind).map(|(_, at)| *at)
            };
            match (due(&had), due(&needs)) {
                (before, Some(at)) if before != Some(at) => Some(Timer::Arm(kind, at)),
                (Some(_), None) => Some(Timer::Cancel(kind)),
                _ => None,
            }
        })
        .collect()
}
