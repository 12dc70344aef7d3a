//! Every way in which the rules of a case say no, each with its stable reason.

use thiserror::Error;
use visits_core::{ErrorKind, Refusal as CoreRefusal, Timestamp};

use super::case::ConcernId;
use super::region::Region;

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// M26: a third area.
    #[error(
        "`{area}` is outside of the scope in which a significant concern can be raised: only \
         safeguarding, or a breakdown in leadership and management"
    )]
    AreaOutOfScope {
        /// What was asked for.
        area: String,
    },
    /// A concern comes from what was seen on the visit.
    #[error("the visit has not begun: a concern comes from what was seen or heard there")]
    VisitNotBegun,
    /// The visit doesn't take place.
    #[error("the visit was cancelled")]
    VisitCancelled,
    /// Only the visit's own team raises its concerns and speaks to the duty desk about them.
    #[error("{principal} is not on the visit's team")]
    NotOnTheVisit {
        /// Who was named.
        principal: String,
    },
    /// Nothing there.
    #[error("there is no such case")]
    NoSuchCase,
    /// Nothing there on the case: an NFD investigates the concerns raised and nothing else (M31).
    #[error("the case has no standing concern {concern}; an NFD looks at nothing else")]
    ConcernNotOnCase {
        /// Which was named.
        concern: ConcernId,
    },
    /// One person, one part: the desk doesn't handle its operator's own concern.
    #[error("the operator raised a concern of this case; somebody else at the desk takes it on")]
    DeskRaisedTheConcern,
    /// The desk takes the case on first.
    #[error("the duty desk has not acknowledged the case")]
    CaseNotAcknowledged,
    /// It did already.
    #[error("the duty desk has acknowledged the case already")]
    CaseAlreadyAcknowledged,
    /// Withdrawn, or no NFD was necessary.
    #[error("the case is closed")]
    CaseClosed,
    /// Nothing would alert.
    #[error("the next step is taken: no call is waited for")]
    NextStepTaken,
    /// Nobody hands over to an empty chair.
    #[error("{taker} is not on duty")]
    TakerNotOnDuty {
        /// Who was named.
        taker: String,
    },
    /// A call, a concern or a finding of the future.
    #[error("{what} lies in the future")]
    InTheFuture {
        /// What.
        what: &'static str,
    },
    /// Neither the one who raised it nor the lead.
    #[error("only the HMI who raised the concern or the visit's lead withdraws it")]
    NotYourConcern,
    /// M27.
    #[error(
        "a concern has not been discussed with the duty desk: the HMI's call comes before any \
         decision"
    )]
    DutyDeskCallMissing,
    /// M28.
    #[error(
        "the register has no entry for {principal} in {region} today: only the region's director decides, or a deputy"
    )]
    NotTheRegionalDirector {
        /// Who asked.
        principal: String,
        /// The school's region.
        region: Region,
    },
    /// Four eyes.
    #[error("the decider raised a concern of this case")]
    DeciderRaisedTheConcern,
    /// Four eyes.
    #[error("the decider recorded the call with the duty desk")]
    DeciderLoggedTheCall,
    /// The decision stands.
    #[error("the decision has been taken by {by}")]
    DecisionAlreadyTaken {
        /// Who decided.
        by: String,
    },
    /// No decision yet.
    #[error("there is no decision that an NFD is necessary")]
    NfdNotDecided,
    /// M29.
    #[error("the planned start lies outside of the window, {from} to {until}")]
    NfdPlannedOutsideWindow {
        /// From now.
        from: Timestamp,
        /// The deadline.
        until: Timestamp,
    },
    /// After a breach there is no window, but the past is the past.
    #[error("the planned start lies in the past")]
    NfdPlannedInThePast,
    /// M11.
    #[error("{principal} is assigned to a routine inspection of this school")]
    NfdInspectorBarred {
        /// Who.
        principal: String,
    },
    /// Started neither straight away nor by plan.
    #[error("the NFD is not planned; it starts straight away or by plan")]
    NfdNotPlanned,
    /// Only who inspects.
    #[error("{principal} is not an inspector of this NFD")]
    NotAnNfdInspector {
        /// Who asked.
        principal: String,
    },
    /// It runs.
    #[error("the NFD has started")]
    NfdAlreadyStarted,
    /// It doesn't run yet.
    #[error("the NFD has not started")]
    NfdNotStarted,
    /// It is over.
    #[error("the NFD is complete")]
    NfdAlreadyComplete,
    /// It isn't over.
    #[error("the NFD is not complete")]
    NfdNotComplete,
    /// The inspectors are gone.
    #[error("the inspectors have left the site; the NFD can't take up a further concern")]
    NfdHasLeftTheSite,
    /// One can't leave before the start.
    #[error("leaving the site lies before the start of the NFD")]
    LeftBeforeTheStart,
    /// M35.
    #[error("leaving the site is not on record")]
    LeavingSiteMissing,
    /// M31: each concern has its finding.
    #[error("concerns without a finding: {}", list(concerns))]
    FindingsMissing {
        /// Which.
        concerns: Vec<ConcernId>,
    },
    /// Once.
    #[error("a section 5 inspection is recommended already")]
    Section5AlreadyRecommended,
    /// A limit on everything.
    #[error("a case holds at most {max} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The limit.
        max: usize,
    },
}

fn list(concerns: &[ConcernId]) -> String {
    let names: Vec<String> = concerns.iter().map(ToString::to_string).collect();
    names.join(", ")
}

impl CoreRefusal for Refusal {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::AreaOutOfScope { .. } | Self::InTheFuture { .. } | Self::LeftBeforeTheStart => {
                ErrorKind::InvalidInput
            }
            Self::NotOnTheVisit { .. }
            | Self::DeskRaisedTheConcern
            | Self::NotYourConcern
            | Self::NotTheRegionalDirector { .. }
            | Self::DeciderRaisedTheConcern
            | Self::DeciderLoggedTheCall
            | Self::NotAnNfdInspector { .. } => ErrorKind::Forbidden,
            Self::NoSuchCase | Self::ConcernNotOnCase { .. } => ErrorKind::NotFound,
            Self::TooMany { .. } => ErrorKind::LimitReached,
            _ => ErrorKind::WrongState,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::AreaOutOfScope { .. } => "ESCALATION_AREA_OUT_OF_SCOPE",
            Self::VisitNotBegun => "VISIT_NOT_BEGUN",
            Self::VisitCancelled => "VISIT_CANCELLED",
            Self::NotOnTheVisit { .. } => "NOT_ON_THE_VISIT",
            Self::NoSuchCase => "NOT_FOUND",
            Self::ConcernNotOnCase { .. } => "CONCERN_NOT_ON_CASE",
            Self::DeskRaisedTheConcern => "DESK_RAISED_THE_CONCERN",
            Self::CaseNotAcknowledged => "CASE_NOT_ACKNOWLEDGED",
            Self::CaseAlreadyAcknowledged => "CASE_ALREADY_ACKNOWLEDGED",
            Self::CaseClosed => "CASE_CLOSED",
            Self::NextStepTaken => "NEXT_STEP_TAKEN",
            Self::TakerNotOnDuty { .. } => "TAKER_NOT_ON_DUTY",
            Self::InTheFuture { .. } => "TIME_IN_THE_FUTURE",
            Self::NotYourConcern => "NOT_YOUR_CONCERN",
            Self::DutyDeskCallMissing => "DUTY_DESK_CALL_MISSING",
            Self::NotTheRegionalDirector { .. } => "NOT_THE_REGIONAL_DIRECTOR",
            Self::DeciderRaisedTheConcern => "DECIDER_RAISED_THE_CONCERN",
            Self::DeciderLoggedTheCall => "DECIDER_LOGGED_THE_CALL",
            Self::DecisionAlreadyTaken { .. } => "DECISION_ALREADY_TAKEN",
            Self::NfdNotDecided => "NFD_NOT_DECIDED",
            Self::NfdPlannedOutsideWindow { .. } => "NFD_PLANNED_OUTSIDE_WINDOW",
            Self::NfdPlannedInThePast => "NFD_PLANNED_IN_THE_PAST",
            Self::NfdInspectorBarred { .. } => "NFD_INSPECTOR_BARRED",
            Self::NfdNotPlanned => "NFD_NOT_PLANNED",
            Self::NotAnNfdInspector { .. } => "NOT_AN_NFD_INSPECTOR",
            Self::NfdAlreadyStarted => "NFD_ALREADY_STARTED",
            Self::NfdNotStarted => "NFD_NOT_STARTED",
            Self::NfdAlreadyComplete => "NFD_ALREADY_COMPLETE",
            Self::NfdNotComplete => "NFD_NOT_COMPLETE",
            Self::NfdHasLeftTheSite => "NFD_HAS_LEFT_THE_SITE",
            Self::LeftBeforeTheStart => "LEFT_BEFORE_THE_START",
            Self::LeavingSiteMissing => "LEAVING_SITE_MISSING",
            Self::FindingsMissing { .. } => "NFD_FINDINGS_MISSING",
            Self::Section5AlreadyRecommended => "SECTION5_ALREADY_RECOMMENDED",
            Self::TooMany { .. } => "CASE_LIMIT_REACHED",
        }
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::AreaOutOfScope { area } => vec![("area", area.clone())],
            Self::NotOnTheVisit { principal }
            | Self::NfdInspectorBarred { principal }
            | Self::NotAnNfdInspector { principal } => vec![("principal", principal.clone())],
            Self::ConcernNotOnCase { concern } => vec![("concern", concern.to_string())],
            Self::TakerNotOnDuty { taker } => vec![("taker", taker.clone())],
            Self::InTheFuture { what } => vec![("what", (*what).to_owned())],
            Self::NotTheRegionalDirector { principal, region } => vec![
                ("principal", principal.clone()),
                ("region", region.to_string()),
            ],
            Self::DecisionAlreadyTaken { by } => vec![("decided_by", by.clone())],
            Self::NfdPlannedOutsideWindow { from, until } => {
                vec![("from", from.to_string()), ("until", until.to_string())]
            }
            Self::FindingsMissing { concerns } => vec![("concerns", list(concerns))],
            Self::TooMany { what, max } => {
                vec![("what", (*what).to_owned()), ("max", max.to_string())]
            }
            _ => Vec::new(),
        }
    }
}
