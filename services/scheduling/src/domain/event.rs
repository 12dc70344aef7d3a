//! What happened to a visit or an inspector. Private: `publish` says which of it leaves
//! the service, and in what words.

use visits_core::Timestamp;
use visits_core::civil::Date;

/// What happened to a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It was planned.
    Planned,
    /// It has another date and another call.
    Rescheduled,
    /// It won't take place.
    Cancelled,
    /// Others go.
    TeamChanged,
    /// On site instead of remote, or the other way round.
    ModeChanged,
    /// Something hit the plan.
    Flagged,
    /// A flag was solved.
    FlagSolved,
    /// The school asked to be called later that day.
    CallRearranged,
    /// The school is to be called now.
    CallDue {
        /// When it was due.
        due_at: Timestamp,
    },
    /// The call began; the context pack is frozen.
    CallStarted,
    /// Nobody answered.
    AttemptRecorded,
    /// The duty desk is told that the school was not reached.
    DutyDeskTold,
    /// Steps of the script were gone through.
    StepsRecorded,
    /// The call was made.
    CallCompleted,
    /// Nobody was reached by 16:00.
    CallNotReached,
    /// The controls are recorded or confirmed.
    ControlsRecorded,
    /// Home time is recorded.
    HomeTimeRecorded,
    /// Executive leaders asked for a conversation.
    ExecutiveRequested,
    /// The conversation has a slot.
    ExecutivePlanned,
    /// The school asked for deferral.
    DeferralRequested,
    /// The decision is reminded of.
    DeferralReminder,
    /// The decision is overdue.
    DeferralOverdue,
    /// The region decided.
    DeferralDecided {
        /// Whether the visit is deferred.
        granted: bool,
    },
    /// The visit can start.
    Ready,
    /// The visit began.
    Started,
    /// The visit is complete.
    Completed,
    /// The visit became an NFD inspection.
    Converted,
}

/// What happened to an inspector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InspectorEvent {
    /// They were entered.
    Created,
    /// They will be away.
    LeaveAdded,
    /// They may not visit a school.
    ConflictDeclared,
    /// They are assigned to a school's routine inspection (M11).
    RoutineInspectionAssigned {
        /// The school's URN.
        urn: String,
        /// When the inspection begins.
        start_date: Date,
    },
}
