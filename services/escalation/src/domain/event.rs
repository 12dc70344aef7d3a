//! What happened to a case. Private facts; `publish` says which of them the other services hear,
//! and none carries what anybody wrote (R19).

use visits_core::Timestamp;
use visits_core::civil::Date;

use super::area::Area;
use super::case::{ConcernId, Outcome, Unwatched};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A concern was raised.
    ConcernRaised {
        /// Which.
        concern: ConcernId,
        /// The area.
        area: Area,
        /// The principal who raised it.
        raised_by: String,
        /// Whether it opened the case.
        first: bool,
    },
    /// The duty desk took the case on.
    ConcernAcknowledged,
    /// A concern was withdrawn.
    ConcernWithdrawn {
        /// Which.
        concern: ConcernId,
        /// Whether none stands any more.
        last: bool,
    },
    /// A call with the duty desk is on record.
    DutyDeskCallLogged {
        /// When the call was.
        called_at: Timestamp,
        /// What follows.
        outcome: Outcome,
    },
    /// The HMI seeks the decision.
    DecisionRequested {
        /// By when it is wanted.
        due_at: Timestamp,
    },
    /// Half of the time for the decision is gone.
    DecisionReminder {
        /// By when it is wanted.
        due_at: Timestamp,
    },
    /// The time for the decision is gone.
    DecisionOverdue {
        /// By when it was wanted.
        due_at: Timestamp,
        /// Which alarm, from 1.
        alarm: i32,
    },
    /// The Regional Director has decided.
    NfdDecided {
        /// Whether an NFD is necessary.
        required: bool,
        /// When.
        decided_at: Timestamp,
        /// By when the NFD has started, if one is necessary.
        deadline_at: Option<Timestamp>,
    },
    /// Conversions are above the limit (M34).
    ConversionLimitExceeded {
        /// Visits begun.
        begun: i64,
        /// Of these, converted, this one included.
        converted: i64,
    },
    /// The NFD is planned.
    NfdPlanned {
        /// When it is to start.
        planned_at: Timestamp,
        /// Who is to inspect.
        inspectors: Vec<String>,
    },
    /// The deadline comes near.
    NfdDeadlineWarning {
        /// Which warning.
        hours_left: i32,
        /// Whether it is given after its time.
        late: bool,
        /// Earlier warnings that were due too; they are recorded, not sent.
        skipped_hours: Vec<i32>,
        /// The deadline.
        deadline_at: Timestamp,
    },
    /// The deadline passed without a start.
    NfdDeadlineBreached {
        /// The deadline.
        deadline_at: Timestamp,
    },
    /// The NFD has started.
    NfdStarted {
        /// When.
        started_at: Timestamp,
        /// Whether the interim visit itself turned into it.
        straight_away: bool,
        /// Who inspects.
        inspectors: Vec<String>,
    },
    /// A finding is on record.
    NfdFindingRecorded {
        /// About which concern.
        concern: ConcernId,
    },
    /// The inspectors left the site.
    SiteLeft {
        /// When.
        left_at: Timestamp,
    },
    /// The NFD is complete.
    NfdCompleted {
        /// When the inspectors left the site.
        left_site_at: Timestamp,
    },
    /// A section 5 inspection is recommended.
    Section5Recommended {
        /// Whether it is held.
        held: bool,
    },
    /// The recommendation is handed over.
    Section5HandedOver {
        /// The day of the recommendation.
        recommended_on: Date,
    },
    /// A note was added.
    CaseNoted,
    /// The case has another holder, or none.
    CaseAssigned {
        /// The operator; none = released.
        operator: Option<String>,
    },
    /// The desk is alerted again after another time.
    NextStepAlertSet {
        /// After how many minutes.
        after_minutes: i32,
    },
    /// The next step of an acknowledged case is not on record.
    NextStepOverdue {
        /// When it was acknowledged.
        acknowledged_at: Timestamp,
        /// Which alert, from 1.
        alert: i32,
    },
    /// The case waits and nobody watches.
    DeskUnwatched {
        /// Since when it has waited.
        waiting_since: Timestamp,
        /// Why nobody watches.
        why: Unwatched,
    },
    /// The visit's team is another.
    TeamChanged,
}
