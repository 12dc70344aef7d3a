//! A case as its page shows it.

use visits_core::{Timestamp, london};
use visits_proto::escalation::v1 as pb;
use visits_proto::escalation::v1::case::State;
use visits_proto::instant;

use super::action::Action;
use super::timeline::{self, Entry};
use crate::deadline::{Deadline, next_step};
use crate::form::Filled;
use crate::problem::Problem;
use crate::words::{self, code, elapsed, hour, moment};

/// The case.
pub(super) struct CaseView {
    pub(super) id: String,
    pub(super) school: String,
    pub(super) urn: String,
    pub(super) region: String,
    pub(super) visit: String,
    pub(super) team: Vec<String>,
    pub(super) state: &'static str,
    pub(super) colour: &'static str,
    pub(super) next: String,
    pub(super) concerns: Vec<ConcernView>,
    pub(super) timeline: Vec<Entry>,
    pub(super) since: Vec<Since>,
    pub(super) deadline: Option<Deadline>,
    /// What is said where no countdown runs any more.
    pub(super) stopped: Option<String>,
    pub(super) open_hours: Vec<String>,
    pub(super) plan: Option<String>,
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

/// How long ago something was.
pub(super) struct Since {
    pub(super) what: &'static str,
    pub(super) when: String,
    pub(super) elapsed: String,
    /// What was said or decided.
    pub(super) text: String,
}

impl CaseView {
    pub(super) fn of(case: &pb::Case, window: Option<&pb::NfdWindow>, now: Timestamp) -> Self {
        let state = case.state();
        Self {
            id: code(&case.name).to_owned(),
            school: case.school_display_name.clone(),
            urn: code(&case.school).to_owned(),
            region: words::region(&case.region).to_owned(),
            visit: code(&case.visit).to_owned(),
            team: case.team.iter().map(|name| code(name).to_owned()).collect(),
            state: words::state(state),
            colour: words::colour(state),
            next: next_step(case),
            concerns: case.concerns.iter().map(concern).collect(),
            timeline: timeline::of(case),
            since: since(case, now),
            deadline: Deadline::of(case, now),
            stopped: stopped(case),
            open_hours: window.map(open_hours).unwrap_or_default(),
            plan: plan(case),
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

/// Elapsed time since the concern, the call and the decision: all three are shown, whichever of
/// them starts the 48 hours.
fn since(case: &pb::Case, now: Timestamp) -> Vec<Since> {
    let call = case.calls.last();
    let decided = case.decision.as_ref();
    let instants = [
        ("The first concern", case.create_time.as_ref(), ""),
        (
            "The call",
            call.and_then(|call| call.called_time.as_ref()),
            call.map_or("", |call| &call.summary),
        ),
        (
            "The decision",
            decided.and_then(|decision| decision.decided_time.as_ref()),
            decided.map_or("", |decision| &decision.rationale),
        ),
    ];
    let known = instants
        .into_iter()
        .filter_map(|(what, at, text)| Some((what, instant(at)?, text)));
    let since = known.map(|(what, at, text)| Since {
        what,
        when: moment(at),
        elapsed: elapsed(now.duration_since(at)),
        text: text.to_owned(),
    });
    since.collect()
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

/// `Monday 26 October, 9:00am GMT to 3:30pm GMT`.
fn open_hours(window: &pb::NfdWindow) -> Vec<String> {
    let open = window.open_hours.iter().filter_map(|open| {
        let start = instant(open.start_time.as_ref())?;
        let end = instant(open.end_time.as_ref())?;
        Some(format!(
            "{}, {} to {}",
            words::day(start),
            hour(start),
            hour(end)
        ))
    });
    open.collect()
}

fn plan(case: &pb::Case) -> Option<String> {
    let nfd = case.nfd.as_ref()?;
    let planned = instant(nfd.planned_time.as_ref())?;
    let who = nfd.inspectors.iter().map(|name| code(name));
    let who = who.collect::<Vec<_>>().join(", ");
    Some(format!("{}, by {who}", moment(planned)))
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

    pub(super) fn is_chosen(&self, field: &str, value: &str) -> bool {
        self.filled.get(field) == value
    }

    pub(super) fn error(&self, field: &str) -> Option<&str> {
        self.problem.as_ref()?.about(field)
    }

    pub(super) fn is(&self, path: &str) -> bool {
        self.action.path() == path
    }
}

/// Both versions, where somebody else was first (R-CON-16).
pub(super) struct Conflict {
    pub(super) saw: String,
    pub(super) stands: &'static str,
    pub(super) meanwhile: Vec<Entry>,
    /// What was typed, where there is no form any more to keep it in.
    pub(super) typed: Vec<String>,
}

impl Conflict {
    pub(super) fn of(case: &pb::Case, filled: &Filled) -> Self {
        let seen: Option<Timestamp> = filled.get("seen_time").parse().ok();
        let is_new = |entry: &Entry| seen.is_some_and(|seen| entry.recorded_at > seen);
        let texts = ["note", "summary", "rationale"].map(|field| filled.get(field));
        let texts = texts.into_iter().filter(|text| !text.trim().is_empty());
        Self {
            saw: filled.get("seen_state").to_owned(),
            stands: words::state(case.state()),
            meanwhile: timeline::of(case).into_iter().filter(is_new).collect(),
            typed: texts.map(str::to_owned).collect(),
        }
    }
}

/// Whether the school's open hours belong on the page: while somebody plans by them (M29).
pub(super) fn wants_open_hours(state: State) -> bool {
    matches!(state, State::AwaitingDecision | State::NfdRequired)
}
