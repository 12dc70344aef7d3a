//! A case as its page shows it.

use visits_components::{Html, SummaryList, Tag, TaskList, Timeline};
use visits_core::{Timestamp, london};
use visits_proto::escalation::v1 as pb;
use visits_proto::escalation::v1::case::State;
use visits_proto::instant;

use super::action::Action;
use super::timeline::{self, Entry};
use super::{facts, fields, steps};
use crate::deadline::{Deadline, next_step};
use crate::form::Filled;
use crate::problem::Problem;
use crate::words::{self, code, elapsed, moment};

/// The case.
pub(super) struct CaseView {
    pub(super) id: String,
    pub(super) school: String,
    pub(super) region: String,
    pub(super) team: Vec<String>,
    pub(super) state: &'static str,
    pub(super) tag: Tag,
    pub(super) next: String,
    pub(super) concerns: Vec<ConcernView>,
    pub(super) steps: TaskList,
    pub(super) facts: SummaryList,
    pub(super) timeline: Timeline,
    pub(super) deadline: Option<Deadline>,
    /// Whether the 48 hours run.
    pub(super) is_nfd_due: bool,
    /// What is said where no countdown runs any more.
    pub(super) stopped: Option<String>,
    /// Whether an NFD is planned.
    pub(super) is_planned: bool,
    pub(super) etag: String,
    pub(super) changed: String,
}

/// A concern.
pub(super) struct ConcernView {
    pub(super) area: &'static str,
    pub(super) seen: String,
    pub(super) by: String,
    pub(super) raised: String,
    pub(super) is_withdrawn: bool,
}

impl CaseView {
    /// `case`, where `window` says when its school is open, for a reader who `is_offered` the next
    /// step.
    pub(super) fn of(
        case: &pb::Case,
        window: Option<&pb::NfdWindow>,
        is_offered: bool,
        now: Timestamp,
    ) -> Self {
        let state = case.state();
        let nfd = case.nfd.as_ref();
        Self {
            id: code(&case.name).to_owned(),
            school: case.school_display_name.clone(),
            region: words::region(&case.region).to_owned(),
            team: case.team.iter().map(|name| code(name).to_owned()).collect(),
            state: words::state(state),
            tag: Tag::new(words::state(state), words::colour(state)),
            next: next_step(case),
            concerns: case.concerns.iter().map(concern).collect(),
            steps: steps::of(case, is_offered, now),
            facts: facts::of(case, window, now),
            timeline: timeline::shown(&timeline::of(case)),
            deadline: Deadline::of(case, now),
            stopped: stopped(case),
            is_nfd_due: state == State::NfdRequired,
            is_planned: nfd.is_some_and(|nfd| nfd.planned_time.is_some()),
            etag: case.etag.clone(),
            changed: instant(case.update_time.as_ref())
                .unwrap_or(now)
                .to_string(),
        }
    }
}

fn concern(concern: &pb::Concern) -> ConcernView {
    let raised = instant(concern.raised_time.as_ref());
    ConcernView {
        area: words::area(concern.area()),
        seen: concern.what_was_seen.clone(),
        by: code(&concern.raised_by).to_owned(),
        raised: raised.map(moment).unwrap_or_default(),
        is_withdrawn: concern.withdrawn_time.is_some(),
    }
}

/// How the 48 hours ended, once the NFD has started.
fn stopped(case: &pb::Case) -> Option<String> {
    let started = instant(case.nfd.as_ref()?.started_time.as_ref())?;
    let deadline = instant(case.window.as_ref()?.deadline_time.as_ref())?;
    let left = deadline.duration_since(started);
    let when = moment(started);
    Some(if left.is_positive() {
        format!(
            "Stopped: the NFD started on {when}, {} before its deadline.",
            elapsed(left)
        )
    } else {
        format!(
            "Stopped: the NFD started on {when}, {} after its deadline.",
            elapsed(-left)
        )
    })
}

/// The form of what can be done now.
pub(super) struct FormView {
    pub(super) action: Action,
    pub(super) request_id: String,
    pub(super) filled: Filled,
    /// What was typed before, and kept while its user signed in again.
    pub(super) is_kept: bool,
    pub(super) problem: Option<Problem>,
}

impl FormView {
    /// A form that nobody has filled in: the call's day is today, its time is left open
    /// (R-CON-25).
    pub(super) fn empty(action: Action, request_id: String, now: Timestamp) -> Self {
        let mut filled = Filled::default();
        let today = london::date(now);
        filled.set("called_day", today.day().to_string());
        filled.set("called_month", today.month().to_string());
        filled.set("called_year", today.year().to_string());
        Self {
            action,
            request_id,
            filled,
            is_kept: false,
            problem: None,
        }
    }

    pub(super) fn value(&self, field: &str) -> &str {
        self.filled.get(field)
    }

    pub(super) fn error(&self, field: &str) -> Option<&str> {
        self.problem.as_ref()?.about(field)
    }

    pub(super) fn is(&self, path: &str) -> bool {
        self.action.path() == path
    }

    /// What is filled in, and the button.
    pub(super) fn fields(&self, case: &CaseView) -> Html {
        fields::of(self, case)
    }
}

/// Both versions, where somebody else was first (R-CON-16).
pub(super) struct Conflict {
    /// Whether the form's user saw all that is on the case's record.
    pub(super) is_seen_whole: bool,
    pub(super) saw: String,
    pub(super) stands: &'static str,
    /// None if nothing was.
    pub(super) meanwhile: Option<Timeline>,
    /// What was typed, where there is no form any more to keep it in.
    pub(super) typed: Vec<String>,
}

impl Conflict {
    pub(super) fn of(case: &pb::Case, filled: &Filled) -> Self {
        let seen: Option<Timestamp> = filled.get("seen_time").parse().ok();
        let is_new = |entry: &Entry| seen.is_some_and(|seen| entry.recorded_at > seen);
        let texts = ["note", "summary", "rationale"].map(|field| filled.get(field));
        let texts = texts.into_iter().filter(|text| !text.trim().is_empty());
        let meanwhile: Vec<Entry> = timeline::of(case).into_iter().filter(is_new).collect();
        let (saw, stands) = (filled.get("seen_state"), words::state(case.state()));
        Self {
            is_seen_whole: seen.is_some() && meanwhile.is_empty() && saw == stands,
            saw: saw.to_owned(),
            stands,
            meanwhile: (!meanwhile.is_empty()).then(|| timeline::shown(&meanwhile)),
            typed: texts.map(str::to_owned).collect(),
        }
    }
}

/// Whether the school's open hours belong on the page: while somebody plans by them (M29).
pub(super) fn wants_open_hours(state: State) -> bool {
    matches!(state, State::AwaitingDecision | State::NfdRequired)
}
