//! Everything that is on record about a case, newest first (R-CON-17), with when it happened and,
//! where they differ by more than a minute, when it was recorded (R-CON-18).

use pbjson_types::Timestamp as Wire;
use visits_components::{Content, Timeline, TimelineItem};
use visits_core::{SignedDuration, Timestamp};
use visits_proto::escalation::v1 as pb;
use visits_proto::escalation::v1::duty_desk_call::Outcome;
use visits_proto::instant;

use crate::prose;
use crate::words::{area, code, counted, moment};

/// Up to here "happened" and "recorded" are one.
const SAME: SignedDuration = SignedDuration::from_mins(1);

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) title: String,
    /// By whom; empty for the system itself.
    pub(crate) by: String,
    pub(super) happened: String,
    /// Only if it differs.
    pub(super) recorded: Option<String>,
    /// What was said or written.
    pub(super) text: String,
    pub(super) at: Timestamp,
    pub(crate) recorded_at: Timestamp,
}

/// The timeline of `case`.
pub(super) fn of(case: &pb::Case) -> Vec<Entry> {
    let mut entries = Vec::new();
    for concern in &case.concerns {
        of_concern(&mut entries, concern);
    }
    if let Some(given) = &case.acknowledgement {
        let at = given.acknowledged_time.as_ref();
        let by = &given.acknowledged_by;
        add(
            &mut entries,
            at,
            "Acknowledged by the duty desk",
            by,
            &given.note,
        );
    }
    of_the_desk(&mut entries, case);
    for call in &case.calls {
        of_call(&mut entries, call);
    }
    if let Some(target) = &case.decision_target {
        let at = target.requested_time.as_ref();
        add(&mut entries, at, "Decision requested", "", "");
        let at = target.reminded_time.as_ref();
        add(
            &mut entries,
            at,
            "Half of the time to decide had gone",
            "",
            "",
        );
    }
    if let Some(decision) = &case.decision {
        of_decision(&mut entries, decision);
    }
    if let Some(window) = &case.window {
        of_window(&mut entries, window);
    }
    if let Some(nfd) = &case.nfd {
        of_nfd(&mut entries, nfd);
    }
    if let Some(section5) = &case.section5 {
        let (at, by) = (section5.recommended_time.as_ref(), &section5.recommended_by);
        let title = "Section 5 inspection recommended";
        add(&mut entries, at, title, by, &section5.reason);
        let at = section5.handed_over_time.as_ref();
        add(&mut entries, at, "Recommendation handed over", "", "");
    }
    // What happened last stands first; of one instant, what came of the other.
    entries.sort_by_key(|entry| entry.at);
    entries.reverse();
    entries
}

/// The entries as the page shows them.
pub(super) fn shown(entries: &[Entry]) -> Timeline {
    let items = entries.iter().map(|entry| {
        let when = match &entry.recorded {
            Some(recorded) => format!("Happened {}, recorded {recorded}", entry.happened),
            None => entry.happened.clone(),
        };
        let text = if entry.text.is_empty() {
            Content::default()
        } else {
            prose::words(&entry.text).into()
        };
        TimelineItem {
            label: entry.title.as_str().into(),
            byline: entry.by.as_str().into(),
            datetime: entry.at.to_string(),
            date_text: when.into(),
            text,
            ..TimelineItem::default()
        }
    });
    Timeline {
        items: items.collect(),
        heading_level: Some(3),
        ..Timeline::default()
    }
}

fn add(entries: &mut Vec<Entry>, at: Option<&Wire>, title: &str, by: &str, text: &str) {
    add_recorded(entries, at, at, title, by, text);
}

fn add_recorded(
    entries: &mut Vec<Entry>,
    at: Option<&Wire>,
    recorded: Option<&Wire>,
    title: &str,
    by: &str,
    text: &str,
) {
    let Some(at) = instant(at) else {
        return;
    };
    let recorded_at = instant(recorded).unwrap_or(at);
    let differs = recorded_at.duration_since(at).abs() > SAME;
    entries.push(Entry {
        title: title.to_owned(),
        by: code(by).to_owned(),
        happened: moment(at),
        recorded: differs.then(|| moment(recorded_at)),
        text: text.to_owned(),
        at,
        recorded_at,
    });
}

fn of_concern(entries: &mut Vec<Entry>, concern: &pb::Concern) {
    let title = format!("Concern raised: {}", area(concern.area()).to_lowercase());
    let (at, by) = (concern.raised_time.as_ref(), &concern.raised_by);
    add(entries, at, &title, by, &concern.what_was_seen);
    let at = concern.withdrawn_time.as_ref();
    add(
        entries,
        at,
        "Concern withdrawn",
        "",
        &concern.withdrawal_reason,
    );
}

fn of_the_desk(entries: &mut Vec<Entry>, case: &pb::Case) {
    for note in &case.notes {
        let at = note.written_time.as_ref();
        add(entries, at, "Note", &note.written_by, &note.note);
    }
    for given in &case.assignments {
        let title = match given.operator.as_str() {
            "" => "Released to the whole desk".to_owned(),
            operator => format!("Handed over to {operator}"),
        };
        let (at, by) = (given.assigned_time.as_ref(), &given.assigned_by);
        add(entries, at, &title, by, "");
    }
    if let Some(alert) = &case.next_step_alert {
        let minutes = counted(alert.after_minutes.into(), "minute");
        let title = format!("The desk is alerted again after {minutes}");
        let at = alert.set_time.as_ref();
        add(entries, at, &title, &alert.set_by, &alert.reason);
    }
}

fn of_call(entries: &mut Vec<Entry>, call: &pb::DutyDeskCall) {
    let what = match call.outcome() {
        Outcome::SeekDecision => "a decision is sought",
        Outcome::NotSignificant => "not significant after all",
        Outcome::Unspecified => "no outcome",
    };
    let title = format!("{} called the duty desk: {what}", code(&call.inspector));
    let (at, recorded) = (call.called_time.as_ref(), call.logged_time.as_ref());
    add_recorded(
        entries,
        at,
        recorded,
        &title,
        &call.logged_by,
        &call.summary,
    );
}

fn of_decision(entries: &mut Vec<Entry>, decision: &pb::NfdDecision) {
    let title = match (decision.required, decision.as_deputy) {
        (true, false) => "Decided: an NFD is necessary",
        (true, true) => "Decided by the deputy: an NFD is necessary",
        (false, false) => "Decided: no NFD is necessary",
        (false, true) => "Decided by the deputy: no NFD is necessary",
    };
    let (at, by) = (decision.decided_time.as_ref(), &decision.decided_by);
    add(entries, at, title, by, &decision.rationale);
}

fn of_window(entries: &mut Vec<Entry>, window: &pb::NfdWindow) {
    for warning in &window.warnings {
        let left = counted(warning.hours_left.into(), "hour");
        let late = if warning.late { " (late)" } else { "" };
        let title = format!("Warning: {left} left to start the NFD{late}");
        let due = warning.due_time.as_ref();
        if warning.given_time.is_some() {
            add_recorded(entries, due, warning.given_time.as_ref(), &title, "", "");
        }
    }
    let (due, breached) = (window.deadline_time.as_ref(), window.breached_time.as_ref());
    if breached.is_some() {
        let title = "Deadline missed: 48 hours had passed and the NFD had not started";
        add_recorded(entries, due, breached, title, "", "");
    }
}

fn of_nfd(entries: &mut Vec<Entry>, nfd: &pb::Nfd) {
    let by = nfd.inspectors.iter().map(|name| code(name));
    let by = by.collect::<Vec<_>>().join(", ");
    let title = if nfd.straight_away {
        "NFD started straight away"
    } else {
        "NFD started"
    };
    add(entries, nfd.started_time.as_ref(), title, &by, "");
    let at = nfd.left_site_time.as_ref();
    add(entries, at, "Inspectors left the site", &by, "");
    add(
        entries,
        nfd.completed_time.as_ref(),
        "NFD complete",
        &by,
        "",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use visits_proto::timestamp;

    fn wire(text: &str) -> Option<Wire> {
        Some(timestamp(text.parse().expect("instant")))
    }

    fn called(at: &str, logged: &str) -> pb::Case {
        pb::Case {
            calls: vec![pb::DutyDeskCall {
                inspector: "inspectors/HMI-007".to_owned(),
                called_time: wire(at),
                logged_time: wire(logged),
                outcome: i32::from(Outcome::SeekDecision),
                ..pb::DutyDeskCall::default()
            }],
            ..pb::Case::default()
        }
    }

    #[test]
    fn r_con_18_recorded_is_said_only_where_it_differs_by_more_than_a_minute() {
        let late = of(&called("2020-10-23T13:30:00Z", "2020-10-23T13:41:00Z"));
        assert_eq!(late[0].happened, "Friday 23 October 2020 at 2:30pm BST");
        let recorded = late[0].recorded.as_deref();
        assert_eq!(recorded, Some("Friday 23 October 2020 at 2:41pm BST"));
        let at_once = of(&called("2020-10-23T13:30:00Z", "2020-10-23T13:31:00Z"));
        assert_eq!(at_once[0].recorded, None);
    }

    #[test]
    fn r_con_17_the_newest_stands_first_and_nothing_is_left_out() {
        let mut case = called("2020-10-23T11:20:00Z", "2020-10-23T11:20:00Z");
        case.concerns.push(pb::Concern {
            raised_time: wire("2020-10-23T10:50:00Z"),
            ..pb::Concern::default()
        });
        case.decision = Some(pb::NfdDecision {
            decided_time: wire("2020-10-23T13:30:00Z"),
            required: true,
            ..pb::NfdDecision::default()
        });
        let hours = [24, 12].map(|hours_left| pb::DeadlineWarning {
            hours_left,
            due_time: wire("2020-10-24T13:30:00Z"),
            given_time: wire("2020-10-24T13:30:00Z"),
            late: false,
        });
        case.window = Some(pb::NfdWindow {
            warnings: hours.to_vec(),
            ..pb::NfdWindow::default()
        });
        let titles: Vec<_> = of(&case).into_iter().map(|entry| entry.title).collect();
        let expected = [
            "Warning: 12 hours left to start the NFD",
            "Warning: 24 hours left to start the NFD",
            "Decided: an NFD is necessary",
            "HMI-007 called the duty desk: a decision is sought",
            "Concern raised: area not known",
        ];
        assert_eq!(titles, expected);
    }
}
