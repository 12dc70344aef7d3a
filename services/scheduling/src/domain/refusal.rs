//! Why a rule says no: a closed list, each with a stable reason that clients match on.

use visits_core::civil::{Date, Time};
use visits_core::{ErrorKind, Refusal as RefusalTrait};

use super::call::CallState;
use super::school_day::SchoolDayRefusal;
use super::visit::VisitState;

/// A refusal of scheduling's rules.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing of that identifier.
    #[error("there is no such {what}")]
    Absent {
        /// What is not there.
        what: &'static str,
    },
    /// Something of that identifier exists with other content.
    #[error("{what} exists already")]
    Exists {
        /// What is there.
        what: String,
    },
    /// The life of the visit doesn't allow it now.
    #[error("{action} is not possible while the visit is {}", state.name())]
    VisitState {
        /// What was asked for.
        action: &'static str,
        /// Where the visit is.
        state: VisitState,
    },
    /// The life of the call doesn't allow it now.
    #[error("{action} is not possible while the call is {}", state.name())]
    CallState {
        /// What was asked for.
        action: &'static str,
        /// Where the call is.
        state: CallState,
    },
    /// The call day came and went without contact (M13).
    #[error("nobody was reached on the call day; the visit needs another date")]
    CallNotReached,
    /// It is too early for the call (M13).
    #[error("the call is at {time} on {date} in England and can be made from half an hour before")]
    CallTooEarly {
        /// The call day.
        date: Date,
        /// The appointment.
        time: Time,
    },
    /// The call day for that visit date is over (M13).
    #[error("the school would have to be called on {date}, which is over")]
    CallDayPassed {
        /// The call day.
        date: Date,
    },
    /// The school can be called later that day before 16:00 only.
    #[error("the call can be moved to a later time of the call day before it closes")]
    CallTimeOutside,
    /// Required steps of the script were not gone through (M14).
    #[error("the script's steps {} are not recorded", missing.join(", "))]
    CallStepsMissing {
        /// Their codes.
        missing: Vec<String>,
    },
    /// The script has no such step (M14).
    #[error("the script {version} has no step {code}")]
    StepUnknown {
        /// The script's version.
        version: String,
        /// The step's code.
        code: String,
    },
    /// No version of the script is in force (M8, M14).
    #[error("no version of the call's script is in force on {date}; import one")]
    NoScriptInForce {
        /// The call day.
        date: Date,
    },
    /// Somebody else leads.
    #[error("only the lead {lead} may do this")]
    NotTheLead {
        /// The lead's code.
        lead: String,
    },
    /// The team is one or three without a reason (M4).
    #[error("a team of {size} needs a reason; two inspectors are usual")]
    TeamSizeNeedsReason {
        /// How many.
        size: usize,
    },
    /// The team is larger than three (M4).
    #[error("a team of {size} is too large; at most three inspectors go")]
    TeamTooLarge {
        /// How many.
        size: usize,
    },
    /// No inspector of that code.
    #[error("there is no inspector {inspector}")]
    InspectorUnknown {
        /// The code.
        inspector: String,
    },
    /// The inspector is away.
    #[error("{inspector} is away on {date}")]
    InspectorAway {
        /// The code.
        inspector: String,
        /// The day.
        date: Date,
    },
    /// The inspector may not visit the school.
    #[error("{inspector} has declared a conflict of interest with the school")]
    InspectorConflict {
        /// The code.
        inspector: String,
    },
    /// The inspector is assigned to the school's routine inspection (M11).
    #[error("{inspector} can't be on this visit")]
    InspectorBarred {
        /// The code.
        inspector: String,
    },
    /// The inspector has another visit, or another visit's call, on that day.
    #[error("{inspector} is on another visit on {date}, or makes its call then")]
    InspectorEngaged {
        /// The code.
        inspector: String,
        /// The day.
        date: Date,
    },
    /// The school is closed for good, or not open yet.
    #[error("the school is not open")]
    SchoolNotOpen,
    /// The school belongs to no Ofsted region.
    #[error("the school belongs to no Ofsted region")]
    SchoolWithoutRegion,
    /// The school is closed on the visit's day.
    #[error("the school is closed on {date}: {because}")]
    SchoolClosed {
        /// The day.
        date: Date,
        /// Why.
        because: String,
    },
    /// The school has a visit ahead or under way.
    #[error("the school has a visit already: {visit}")]
    SchoolHasVisit {
        /// The other visit.
        visit: String,
    },
    /// The visit is on that date already.
    #[error("the visit is on {date} already")]
    SameDate {
        /// The date.
        date: Date,
    },
    /// Home time is no time at which pupils leave (M25).
    #[error("home time must be in the afternoon and end after it begins")]
    HomeTimeImplausible,
    /// No measure, or a topic twice (M6).
    #[error("the system of controls has at least one measure, and each topic once")]
    ControlsIncomplete,
    /// Executive leaders have not asked (M12).
    #[error("executive leaders have not asked for a conversation")]
    ExecutiveNotRequested,
    /// The slot lies outside of the visit (M12).
    #[error("the conversation must lie within the visit and last 5 to 120 minutes")]
    SlotOutsideVisit,
    /// No flag of that code and subject.
    #[error("the visit has no such review flag")]
    FlagUnknown,
    /// Words don't solve it.
    #[error("this flag is solved by another team or another date only")]
    FlagNeedsChange,
    /// The region is another director's (M28's register).
    #[error("only the Regional Director of {region} or the deputy decides this")]
    RegionNotYours {
        /// The school's region.
        region: &'static str,
    },
    /// A list within the visit or the inspector is full.
    #[error("there are {limit} {what} already, which is the most")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are allowed.
        limit: usize,
    },
    /// The calendars give no school day (M13).
    #[error("{0}")]
    SchoolDay(SchoolDayRefusal),
}

impl From<SchoolDayRefusal> for Refusal {
    fn from(refusal: SchoolDayRefusal) -> Self {
        Self::SchoolDay(refusal)
    }
}

impl RefusalTrait for Refusal {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Absent { .. } => ErrorKind::NotFound,
            Self::Exists { .. } => ErrorKind::AlreadyExists,
            Self::NotTheLead { .. } | Self::RegionNotYours { .. } => ErrorKind::Forbidden,
            Self::TeamSizeNeedsReason { .. }
            | Self::TeamTooLarge { .. }
            | Self::HomeTimeImplausible
            | Self::ControlsIncomplete
            | Self::SlotOutsideVisit
            | Self::StepUnknown { .. }
            | Self::InspectorUnknown { .. } => ErrorKind::InvalidInput,
            Self::TooMany { .. } => ErrorKind::LimitReached,
            Self::SchoolDay(inner) => inner.kind(),
            _ => ErrorKind::WrongState,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Absent { .. } => "NOT_FOUND",
            Self::Exists { .. } => "EXISTS_ALREADY",
            Self::VisitState { .. } => "VISIT_STATE_FORBIDS",
            Self::CallState { .. } => "CALL_STATE_FORBIDS",
            Self::CallNotReached => "CALL_NOT_REACHED",
            Self::CallTooEarly { .. } => "CALL_TOO_EARLY",
            Self::CallDayPassed { .. } => "CALL_DAY_PASSED",
            Self::CallTimeOutside => "CALL_TIME_OUTSIDE",
            Self::CallStepsMissing { .. } => "CALL_STEPS_MISSING",
            Self::StepUnknown { .. } => "CALL_STEP_UNKNOWN",
            Self::NoScriptInForce { .. } => "NO_SCRIPT_IN_FORCE",
            Self::NotTheLead { .. } => "NOT_THE_LEAD",
            Self::TeamSizeNeedsReason { .. } => "TEAM_SIZE_NEEDS_REASON",
            Self::TeamTooLarge { .. } => "TEAM_TOO_LARGE",
            Self::InspectorUnknown { .. } => "INSPECTOR_UNKNOWN",
            Self::InspectorAway { .. } => "INSPECTOR_AWAY",
            Self::InspectorConflict { .. } => "INSPECTOR_CONFLICT",
            Self::InspectorBarred { .. } => "INSPECTOR_BARRED",
            Self::InspectorEngaged { .. } => "INSPECTOR_ENGAGED",
            Self::SchoolNotOpen => "SCHOOL_NOT_OPEN",
            Self::SchoolWithoutRegion => "SCHOOL_WITHOUT_REGION",
            Self::SchoolClosed { .. } => "SCHOOL_CLOSED",
            Self::SchoolHasVisit { .. } => "SCHOOL_HAS_VISIT",
            Self::SameDate { .. } => "VISIT_DATE_UNCHANGED",
            Self::HomeTimeImplausible => "HOME_TIME_IMPLAUSIBLE",
            Self::ControlsIncomplete => "CONTROLS_INCOMPLETE",
            Self::ExecutiveNotRequested => "EXECUTIVE_CONVERSATION_NOT_REQUESTED",
            Self::SlotOutsideVisit => "SLOT_OUTSIDE_VISIT",
            Self::FlagUnknown => "FLAG_UNKNOWN",
            Self::FlagNeedsChange => "FLAG_NEEDS_CHANGE",
            Self::RegionNotYours { .. } => "REGION_NOT_YOURS",
            Self::TooMany { .. } => "TOO_MANY_ENTRIES",
            Self::SchoolDay(inner) => inner.reason(),
        }
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::VisitState { action, state } => vec![
                ("action", (*action).to_owned()),
                ("state", state.name().to_owned()),
            ],
            Self::CallState { action, state } => vec![
                ("action", (*action).to_owned()),
                ("state", state.name().to_owned()),
            ],
            Self::CallTooEarly { date, time } => {
                vec![("date", date.to_string()), ("time", time.to_string())]
            }
            Self::CallDayPassed { date }
            | Self::NoScriptInForce { date }
            | Self::SameDate { date } => vec![("date", date.to_string())],
            Self::SchoolClosed { date, because } => {
                vec![("date", date.to_string()), ("because", because.clone())]
            }
            Self::CallStepsMissing { missing } => vec![("missing", missing.join(","))],
            Self::StepUnknown { version, code } => {
                vec![("version", version.clone()), ("code", code.clone())]
            }
            Self::NotTheLead { lead } => vec![("lead", lead.clone())],
            Self::TeamSizeNeedsReason { size } | Self::TeamTooLarge { size } => {
                vec![("size", size.to_string())]
            }
            Self::InspectorUnknown { inspector }
            | Self::InspectorConflict { inspector }
            | Self::InspectorBarred { inspector } => vec![("inspector", inspector.clone())],
            Self::InspectorAway { inspector, date }
            | Self::InspectorEngaged { inspector, date } => {
                vec![("inspector", inspector.clone()), ("date", date.to_string())]
            }
            Self::SchoolHasVisit { visit } => vec![("visit", visit.clone())],
            Self::RegionNotYours { region } => vec![("region", (*region).to_owned())],
            Self::TooMany { what, limit } => {
                vec![("what", (*what).to_owned()), ("limit", limit.to_string())]
            }
            Self::SchoolDay(inner) => inner.metadata(),
            _ => Vec::new(),
        }
    }
}

/// Refuses one more where `limit` entries are there already: a limit on everything, named.
pub(super) fn room_for_one_more(
    entries: usize,
    limit: usize,
    what: &'static str,
) -> Result<(), Refusal> {
    if entries < limit {
        Ok(())
    } else {
        Err(Refusal::TooMany { what, limit })
    }
}
