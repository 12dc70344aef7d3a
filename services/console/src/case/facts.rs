//! The facts about a case: a summary list.

use visits_components::{SummaryList, SummaryRow};
use visits_core::Timestamp;
use visits_proto::escalation::v1 as pb;
use visits_proto::instant;

use crate::prose;
use crate::words::{self, code, hour, moment};

/// The facts of `case`, with the school's open hours if they are known.
pub(super) fn of(case: &pb::Case, window: Option<&pb::NfdWindow>, now: Timestamp) -> SummaryList {
    let mut rows = vec![
        SummaryRow::new("School", case.school_display_name.as_str()),
        SummaryRow::new("URN", code(&case.school)),
        SummaryRow::new("Ofsted region", words::region(&case.region)),
        SummaryRow::new("Visit’s team", team(case)),
    ];
    rows.extend(since(case, now));
    if let Some(plan) = plan(case) {
        rows.push(SummaryRow::new("NFD planned", plan));
    }
    let open = window.map(open_hours).unwrap_or_default();
    if !open.is_empty() {
        let hours = prose::lines(open.iter().map(|hours| prose::text(hours)));
        rows.push(SummaryRow::new("School open inside the 48 hours", hours));
    }
    let visit = prose::code(code(&case.visit));
    rows.push(SummaryRow::new("Visit", visit));
    SummaryList::new(rows)
}

/// `HMI-007 (lead), HMI-008`.
fn team(case: &pb::Case) -> String {
    let mut team: Vec<String> = case.team.iter().map(|name| code(name).to_owned()).collect();
    if let Some(lead) = team.first_mut() {
        lead.push_str(" (lead)");
    }
    team.join(", ")
}

/// Elapsed time since the concern, the call and the decision: all three are shown, whichever of
/// them starts the 48 hours.
fn since(case: &pb::Case, now: Timestamp) -> Vec<SummaryRow> {
    let call = case.calls.last();
    let decided = case.decision.as_ref();
    let instants = [
        ("First concern", case.create_time.as_ref(), ""),
        (
            "Call",
            call.and_then(|call| call.called_time.as_ref()),
            call.map_or("", |call| &call.summary),
        ),
        (
            "Decision",
            decided.and_then(|decision| decision.decided_time.as_ref()),
            decided.map_or("", |decision| &decision.rationale),
        ),
    ];
    let known = instants
        .into_iter()
        .filter_map(|(what, at, text)| Some((what, instant(at)?, text)));
    let rows = known.map(|(what, at, text)| {
        // It begins a line here.
        let ago = words::ago(now.duration_since(at)).replace("less", "Less");
        let mut parts = vec![prose::text(&ago), prose::quiet(&moment(at))];
        if !text.is_empty() {
            parts.push(prose::words(text));
        }
        SummaryRow::new(what, prose::lines(parts))
    });
    rows.collect()
}

/// `Monday 26 October, 9:00am GMT to 3:30pm GMT`.
fn open_hours(window: &pb::NfdWindow) -> Vec<String> {
    let open = window.open_hours.iter().filter_map(|open| {
        let start = instant(open.start_time.as_ref())?;
        let end = instant(open.end_time.as_ref())?;
        let day = words::day(start);
        Some(format!("{day}, {} to {}", hour(start), hour(end)))
    });
    open.collect()
}

fn plan(case: &pb::Case) -> Option<String> {
    let nfd = case.nfd.as_ref()?;
    let planned = instant(nfd.planned_time.as_ref())?;
    let who: Vec<&str> = nfd.inspectors.iter().map(|name| code(name)).collect();
    Some(format!("{}, by {}", moment(planned), who.join(", ")))
}
