//! Where a visit and its call stand, in words.

use visits_components::Tag;
use visits_core::Timestamp;
use visits_proto::common::v1::Mode;
use visits_proto::instant;
use visits_proto::scheduling::v1 as pb;
use visits_proto::scheduling::v1::call::State as CallState;
use visits_proto::scheduling::v1::visit::State;

use crate::words::{code, hour, moment};

/// The states of a visit, as a filter names them and in words.
pub(crate) const STATES: [(&str, &str); 8] = [
    ("PLANNED", "Planned"),
    ("CALLED", "Called"),
    ("DEFERRAL_REQUESTED", "Deferral asked for"),
    ("READY", "Ready"),
    ("IN_PROGRESS", "In progress"),
    ("COMPLETED", "Completed"),
    ("CANCELLED", "Cancelled"),
    ("CONVERTED", "Converted to an NFD"),
];

/// Where a visit stands.
pub(crate) fn state(state: State) -> &'static str {
    let name = state.as_str_name().trim_start_matches("STATE_");
    let known = STATES.iter().find(|(known, _)| *known == name);
    known.map_or("Not known", |(_, words)| words)
}

/// The same as a tag.
pub(crate) fn tag(visit: State) -> Tag {
    let colour = match visit {
        State::DeferralRequested => "govuk-tag--yellow",
        State::Ready | State::Completed => "govuk-tag--green",
        State::InProgress => "govuk-tag--blue",
        State::Converted => "govuk-tag--red",
        _ => "govuk-tag--grey",
    };
    Tag::new(state(visit), colour)
}

/// On site or remote.
pub(crate) const fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::OnSite => "On site",
        Mode::Remote => "Remote",
        Mode::Unspecified => "Not known",
    }
}

/// `HMI-001 (lead), HMI-002`.
pub(crate) fn team(visit: &pb::Visit) -> String {
    let codes = visit.inspectors.iter().map(|name| {
        let lead = if *name == visit.lead { " (lead)" } else { "" };
        format!("{}{lead}", code(name))
    });
    codes.collect::<Vec<_>>().join(", ")
}

/// Whether the school was reached, as a tag.
pub(crate) fn call_tag(call: &pb::Call, now: Timestamp) -> Tag {
    let is_time = instant(call.due_time.as_ref()).is_some_and(|due| now >= due);
    let (words, colour) = match call.state() {
        CallState::Done => ("Reached", "govuk-tag--green"),
        CallState::NotReached => ("Not reached", "govuk-tag--red"),
        CallState::InProgress => ("Call under way", "govuk-tag--blue"),
        CallState::Due if call.attempt_times.is_empty() => {
            ("To be called now", "govuk-tag--yellow")
        }
        CallState::Due => ("No answer yet", "govuk-tag--orange"),
        CallState::Scheduled if is_time => ("To be called now", "govuk-tag--yellow"),
        CallState::Scheduled => ("Not yet due", "govuk-tag--grey"),
        CallState::Unspecified => ("Not known", "govuk-tag--grey"),
    };
    Tag::new(words, colour)
}

/// What has come of a call so far, each in a line.
pub(crate) fn call_lines(call: &pb::Call) -> Vec<String> {
    let mut lines = Vec::new();
    for attempt in &call.attempt_times {
        if let Some(at) = instant(Some(attempt)) {
            lines.push(format!("No answer at {}", hour(at)));
        }
    }
    let known = [
        ("Next attempt at", call.next_attempt_time.as_ref()),
        (
            "The duty desk was told at",
            call.duty_desk_told_time.as_ref(),
        ),
        ("Call begun at", call.started_time.as_ref()),
        ("Call ended at", call.completed_time.as_ref()),
    ];
    for (what, at) in known {
        if let Some(at) = instant(at) {
            lines.push(format!("{what} {}", hour(at)));
        }
    }
    lines
}

/// When something is or was; empty if it isn't known.
pub(crate) fn when(at: Option<&pbjson_types::Timestamp>) -> String {
    instant(at).map(moment).unwrap_or_default()
}

/// Why a visit waits for somebody to look at it again.
pub(crate) fn flag(flag: &pb::ReviewFlag) -> String {
    use pb::review_flag::Code;
    let about = code(&flag.subject);
    match flag.code() {
        Code::SchoolClosed => "The school is closed on the visit’s day or its call day".to_owned(),
        Code::InspectorAway => format!("{about} is away"),
        Code::InspectorConflict => format!("{about} may not visit this school"),
        Code::InspectorBarred => format!("{about} is assigned to the school’s routine inspection"),
        Code::CallNotReached => {
            "Nobody was reached on the call day: it needs another date".to_owned()
        }
        Code::Unspecified => "It needs review".to_owned(),
    }
}

/// Why a school asks for deferral.
pub(crate) const fn deferral_reason(reason: pb::deferral::Reason) -> &'static str {
    use pb::deferral::Reason;
    match reason {
        Reason::CovidClosure => "The school or a part of it is closed because of Covid-19",
        Reason::LocalRestrictions => "Local restrictions",
        Reason::StaffAbsence => "Too many of the staff are absent",
        Reason::Other | Reason::Unspecified => "Another reason",
    }
}
