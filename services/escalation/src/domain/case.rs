//! The case: one visit's escalation, with its concerns, calls, decision and NFD.
//!
//! Plain data. What may happen to it is in `decide`; what must wake it is in `timer`.

use serde::{Deserialize, Serialize};
use visits_core::{Timestamp, typed_id};

use super::area::Area;
pub use super::at_desk::{
    Acknowledgement, Assignment, Chosen, NextStepAlert, Note, Pages, Unwatched,
};
use super::region::Region;

typed_id!(
    /// A case, `cases/{uuid}`.
    CaseId
);
typed_id!(
    /// A visit of scheduling's, `visits/{uuid}`.
    VisitId
);
typed_id!(
    /// A concern on a case.
    ConcernId
);

/// Where a case stands. There is no way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A concern was raised; the duty desk has not taken the case on.
    Open,
    /// The duty desk has taken it on; the HMI's call comes next (M27).
    WithDutyDesk,
    /// The HMI seeks the Regional Director's decision (M28).
    AwaitingDecision,
    /// An NFD is necessary; the 48 hours run (M29).
    NfdRequired,
    /// No NFD is necessary.
    NfdNotRequired,
    /// The NFD has started; the clock is stopped.
    NfdUnderWay,
    /// The NFD is complete.
    NfdComplete,
    /// Withdrawn by the HMI before the decision.
    Withdrawn,
}

impl State {
    /// All states, in the order of the life cycle.
    pub const ALL: [Self; 8] = [
        Self::Open,
        Self::WithDutyDesk,
        Self::AwaitingDecision,
        Self::NfdRequired,
        Self::NfdNotRequired,
        Self::NfdUnderWay,
        Self::NfdComplete,
        Self::Withdrawn,
    ];

    /// The name in the store and in filters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::WithDutyDesk => "WITH_DUTY_DESK",
            Self::AwaitingDecision => "AWAITING_DECISION",
            Self::NfdRequired => "NFD_REQUIRED",
            Self::NfdNotRequired => "NFD_NOT_REQUIRED",
            Self::NfdUnderWay => "NFD_UNDER_WAY",
            Self::NfdComplete => "NFD_COMPLETE",
            Self::Withdrawn => "WITHDRAWN",
        }
    }

    /// Whether the case waits for the duty desk.
    #[must_use]
    pub const fn waits_for_the_desk(self) -> bool {
        matches!(self, Self::Open | Self::WithDutyDesk)
    }

    /// Whether nothing is expected to happen any more.
    #[must_use]
    pub const fn is_closed(self) -> bool {
        matches!(
            self,
            Self::NfdNotRequired | Self::NfdComplete | Self::Withdrawn
        )
    }

    /// Whether an operator who holds the case has it on their hands: from the acknowledgement until
    /// the NFD starts, or it is clear that none will.
    #[must_use]
    pub const fn is_on_somebodys_hands(self) -> bool {
        matches!(
            self,
            Self::WithDutyDesk | Self::AwaitingDecision | Self::NfdRequired
        )
    }

    /// Whether a further concern about the visit opens a new case.
    #[must_use]
    pub const fn is_closed_without_nfd(self) -> bool {
        matches!(self, Self::NfdNotRequired | Self::Withdrawn)
    }
}

/// The school, as scheduling had it when the case was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct School {
    /// Its unique reference number.
    pub urn: String,
    /// Its name.
    pub display_name: String,
    /// Its Ofsted region.
    pub region: Region,
}

/// A significant concern (M26).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concern {
    /// Its identifier.
    pub id: ConcernId,
    /// The area.
    pub area: Area,
    /// What was seen or heard, in the HMI's words.
    pub what_was_seen: String,
    /// The principal who raised it.
    pub raised_by: String,
    /// When.
    pub raised_at: Timestamp,
    /// Whether it was discussed with the duty desk (M27).
    pub discussed: bool,
    /// When and why it was withdrawn, if it was.
    pub withdrawal: Option<Withdrawal>,
    /// What the NFD found about it: the last entry stands, the earlier ones are kept (M31).
    pub findings: Vec<Finding>,
}

impl Concern {
    /// Whether it has not been withdrawn.
    #[must_use]
    pub const fn stands(&self) -> bool {
        self.withdrawal.is_none()
    }
}

/// A concern was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// What the NFD found about a concern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The finding.
    pub text: String,
    /// The principal who recorded it.
    pub recorded_by: String,
    /// When.
    pub recorded_at: Timestamp,
}

/// What follows a call with the duty desk, in the HMI's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The decision is sought.
    SeekDecision,
    /// Not significant after all: the case is withdrawn.
    NotSignificant,
}

/// A call of the HMI with the duty desk (M27).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutyDeskCall {
    /// The HMI who called.
    pub inspector: String,
    /// When the call was.
    pub called_at: Timestamp,
    /// The operator who recorded it.
    pub logged_by: String,
    /// When it was recorded.
    pub logged_at: Timestamp,
    /// What was discussed.
    pub summary: String,
    /// What follows.
    pub outcome: Outcome,
}

/// By when the decision is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionTarget {
    /// When it was requested.
    pub requested_at: Timestamp,
    /// When half of the time is gone.
    pub remind_at: Timestamp,
    /// By when it is wanted.
    pub due_at: Timestamp,
    /// When the reminder went out, if it did.
    pub reminded_at: Option<Timestamp>,
    /// How many alarms have gone out.
    pub alarms: i32,
    /// When the next alarm is due.
    pub next_alarm_at: Timestamp,
}

/// The Regional Director's decision (M28).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NfdDecision {
    /// Whether an NFD is necessary.
    pub required: bool,
    /// Why.
    pub rationale: String,
    /// Who decided.
    pub by: String,
    /// Whether as a deputy on the register.
    pub as_deputy: bool,
    /// When.
    pub at: Timestamp,
}

/// Which event starts the 48 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowStart {
    /// The decision.
    Decision,
    /// The first concern that stands.
    ConcernRaised,
}

/// The 48 hours (M29).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// When they start.
    pub start_at: Timestamp,
    /// When they end.
    pub deadline_at: Timestamp,
    /// Which event started them.
    pub starts_at: WindowStart,
    /// The warnings, the furthest from the deadline first.
    pub warnings: Vec<Warning>,
    /// When the breach was recorded; at most once.
    pub breached_at: Option<Timestamp>,
}

/// A warning before the deadline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// How many hours before the deadline it is due.
    pub hours_left: i32,
    /// When it is due.
    pub due_at: Timestamp,
    /// When it was recorded, if it was.
    pub given_at: Option<Timestamp>,
    /// Whether that was after its time.
    pub late: bool,
}

/// The NFD itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nfd {
    /// The principals who inspect.
    pub inspectors: Vec<String>,
    /// When it is planned to start.
    pub planned_at: Option<Timestamp>,
    /// When it started.
    pub started_at: Option<Timestamp>,
    /// Whether the interim visit itself turned into it (M30).
    pub straight_away: bool,
    /// When the inspectors left the site.
    pub left_site_at: Option<Timestamp>,
    /// When it was completed.
    pub completed_at: Option<Timestamp>,
}

/// The recommendation of a section 5 inspection (M33).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section5 {
    /// Why.
    pub reason: String,
    /// Who recommends.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// When to look next whether it can be handed over.
    pub next_check_at: Timestamp,
    /// When it was handed over.
    pub handed_over_at: Option<Timestamp>,
}

/// One visit's escalation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its identifier.
    pub id: CaseId,
    /// The visit.
    pub visit: VisitId,
    /// The school.
    pub school: School,
    /// The principals of the visit's team, the lead first.
    pub team: Vec<String>,
    /// Where it stands.
    pub state: State,
    /// Its concerns, in the order in which they were raised.
    pub concerns: Vec<Concern>,
    /// When to look next whether somebody is on duty, while it waits for the desk.
    pub desk_check_at: Timestamp,
    /// The pages about nobody watching.
    #[serde(default)]
    pub pages: Pages,
    /// The duty desk's acknowledgement.
    pub acknowledgement: Option<Acknowledgement>,
    /// The operator who holds it, if one does (R-CON-13).
    #[serde(default)]
    pub holder: Option<String>,
    /// Who was given it since, oldest first.
    #[serde(default)]
    pub assignments: Vec<Assignment>,
    /// The notes of the desk, oldest first (R-CON-14).
    #[serde(default)]
    pub notes: Vec<Note>,
    /// When the desk is alerted again, once acknowledged (R-CON-9).
    #[serde(default)]
    pub next_step_alert: Option<NextStepAlert>,
    /// The calls with the duty desk, in order.
    pub calls: Vec<DutyDeskCall>,
    /// By when the decision is wanted, once requested.
    pub target: Option<DecisionTarget>,
    /// The decision, once taken.
    pub decision: Option<NfdDecision>,
    /// The 48 hours, once an NFD is necessary.
    pub window: Option<Window>,
    /// The NFD, once planned or started.
    pub nfd: Option<Nfd>,
    /// The section 5 recommendation.
    pub section5: Option<Section5>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
}

impl Case {
    /// The concerns that have not been withdrawn.
    pub fn standing_concerns(&self) -> impl Iterator<Item = &Concern> {
        self.concerns.iter().filter(|concern| concern.stands())
    }

    /// Whether the desk has taken the case on and its next step is the HMI's call (M27).
    #[must_use]
    pub fn waits_for_a_call(&self) -> bool {
        let taken_on = matches!(self.state, State::WithDutyDesk | State::AwaitingDecision);
        taken_on && self.standing_concerns().any(|concern| !concern.discussed)
    }

    /// The operator who has the case on their hands.
    #[must_use]
    pub fn in_the_hands_of(&self) -> Option<&str> {
        let holder = self.holder.as_deref();
        holder.filter(|_| self.state.is_on_somebodys_hands())
    }

    /// The principals whose assignment lets them read the case: the visit's team and the NFD's
    /// inspectors.
    #[must_use]
    pub fn assigned(&self) -> Vec<String> {
        let inspectors = self.nfd.iter().flat_map(|nfd| &nfd.inspectors);
        let mut principals: Vec<String> = self.team.iter().chain(inspectors).cloned().collect();
        principals.sort();
        principals.dedup();
        principals
    }
}
