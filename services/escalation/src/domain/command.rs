//! What can be asked of a case: by a caller, by a timer, or because another service said something.

use visits_core::Timestamp;

use super::case::{ConcernId, Outcome, School, VisitId};

/// Where the visit stands, as far as a concern cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisitStage {
    /// Planned or called about: nobody has been at the school.
    Ahead,
    /// Ready, under way or over: what was seen there can be raised.
    Begun,
    /// It won't take place.
    Cancelled,
}

/// What scheduling said about the visit and its school just before the concern was raised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitFacts {
    /// The visit.
    pub visit: VisitId,
    /// The school.
    pub school: School,
    /// The principals of its team, the lead first.
    pub team: Vec<String>,
    /// Where it stands.
    pub stage: VisitStage,
}

/// A request to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// An HMI raises a concern (M26). The area is still a code: the rule reads it.
    RaiseConcern {
        /// The visit and its school.
        facts: VisitFacts,
        /// The area's code.
        area: String,
        /// What was seen or heard.
        what_was_seen: String,
    },
    /// The duty desk takes the case on.
    AcknowledgeCase {
        /// A note for the desk.
        note: String,
    },
    /// The duty desk records the HMI's call (M27).
    LogDutyDeskCall {
        /// The HMI who called.
        inspector: String,
        /// When.
        called_at: Timestamp,
        /// What was discussed.
        summary: String,
        /// What follows.
        outcome: Outcome,
    },
    /// Somebody adds a note for the desk.
    AddCaseNote {
        /// The note.
        text: String,
    },
    /// The case is given to an operator, or released to the whole desk.
    AssignCase {
        /// The operator; none = released.
        operator: Option<String>,
    },
    /// The desk is to be alerted again after another time.
    SetNextStepAlert {
        /// After how many minutes from now, and how often again.
        after_minutes: i32,
        /// Why.
        reason: String,
    },
    /// The HMI takes one concern back.
    WithdrawConcern {
        /// Which.
        concern: ConcernId,
        /// Why.
        reason: String,
    },
    /// The HMI takes every concern back.
    WithdrawCase {
        /// Why.
        reason: String,
    },
    /// The Regional Director decides (M28).
    DecideNfd {
        /// Whether an NFD is necessary.
        required: bool,
        /// Why.
        rationale: String,
    },
    /// The NFD is planned.
    PlanNfd {
        /// When it is to start.
        planned_at: Timestamp,
        /// Who is to inspect.
        inspectors: Vec<String>,
    },
    /// The NFD starts (M29).
    StartNfd {
        /// Whether the interim visit itself turns into it (M30).
        straight_away: bool,
    },
    /// A finding about a concern is recorded (M31).
    RecordNfdFinding {
        /// Which concern.
        concern: ConcernId,
        /// What was found.
        text: String,
    },
    /// The inspectors left the site.
    RecordLeavingSite {
        /// When.
        left_at: Timestamp,
    },
    /// The NFD is complete (M32).
    CompleteNfd,
    /// A section 5 inspection is recommended (M33).
    RecommendSection5 {
        /// Why.
        reason: String,
    },
    /// Scheduling changed the visit's team.
    ChangeTeam {
        /// The principals, the lead first.
        team: Vec<String>,
    },
    /// Timer: half of the time for the decision is gone.
    RemindOfDecision,
    /// Timer: the time for the decision is gone, or was long ago.
    AlarmOverdueDecision,
    /// Timer: a warning before the deadline is due.
    WarnOfDeadline,
    /// Timer: the deadline is here.
    RecordBreach,
    /// Timer: is the next step of an acknowledged case on record?
    AlertNextStep,
    /// Timer: does anybody watch?
    CheckDesk,
    /// The page that was wanted has gone out.
    NotePageSent,
    /// Timer: can the section 5 recommendation be handed over?
    HandOverSection5,
}

impl Command {
    /// The name in the audit.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::RaiseConcern { .. } => "RaiseConcern",
            Self::AcknowledgeCase { .. } => "AcknowledgeCase",
            Self::LogDutyDeskCall { .. } => "LogDutyDeskCall",
            Self::AddCaseNote { .. } => "AddCaseNote",
            Self::AssignCase { .. } => "AssignCase",
            Self::SetNextStepAlert { .. } => "SetNextStepAlert",
            Self::WithdrawConcern { .. } => "WithdrawConcern",
            Self::WithdrawCase { .. } => "WithdrawCase",
            Self::DecideNfd { .. } => "DecideNfd",
            Self::PlanNfd { .. } => "PlanNfd",
            Self::StartNfd { .. } => "StartNfd",
            Self::RecordNfdFinding { .. } => "RecordNfdFinding",
            Self::RecordLeavingSite { .. } => "RecordLeavingSite",
            Self::CompleteNfd => "CompleteNfd",
            Self::RecommendSection5 { .. } => "RecommendSection5",
            Self::ChangeTeam { .. } => "ChangeTeam",
            Self::RemindOfDecision => "RemindOfDecision",
            Self::AlarmOverdueDecision => "AlarmOverdueDecision",
            Self::WarnOfDeadline => "WarnOfDeadline",
            Self::RecordBreach => "RecordBreach",
            Self::AlertNextStep => "AlertNextStep",
            Self::CheckDesk => "CheckDesk",
            Self::NotePageSent => "NotePageSent",
            Self::HandOverSection5 => "HandOverSection5",
        }
    }
}
