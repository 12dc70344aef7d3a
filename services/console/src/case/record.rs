//! The clock record of a case: what started the 48 hours, who decided, when they ended or end, in
//! elapsed hours and with the words of the zone; and the whole timeline. Made to be printed and
//! put into a file, so it says of whom and when it was printed.

use axum::extract::{Path, State};
use axum::response::Response;
use pbjson_types::Timestamp as Wire;
use visits_components::{Content, Html};
use visits_core::{Timestamp, london};
use visits_proto::escalation::v1 as pb;
use visits_proto::escalation::v1::nfd_window::StartsAt;
use visits_proto::instant;

use super::timeline;
use crate::form::SignedIn;
use crate::sheet::{self as page, Sheet, facts, heading, quiet, stack};
use crate::shell::Place;
use crate::state::Shared;
use crate::words::{self, area, code, elapsed, moment};

/// How the page is printed.
const STYLE: &str = "clock-record.css";

/// The page.
pub(crate) async fn show(
    State(app): State<Shared>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
) -> Response {
    if !page::is_uuid(&id) {
        return page::nowhere().await;
    }
    let path = format!("/cases/{id}");
    let request = pb::GetCaseRequest {
        name: format!("cases/{id}"),
    };
    let case = match app.escalation(&session).get_case(request).await {
        Ok(case) => case.into_inner(),
        Err(status) => return page::refused(&session, &status, &path),
    };
    let now = app.now();
    let printed = format!(
        "As it stood on {}, shown to {}. Times are those of England, with their zone; hours are \
         elapsed hours, whatever the clocks on the wall do.",
        moment(now),
        session.actor.principal,
    );
    Sheet::new(&session, Place::Queue, "Clock record")
        .caption(case.school_display_name.as_str())
        .style(STYLE)
        .back(path, "Back to the case")
        .and(&quiet(printed))
        .and(&heading("The decision"))
        .and(&decision(&case))
        .and(&heading("The 48 hours"))
        .and(&window(&case, now))
        .and(&heading("Before the decision"))
        .and(&before(&case))
        .and(&heading("What it is about"))
        .and(&identity(&case))
        .and(&heading("Timeline"))
        .and(&timeline::shown(&timeline::of(&case)))
        .answer()
}

/// In words, and beneath as programs write it.
fn at(wire: Option<&Wire>) -> Content {
    match instant(wire) {
        Some(at) => stack([moment(at), at.to_string()]).into(),
        None => Content::default(),
    }
}

fn decision(case: &pb::Case) -> Html {
    let Some(decision) = &case.decision else {
        return page::paragraph("Not taken.");
    };
    let outcome = if decision.required {
        "An NFD is necessary"
    } else {
        "No NFD is necessary"
    };
    let office = if decision.as_deputy {
        "Deputy of the Regional Director"
    } else {
        "Regional Director"
    };
    let region = words::region(&case.region);
    Html::of(&facts([
        ("Decision", outcome.into()),
        ("Taken on", at(decision.decided_time.as_ref())),
        ("Taken by", decision.decided_by.as_str().into()),
        ("As", format!("{office}, {region}").into()),
        ("Reasons", decision.rationale.as_str().into()),
    ]))
}

fn window(case: &pb::Case, now: Timestamp) -> Html {
    let Some(window) = &case.window else {
        return page::paragraph("They have not begun: no NFD has been decided.");
    };
    let starts = match window.starts_at() {
        StartsAt::Decision => "The decision",
        StartsAt::ConcernRaised => "The first concern that stands",
        StartsAt::Unspecified => "Not known",
    };
    let (start, deadline) = (
        instant(window.start_time.as_ref()),
        instant(window.deadline_time.as_ref()),
    );
    let length = start.zip(deadline).map(|(start, deadline)| {
        let length = elapsed(deadline.duration_since(start));
        let change = zone_change(start, deadline);
        stack([length, change.unwrap_or_default()])
    });
    let started = case
        .nfd
        .as_ref()
        .and_then(|nfd| instant(nfd.started_time.as_ref()));
    let outcome = start.zip(deadline).map(|(start, deadline)| {
        let until = started.unwrap_or(now);
        let run = elapsed(until.duration_since(start));
        let left = deadline.duration_since(until);
        let left = if left.is_negative() {
            format!("{} after the deadline", elapsed(-left))
        } else {
            format!("{} before the deadline", elapsed(left))
        };
        match started {
            Some(_) => format!("Stopped after {run}, {left}"),
            None => format!("Running for {run}, {left}"),
        }
    });
    let nfd = case.nfd.clone().unwrap_or_default();
    Html::of(&facts([
        ("Started by", starts.into()),
        ("Start", at(window.start_time.as_ref())),
        ("Deadline", at(window.deadline_time.as_ref())),
        ("Length", length.map(Content::from).unwrap_or_default()),
        ("NFD planned for", at(nfd.planned_time.as_ref())),
        ("NFD started", at(nfd.started_time.as_ref())),
        ("Clock", outcome.unwrap_or_default().into()),
        (
            "Deadline missed, recorded",
            at(window.breached_time.as_ref()),
        ),
        ("Inspectors left the site", at(nfd.left_site_time.as_ref())),
        ("NFD complete", at(nfd.completed_time.as_ref())),
    ]))
}

/// What the clocks on the wall do between two instants, if they do anything.
fn zone_change(start: Timestamp, end: Timestamp) -> Option<String> {
    let zone = |at: Timestamp| london::wall_clock(at).strftime("%Z").to_string();
    let (from, to) = (zone(start), zone(end));
    (from != to).then(|| format!("The clocks change from {from} to {to} in between"))
}

fn before(case: &pb::Case) -> Html {
    let call = case.calls.last().cloned().unwrap_or_default();
    let target = case.decision_target.unwrap_or_default();
    Html::of(&facts([
        ("First concern", at(case.create_time.as_ref())),
        ("Call with the duty desk", at(call.called_time.as_ref())),
        ("Who called", code(&call.inspector).into()),
        ("Call recorded", at(call.logged_time.as_ref())),
        ("Recorded by", call.logged_by.as_str().into()),
        ("Decision asked for", at(target.requested_time.as_ref())),
        ("Decision wanted by", at(target.due_time.as_ref())),
    ]))
}

fn identity(case: &pb::Case) -> Html {
    let concerns = case.concerns.iter().map(|concern| area(concern.area()));
    let team = case.team.iter().map(|name| code(name));
    Html::of(&facts([
        ("School", case.school_display_name.as_str().into()),
        ("School’s number (URN)", code(&case.school).into()),
        ("Ofsted region", words::region(&case.region).into()),
        ("Concerns", stack(concerns).into()),
        ("Visit’s team", team.collect::<Vec<_>>().join(", ").into()),
        ("Case", case.name.as_str().into()),
        ("Visit", case.visit.as_str().into()),
        ("Version", case.etag.trim_matches('"').into()),
        ("State", words::state(case.state()).into()),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use visits_proto::timestamp;

    fn wire(text: &str) -> Option<Wire> {
        Some(timestamp(text.parse().expect("instant")))
    }

    #[test]
    fn r_con_19_the_record_over_the_clock_change_says_48_hours_and_both_zones() {
        let case = pb::Case {
            window: Some(pb::NfdWindow {
                start_time: wire("2020-10-23T13:30:00Z"),
                deadline_time: wire("2020-10-25T13:30:00Z"),
                starts_at: StartsAt::Decision.into(),
                ..pb::NfdWindow::default()
            }),
            nfd: Some(pb::Nfd {
                started_time: wire("2020-10-25T12:30:00Z"),
                ..pb::Nfd::default()
            }),
            ..pb::Case::default()
        };
        let now = "2020-10-26T09:00:00Z".parse().expect("instant");
        let shown = window(&case, now).to_string();
        for words in [
            "Friday 23 October 2020 at 2:30pm BST",
            "Sunday 25 October 2020 at 1:30pm GMT",
            "2020-10-25T13:30:00Z",
            "48 hours",
            "The clocks change from BST to GMT in between",
            "Stopped after 47 hours, 1 hour before the deadline",
        ] {
            assert!(shown.contains(words), "{words} is not in {shown}");
        }
    }
}
