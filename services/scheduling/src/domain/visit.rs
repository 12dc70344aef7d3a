//! A planned visit: what is stored of it. One day (M4), no grade (M5), no document (M7).

use serde::{Deserialize, Serialize};
use visits_core::civil::{Date, Time};
use visits_core::{Timestamp, london, typed_id};

use super::arrangements::{Controls, ExecutiveConversation, HomeTime};
use super::call::{Call, CallState};
use super::policy::Policy;
use super::school::ContextPack;
use super::team::Team;
use crate::import::OfstedRegion;

typed_id!(
    /// A visit.
    VisitId
);

impl VisitId {
    /// The resource name: `visits/{uuid}`.
    #[must_use]
    pub fn resource(self) -> String {
        format!("visits/{self}")
    }
}

/// How a visit is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The inspectors are at the school.
    OnSite,
    /// The conversations are held by telephone or video.
    Remote,
}

/// Where a visit is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitState {
    /// It has a date, a team and a call day.
    Planned,
    /// The call was made; the system of controls is missing or must be confirmed again.
    Called,
    /// The school asked for deferral and the region has not decided.
    DeferralRequested,
    /// The call was made and the controls are recorded (M6).
    Ready,
    /// The inspectors are on the visit.
    InProgress,
    /// It is complete.
    Completed,
    /// It won't take place.
    Cancelled,
    /// It became a section 8 NFD inspection.
    Converted,
}

impl VisitState {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Planned,
        Self::Called,
        Self::DeferralRequested,
        Self::Ready,
        Self::InProgress,
        Self::Completed,
        Self::Cancelled,
        Self::Converted,
    ];

    /// The name in the store and in filters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "PLANNED",
            Self::Called => "CALLED",
            Self::DeferralRequested => "DEFERRAL_REQUESTED",
            Self::Ready => "READY",
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
            Self::Converted => "CONVERTED",
        }
    }

    /// Whether the visit is still ahead: it can be changed, called about and cancelled.
    #[must_use]
    pub const fn is_ahead(self) -> bool {
        matches!(
            self,
            Self::Planned | Self::Called | Self::DeferralRequested | Self::Ready
        )
    }
}

/// A visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Its identifier.
    pub id: VisitId,
    /// The school's URN.
    pub school: String,
    /// The school's Ofsted region.
    pub region: OfstedRegion,
    /// The one day of the visit (M4).
    pub visit_date: Date,
    /// On site or remote.
    pub mode: Mode,
    /// Where it is in its life.
    pub state: VisitState,
    /// Who goes.
    pub team: Team,
    /// The version of the visit form asked for; `None` = the one in force when it begins (M8).
    pub form_version: Option<String>,
    /// The call on the school day before (M13).
    pub call: Call,
    /// The school's system of controls (M6, M15).
    pub controls: Option<Controls>,
    /// When pupils leave (M25).
    pub home_time: Option<HomeTime>,
    /// The departure that the plan proposes (M25).
    pub planned_departure: Option<Time>,
    /// What executive leaders asked for (M12).
    pub executive: Option<ExecutiveConversation>,
    /// The context pack, frozen when the call began (M18).
    pub context_pack: Option<FrozenPack>,
    /// The last request for deferral.
    pub deferral: Option<Deferral>,
    /// Changes that hit this visit and wait for a decision.
    pub flags: Vec<ReviewFlag>,
    /// What was changed after planning.
    pub changes: Vec<Change>,
    /// Why it was cancelled.
    pub cancellation: Option<Cancellation>,
    /// When it began, as recording reports it.
    pub started_at: Option<Timestamp>,
    /// When it was completed, as recording reports it.
    pub completed_at: Option<Timestamp>,
    /// When it was converted.
    pub converted_at: Option<Timestamp>,
    /// When it was planned.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// The context pack as it was when the call began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenPack {
    /// What the inspector knows of the school (M18).
    pub pack: ContextPack,
    /// When it was frozen.
    pub at: Timestamp,
}

/// A day that a visit takes out of an inspector's diary. One inspector has one engagement a day,
/// which the store holds by a unique key: the lead's call day belongs to the visit too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engagement {
    /// The inspector's code.
    pub inspector: String,
    /// The day.
    pub date: Date,
    /// The visit that takes it.
    pub visit: VisitId,
}

impl Visit {
    /// When the visit starts: 10:00 in England on its day (M19).
    #[must_use]
    pub fn planned_start(&self, policy: &Policy) -> Timestamp {
        london::instant(self.visit_date, policy.visit_starts_at)
    }

    /// The days that this visit takes out of its team's diaries; none once it is cancelled. Its
    /// own day from everybody's; its call day from that of the lead, or of who made the call.
    #[must_use]
    pub fn engagements(&self) -> Vec<Engagement> {
        if self.state == VisitState::Cancelled {
            return Vec::new();
        }
        let engaged = |inspector: &str, date| Engagement {
            inspector: inspector.to_owned(),
            date,
            visit: self.id,
        };
        let members = self.team.members().iter();
        let mut days: Vec<_> = members.map(|m| engaged(m, self.visit_date)).collect();
        let caller = self.call.made_by.as_deref();
        days.push(engaged(caller.unwrap_or(self.team.lead()), self.call.date));
        days
    }

    /// Whether the system of controls stands as confirmed for this mode and date (M6).
    #[must_use]
    pub fn controls_stand(&self) -> bool {
        self.controls
            .as_ref()
            .is_some_and(|controls| !controls.needs_confirmation && controls.mode == self.mode)
    }

    /// Whether the call is going on.
    #[must_use]
    pub fn is_in_call(&self) -> bool {
        self.state == VisitState::Planned && self.call.state == CallState::InProgress
    }
}

/// A school's request to defer, and the region's decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deferral {
    /// Why the school asks.
    pub reason: DeferralReason,
    /// The school's reason in words.
    pub note: String,
    /// When it asked.
    pub requested_at: Timestamp,
    /// When an undecided request is reminded of; `None` if that hour was past already.
    pub remind_at: Option<Timestamp>,
    /// By when the region decides.
    pub decide_by: Timestamp,
    /// When the reminder went out.
    pub reminded_at: Option<Timestamp>,
    /// When it was said that the decision is overdue.
    pub overdue_at: Option<Timestamp>,
    /// The decision.
    pub decision: Option<DeferralDecision>,
}

/// What the region decided about a deferral.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeferralDecision {
    /// The new date, if granted.
    pub new_visit_date: Option<Date>,
    /// Who decided.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub rationale: String,
}

/// Why a school asks for deferral.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeferralReason {
    /// The school or a part of it is closed because of Covid-19.
    CovidClosure,
    /// Local restrictions.
    LocalRestrictions,
    /// Too many of the staff are absent.
    StaffAbsence,
    /// Another reason, in the note.
    Other,
}

/// Why a visit is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// The school is closed that day.
    SchoolClosed,
    /// The school is no longer in the sample.
    SampleChanged,
    /// No team is available.
    NoTeam,
    /// Another reason, in the note.
    Other,
}

/// A cancellation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// Why.
    pub reason: CancelReason,
    /// Why, in words.
    pub note: String,
    /// When.
    pub at: Timestamp,
}

/// A change that hit a planned visit and waits for somebody to solve it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewFlag {
    /// What happened.
    pub code: FlagCode,
    /// What it concerns: `inspectors/HMI-001`, `calendars/england`, `schools/123166`.
    pub subject: String,
    /// When it was raised.
    pub raised_at: Timestamp,
}

/// What can hit a planned visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlagCode {
    /// The school is closed on the visit's day or its call day.
    SchoolClosed,
    /// An inspector of the team is away.
    InspectorAway,
    /// An inspector of the team may not visit the school.
    InspectorConflict,
    /// An inspector of the team was assigned to the school's routine inspection (M11).
    InspectorBarred,
    /// Nobody was reached by 16:00 of the call day.
    CallNotReached,
}

impl FlagCode {
    /// Whether words can solve it. An inspector who may not go and a call that was never made are
    /// solved by another team or date only.
    #[must_use]
    pub const fn words_can_solve(self) -> bool {
        matches!(self, Self::SchoolClosed | Self::InspectorAway)
    }
}

/// A change after planning, with its reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What changed.
    pub kind: ChangeKind,
    /// When.
    pub at: Timestamp,
    /// Who changed it.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// What can change after planning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// The visit's date.
    Date,
    /// The team.
    Team,
    /// On site or remote.
    Mode,
    /// A review flag was solved.
    FlagSolved,
}
