//! What can be asked of a visit, with the facts that the answer rests on.
//!
//! Facts are read in the same transaction, or fetched before it; the core only looks at values.

use visits_core::Timestamp;
use visits_core::civil::{Date, Time};

use super::arrangements::{LeaderRole, Measure};
use super::calendar::Calendars;
use super::inspector::Inspector;
use super::school::{ContextPack, School};
use super::script::CallScript;
use super::timer::TimerKind;
use super::visit::{CancelReason, DeferralReason, Engagement, FlagCode, Mode, VisitId};
use crate::import::OfstedRegion;

/// What planning looks at besides the visit.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The school.
    pub school: School,
    /// The calendars that apply to it.
    pub calendars: Calendars,
    /// The inspectors named, those that exist.
    pub inspectors: Vec<Inspector>,
    /// Their days around the visit, of every visit.
    pub diary: Vec<Engagement>,
    /// A visit of the school that is ahead or under way.
    pub other_visit: Option<VisitId>,
}

/// Who goes, as asked for.
#[derive(Clone, Debug)]
pub struct WantedTeam {
    /// The lead's code.
    pub lead: String,
    /// The others' codes.
    pub others: Vec<String>,
    /// Why the team is one or three (M4).
    pub size_reason: Option<String>,
}

/// A visit to be planned by hand.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The new visit's identifier.
    pub id: VisitId,
    /// The one day (M4).
    pub visit_date: Date,
    /// On site or remote.
    pub mode: Mode,
    /// Who goes.
    pub team: WantedTeam,
    /// The version of the visit form, if one is asked for (M8).
    pub form_version: Option<String>,
    /// What planning looks at.
    pub facts: Facts,
}

/// Something asked of a visit.
#[derive(Clone, Debug)]
pub enum Command {
    /// Plan it.
    Plan(Box<Plan>),
    /// Move it to another date.
    Reschedule {
        /// The new date.
        visit_date: Date,
        /// Why.
        reason: String,
        /// What planning looks at.
        facts: Box<Facts>,
    },
    /// Change the team.
    ChangeTeam {
        /// Who goes.
        team: WantedTeam,
        /// Why.
        reason: String,
        /// What planning looks at.
        facts: Box<Facts>,
    },
    /// Change between on site and remote.
    ChangeMode {
        /// On site or remote.
        mode: Mode,
        /// Why.
        reason: String,
    },
    /// Cancel it.
    Cancel {
        /// Why.
        reason: CancelReason,
        /// Why, in words.
        note: String,
    },
    /// Something changed that hits the plan.
    RaiseFlag {
        /// What.
        code: FlagCode,
        /// What it concerns.
        subject: String,
    },
    /// The flag's matter is solved.
    SolveFlag {
        /// What.
        code: FlagCode,
        /// What it concerns.
        subject: String,
        /// How.
        resolution: String,
    },
    /// The school asked to be called later that day.
    RearrangeCall {
        /// When.
        time: Time,
    },
    /// The call begins.
    StartCall {
        /// The script in force on the call day, if one is.
        script: Option<CallScript>,
        /// What the register says of the school now (M18).
        pack: ContextPack,
    },
    /// Nobody answered.
    RecordAttempt,
    /// Steps of the script were gone through (M14).
    RecordSteps {
        /// Their codes.
        codes: Vec<String>,
        /// The call's script.
        script: Option<CallScript>,
    },
    /// The system of controls is agreed (M6, M15).
    RecordControls {
        /// The measures.
        measures: Vec<Measure>,
    },
    /// Pupils leave then (M25).
    RecordHomeTime {
        /// The first leave.
        from: Time,
        /// The last have left.
        until: Time,
    },
    /// Executive leaders ask for a conversation (M12).
    RequestExecutive {
        /// Who, by role.
        leader: LeaderRole,
    },
    /// The conversation has a slot (M12).
    PlanExecutive {
        /// When it starts.
        start: Time,
        /// How long it is.
        minutes: i32,
    },
    /// The call is over.
    CompleteCall {
        /// The call's script.
        script: Option<CallScript>,
    },
    /// The school asks for deferral.
    RequestDeferral {
        /// Why.
        reason: DeferralReason,
        /// Why, in words.
        note: String,
    },
    /// The region decides about deferral.
    DecideDeferral {
        /// The new date with what planning looks at, if granted.
        granted: Option<(Date, Box<Facts>)>,
        /// Why.
        rationale: String,
        /// The regions that the decider answers for today.
        regions: Vec<OfstedRegion>,
    },
    /// A timer came due.
    TimerDue(TimerKind),
    /// Recording reports that the visit began.
    HearStarted {
        /// When.
        at: Timestamp,
    },
    /// Recording reports that the visit is complete.
    HearCompleted {
        /// When.
        at: Timestamp,
    },
    /// Escalation or recording reports that the visit became an NFD inspection (M30).
    HearConverted {
        /// When.
        at: Timestamp,
    },
}

impl Command {
    /// The stable name in the audit.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Plan(_) => "plan",
            Self::Reschedule { .. } => "reschedule",
            Self::ChangeTeam { .. } => "changeTeam",
            Self::ChangeMode { .. } => "changeMode",
            Self::Cancel { .. } => "cancel",
            Self::RaiseFlag { .. } => "raiseFlag",
            Self::SolveFlag { .. } => "solveFlag",
            Self::RearrangeCall { .. } => "rearrangeCall",
            Self::StartCall { .. } => "startCall",
            Self::RecordAttempt => "recordAttempt",
            Self::RecordSteps { .. } => "recordSteps",
            Self::RecordControls { .. } => "recordControls",
            Self::RecordHomeTime { .. } => "recordHomeTime",
            Self::RequestExecutive { .. } => "requestExecutive",
            Self::PlanExecutive { .. } => "planExecutive",
            Self::CompleteCall { .. } => "completeCall",
            Self::RequestDeferral { .. } => "requestDeferral",
            Self::DecideDeferral { .. } => "decideDeferral",
            Self::TimerDue(kind) => kind.code(),
            Self::HearStarted { .. } => "hearStarted",
            Self::HearCompleted { .. } => "hearCompleted",
            Self::HearConverted { .. } => "hearConverted",
        }
    }
}
