//! What must wake a case, told by its state alone.
//!
//! [`needed`] is the one place that knows: a step arms and cancels the difference between before
//! and after, and the sweep compares it with what is armed. So the two can't disagree.

use visits_core::Timestamp;

use super::case::{Case, State};
use super::command::Command;

/// What kind of waking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimerKind {
    /// Half of the time for the decision is gone.
    DecisionReminder,
    /// The time for the decision is gone; repeated.
    DecisionOverdue,
    /// The next warning before the deadline.
    NfdWarning,
    /// The deadline (M29).
    NfdDeadline,
    /// Is the next step of an acknowledged case on record? Repeated.
    NextStep,
    /// Does anybody watch?
    DeskCheck,
    /// A page is to go out.
    DeskPage,
    /// Can the section 5 recommendation be handed over?
    Section5Handover,
}

impl TimerKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::DecisionReminder,
        Self::DecisionOverdue,
        Self::NfdWarning,
        Self::NfdDeadline,
        Self::NextStep,
        Self::DeskCheck,
        Self::DeskPage,
        Self::Section5Handover,
    ];

    /// The kind of the job.
    #[must_use]
    pub const fn job(self) -> &'static str {
        match self {
            Self::DecisionReminder => "escalation.decision_reminder",
            Self::DecisionOverdue => "escalation.decision_overdue",
            Self::NfdWarning => "escalation.nfd_warning",
            Self::NfdDeadline => "escalation.nfd_deadline",
            Self::NextStep => "escalation.next_step",
            Self::DeskCheck => "escalation.desk_check",
            Self::DeskPage => "escalation.desk_page",
            Self::Section5Handover => "escalation.section5_handover",
        }
    }

    /// What is asked of the case when it fires.
    #[must_use]
    pub const fn command(self) -> Command {
        match self {
            Self::DecisionReminder => Command::RemindOfDecision,
            Self::DecisionOverdue => Command::AlarmOverdueDecision,
            Self::NfdWarning => Command::WarnOfDeadline,
            Self::NfdDeadline => Command::RecordBreach,
            Self::NextStep => Command::AlertNextStep,
            Self::DeskCheck => Command::CheckDesk,
            Self::DeskPage => Command::NotePageSent,
            Self::Section5Handover => Command::HandOverSection5,
        }
    }
}

/// A change to what is armed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Wake the case then; replaces one of the same kind.
    Arm(TimerKind, Timestamp),
    /// Not needed any more.
    Cancel(TimerKind),
}

/// When a case needs this waking, if it does.
#[must_use]
pub fn needed(case: &Case, kind: TimerKind) -> Option<Timestamp> {
    let awaiting = case.state == State::AwaitingDecision;
    let target = case.target.as_ref().filter(|_| awaiting);
    let window = case
        .window
        .as_ref()
        .filter(|window| case.state == State::NfdRequired && window.breached_at.is_none());
    match kind {
        TimerKind::DecisionReminder => target
            .filter(|target| target.reminded_at.is_none() && target.alarms == 0)
            .map(|target| target.remind_at),
        TimerKind::DecisionOverdue => target.map(|target| target.next_alarm_at),
        TimerKind::NfdWarning => window
            .and_then(|window| window.warnings.iter().find(|w| w.given_at.is_none()))
            .map(|warning| warning.due_at),
        TimerKind::NfdDeadline => window.map(|window| window.deadline_at),
        TimerKind::NextStep => case
            .next_step_alert
            .as_ref()
            .filter(|_| case.waits_for_a_call())
            .map(|alert| alert.next_at),
        TimerKind::DeskCheck => case
            .state
            .waits_for_the_desk()
            .then_some(case.desk_check_at),
        TimerKind::DeskPage => case
            .pages
            .wanted
            .filter(|_| case.state.waits_for_the_desk())
            .map(|(wanted_at, _)| wanted_at),
        TimerKind::Section5Handover => case
            .section5
            .as_ref()
            .filter(|section5| section5.handed_over_at.is_none())
            .map(|section5| section5.next_check_at),
    }
}

/// The difference between what was needed and what is.
#[must_use]
pub fn changes(before: Option<&Case>, after: &Case) -> Vec<Timer> {
    TimerKind::ALL
        .into_iter()
        .filter_map(|kind| {
            let was = before.and_then(|case| needed(case, kind));
            match (was, needed(after, kind)) {
                (was, now) if was == now => None,
                (_, Some(due_at)) => Some(Timer::Arm(kind, due_at)),
                (_, None) => Some(Timer::Cancel(kind)),
            }
        })
        .collect()
}
