//! Why a command is refused: a closed list with stable reasons.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use visits_core::{ErrorKind, Refusal, london};

use super::record::Stage;

/// A rule of recording said no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordingRefusal {
    /// There is no record of that visit.
    #[error("there is no record of that visit that you may read")]
    NoSuchRecord,
    /// The stage of the visit doesn't allow the command.
    #[error("the visit is {}; this needs it to be {needed}", .stage.name())]
    WrongStage {
        /// Where the visit stands.
        stage: Stage,
        /// Where it would have to stand.
        needed: &'static str,
    },
    /// The visit was turned into an NFD (M30).
    #[error(
        "the visit stopped when it was turned into an NFD; only what was still on its way is kept, and marked"
    )]
    Stopped,
    /// Scheduling has not said that the visit is ready (M6, M19).
    #[error("scheduling has not said that the visit is ready; finish the call first")]
    NotReady,
    /// Scheduling has cancelled the visit.
    #[error("scheduling has cancelled the visit")]
    Cancelled,
    /// The system of controls is not recorded (M6).
    #[error("the school's system of controls is not recorded; the visit can't start before it is")]
    ControlsNotRecorded,
    /// The visit is planned for another day (M4).
    #[error("the visit is planned for {planned}, and {given} was given")]
    WrongDay {
        /// The planned date.
        planned: Date,
        /// The date in England of the instant given.
        given: Date,
    },
    /// No version of the form is in force on the visit's date (M8).
    #[error("no version of the visit form is in force; import one with `visits form import`")]
    NoFormInForce,
    /// The start is late and carries no note (M19).
    #[error("a start after {} needs a note that says why", .by.strftime("%-I:%M%P"))]
    LateStartNeedsNote {
        /// The latest start without one.
        by: Time,
    },
    /// An instant lies in the future.
    #[error("{} lies in the future", london::spoken(*.given))]
    InTheFuture {
        /// The instant.
        given: Timestamp,
    },
    /// An instant lies outside of the visit or of the discussion.
    #[error("{} lies outside of {what}", london::spoken(*.given))]
    OutOfBounds {
        /// The instant.
        given: Timestamp,
        /// Of what.
        what: &'static str,
    },
    /// The record has no such discussion.
    #[error("the visit has no discussion {id}")]
    NoSuchDiscussion {
        /// The identifier given.
        id: uuid::Uuid,
    },
    /// The discussion is closed already.
    #[error("the discussion is closed already")]
    DiscussionClosed,
    /// Codes that the visit's form doesn't have, or not in the discussion's area (M21).
    #[error("the form of this visit has no such question in this area: {}", .codes.join(", "))]
    NoSuchQuestion {
        /// The codes.
        codes: Vec<String>,
    },
    /// Questions that were answered in this discussion before.
    #[error("answered in this discussion already, correct the answer instead: {}", .codes.join(", "))]
    AlreadyAnswered {
        /// The codes.
        codes: Vec<String>,
    },
    /// The record has no such answer.
    #[error("the visit has no answer {id}")]
    NoSuchAnswer {
        /// The identifier given.
        id: uuid::Uuid,
    },
    /// No executive leader asked for a conversation (M12).
    #[error("no executive leader asked for a conversation")]
    NoExecutiveRequest,
    /// The conversation was held already (M12).
    #[error("the conversation with executive leaders was held already")]
    ExecutiveRequestMet,
    /// The departure is late or at home time and carries no reason (M25).
    #[error("a departure {when} needs a reason")]
    DepartureNeedsReason {
        /// What is unusual about it.
        when: DepartureHour,
    },
    /// Only the lead completes a visit.
    #[error("only the lead of the visit can complete it")]
    NotTheLead,
    /// The letter's content is not agreed (M24).
    #[error("the letter's content is not agreed with the school")]
    ContentNotAgreed,
    /// The school was not asked for feedback on the visit (M24).
    #[error("the school was not asked for feedback on the visit")]
    FeedbackNotAsked,
    /// Executive leaders' request is neither met nor explained (M12).
    #[error("executive leaders asked for a conversation that was neither held nor explained")]
    ExecutiveRequestUnmet,
    /// Unasked questions that nobody explained (M21).
    #[error("not asked, and without a reason: {}", .codes.join(", "))]
    GapsUnexplained {
        /// The codes.
        codes: Vec<String>,
    },
    /// Gaps that are none: asked, or not on the form.
    #[error("no gap of this visit: {}", .codes.join(", "))]
    NotAGap {
        /// The codes.
        codes: Vec<String>,
    },
}

/// What is unusual about a departure (M25).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepartureHour {
    /// Later than the hour of the policy.
    Late(Time),
    /// While pupils leave.
    HomeTime(Time, Time),
}

impl std::fmt::Display for DepartureHour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Late(by) => write!(f, "after {}", by.strftime("%-I:%M%P")),
            Self::HomeTime(from, until) => write!(
                f,
                "while pupils leave, {} to {},",
                from.strftime("%-I:%M%P"),
                until.strftime("%-I:%M%P")
            ),
        }
    }
}

impl Refusal for RecordingRefusal {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoSuchRecord | Self::NoSuchDiscussion { .. } | Self::NoSuchAnswer { .. } => {
                ErrorKind::NotFound
            }
            Self::NotTheLead => ErrorKind::Forbidden,
            Self::InTheFuture { .. }
            | Self::OutOfBounds { .. }
            | Self::NoSuchQuestion { .. }
            | Self::NotAGap { .. } => ErrorKind::InvalidInput,
            Self::AlreadyAnswered { .. } => ErrorKind::AlreadyExists,
            _ => ErrorKind::WrongState,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::NoSuchRecord => "NOT_FOUND",
            Self::WrongStage { .. } => "RECORDING_WRONG_STAGE",
            Self::Stopped => "RECORDING_VISIT_STOPPED",
            Self::NotReady => "RECORDING_VISIT_NOT_READY",
            Self::Cancelled => "RECORDING_VISIT_CANCELLED",
            Self::ControlsNotRecorded => "RECORDING_CONTROLS_NOT_RECORDED",
            Self::WrongDay { .. } => "RECORDING_NOT_THE_VISIT_DATE",
            Self::NoFormInForce => "RECORDING_NO_FORM_IN_FORCE",
            Self::LateStartNeedsNote { .. } => "RECORDING_LATE_START_NEEDS_NOTE",
            Self::InTheFuture { .. } => "RECORDING_TIME_IN_THE_FUTURE",
            Self::OutOfBounds { .. } => "RECORDING_TIME_OUT_OF_BOUNDS",
            Self::NoSuchDiscussion { .. } => "RECORDING_NO_SUCH_DISCUSSION",
            Self::DiscussionClosed => "RECORDING_DISCUSSION_CLOSED",
            Self::NoSuchQuestion { .. } => "RECORDING_NO_SUCH_QUESTION",
            Self::AlreadyAnswered { .. } => "RECORDING_ALREADY_ANSWERED",
            Self::NoSuchAnswer { .. } => "RECORDING_NO_SUCH_ANSWER",
            Self::NoExecutiveRequest => "RECORDING_NO_EXECUTIVE_REQUEST",
            Self::ExecutiveRequestMet => "RECORDING_EXECUTIVE_REQUEST_MET",
            Self::DepartureNeedsReason { .. } => "RECORDING_DEPARTURE_NEEDS_REASON",
            Self::NotTheLead => "RECORDING_NOT_THE_LEAD",
            Self::ContentNotAgreed => "RECORDING_CONTENT_NOT_AGREED",
            Self::FeedbackNotAsked => "RECORDING_FEEDBACK_NOT_ASKED",
            Self::ExecutiveRequestUnmet => "RECORDING_EXECUTIVE_REQUEST_UNMET",
            Self::GapsUnexplained { .. } => "RECORDING_GAPS_UNEXPLAINED",
            Self::NotAGap { .. } => "RECORDING_NOT_A_GAP",
        }
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::WrongStage { stage, needed } => vec![
                ("stage", stage.name().to_owned()),
                ("needed", (*needed).to_owned()),
            ],
            Self::WrongDay { planned, given } => {
                vec![
                    ("planned", planned.to_string()),
                    ("given", given.to_string()),
                ]
            }
            Self::LateStartNeedsNote { by } => vec![("by", by.to_string())],
            Self::InTheFuture { given } => vec![("given", given.to_string())],
            Self::OutOfBounds { given, what } => {
                vec![("given", given.to_string()), ("bounds", (*what).to_owned())]
            }
            Self::NoSuchDiscussion { id } => vec![("discussion", id.to_string())],
            Self::NoSuchAnswer { id } => vec![("answer", id.to_string())],
            Self::DepartureNeedsReason { when } => vec![("when", when.to_string())],
            Self::NoSuchQuestion { codes }
            | Self::AlreadyAnswered { codes }
            | Self::GapsUnexplained { codes }
            | Self::NotAGap { codes } => vec![("questions", codes.join(","))],
            _ => Vec::new(),
        }
    }
}
