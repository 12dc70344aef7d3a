//! The contract's enumerations and ours, value by value.

use visits_proto::common::v1 as common;
use visits_proto::scheduling::v1::{
    self as proto, call, closure, control_measure, deferral, executive_conversation, inspector,
    review_flag, school, visit, visit_change,
};

use crate::domain::arrangements::{LeaderRole, Topic};
use crate::domain::calendar::{CalendarUsed, EntryKind};
use crate::domain::call::CallState;
use crate::domain::inspector::ConflictKind;
use crate::domain::visit::{CancelReason, ChangeKind, DeferralReason, FlagCode, Mode, VisitState};
use crate::import::{OverallEffectiveness, Phase, SchoolStatus};

/// Declares the way from an enumeration of ours to the contract's, and where requests say it, the
/// way back: `None` for what is not said.
macro_rules! pairs {
    ($to:ident, $ours:ty, $theirs:ty, { $($our:ident = $their:ident),+ $(,)? }) => {
        pub(crate) const fn $to(value: $ours) -> $theirs {
            match value {
                $(<$ours>::$our => <$theirs>::$their,)+
            }
        }
    };
    ($to:ident, $from:ident, $ours:ty, $theirs:ty, { $($our:ident = $their:ident),+ $(,)? }) => {
        pairs!($to, $ours, $theirs, { $($our = $their),+ });

        pub(crate) fn $from(value: i32) -> Option<$ours> {
            match <$theirs>::try_from(value).ok()? {
                $(<$theirs>::$their => Some(<$ours>::$our),)+
                _ => None,
            }
        }
    };
}

pairs!(mode, mode_from, Mode, common::Mode, { OnSite = OnSite, Remote = Remote });
pairs!(visit_state, VisitState, visit::State, {
    Planned = Planned,
    Called = Called,
    DeferralRequested = DeferralRequested,
    Ready = Ready,
    InProgress = InProgress,
    Completed = Completed,
    Cancelled = Cancelled,
    Converted = Converted,
});
pairs!(call_state, CallState, call::State, {
    Scheduled = Scheduled,
    Due = Due,
    InProgress = InProgress,
    Done = Done,
    NotReached = NotReached,
});
pairs!(calendar_used, CalendarUsed, call::CalendarUsed, {
    School = School,
    LocalAuthority = LocalAuthority,
    England = England,
    BankHolidaysOnly = BankHolidaysOnly,
});
pairs!(cancel_reason, cancel_reason_from, CancelReason, proto::CancelReason, {
    SchoolClosed = SchoolClosed,
    SampleChanged = SampleChanged,
    NoTeam = NoTeam,
    Other = Other,
});
pairs!(change_kind, ChangeKind, visit_change::Kind, {
    Date = Date,
    Team = Team,
    Mode = Mode,
    FlagSolved = FlagSolved,
});
pairs!(flag_code, flag_code_from, FlagCode, review_flag::Code, {
    SchoolClosed = SchoolClosed,
    InspectorAway = InspectorAway,
    InspectorConflict = InspectorConflict,
    InspectorBarred = InspectorBarred,
    CallNotReached = CallNotReached,
});
pairs!(deferral_reason, deferral_reason_from, DeferralReason, deferral::Reason, {
    CovidClosure = CovidClosure,
    LocalRestrictions = LocalRestrictions,
    StaffAbsence = StaffAbsence,
    Other = Other,
});
pairs!(leader_role, leader_role_from, LeaderRole, executive_conversation::LeaderRole, {
    TrustChiefExecutive = TrustChiefExecutive,
    ExecutiveHeadteacher = ExecutiveHeadteacher,
    Chair = Chair,
    LocalAuthorityOfficer = LocalAuthorityOfficer,
    Other = Other,
});
pairs!(topic, topic_from, Topic, control_measure::Topic, {
    Isolation = Isolation,
    FaceCoverings = FaceCoverings,
    HandCleaning = HandCleaning,
    RespiratoryHygiene = RespiratoryHygiene,
    EnhancedCleaning = EnhancedCleaning,
    Distancing = Distancing,
    ProtectiveEquipment = ProtectiveEquipment,
    Visitors = Visitors,
    MeetingRoom = MeetingRoom,
    RemoteArrangements = RemoteArrangements,
    Other = Other,
});
pairs!(conflict_kind, conflict_kind_from, ConflictKind, inspector::conflict::Kind, {
    Employment = Employment,
    Governance = Governance,
    Family = Family,
    Other = Other,
});
pairs!(closure_kind, closure_kind_from, EntryKind, closure::Kind, {
    Holiday = Holiday,
    Inset = TrainingDay,
    Closure = Closure,
});
pairs!(phase, phase_from, Phase, proto::Phase, {
    NotKnown = NotKnown,
    NotApplicable = NotApplicable,
    Nursery = Nursery,
    Primary = Primary,
    MiddleDeemedPrimary = MiddleDeemedPrimary,
    Secondary = Secondary,
    MiddleDeemedSecondary = MiddleDeemedSecondary,
    SixteenPlus = SixteenPlus,
    AllThrough = AllThrough,
});
pairs!(status, status_from, SchoolStatus, school::Status, {
    Open = Open,
    Closed = Closed,
    OpenProposedToClose = OpenProposedToClose,
    ProposedToOpen = ProposedToOpen,
});
pairs!(previous_grade, previous_grade_from, OverallEffectiveness, proto::PreviousGrade, {
    NotKnown = NotKnown,
    NotInspected = NotInspected,
    NotJudged = NotJudged,
    Outstanding = Outstanding,
    Good = Good,
    RequiresImprovement = RequiresImprovement,
    Inadequate = Inadequate,
});
