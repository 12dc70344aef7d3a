//! The resources of the contract from what we hold.

use pbjson_types::Timestamp as WireTime;
use visits_core::Timestamp;
use visits_durable::store::Versioned;
use visits_proto::escalation::v1 as wire;
use visits_proto::timestamp;
use visits_runtime::etag;

use crate::domain::case::{
    Assignment, Case, Concern, DecisionTarget, DutyDeskCall, NextStepAlert, Nfd, NfdDecision, Note,
    Section5, Window, WindowStart,
};
use crate::domain::open_hours::OpenHours;
use crate::wire::{area_to_wire, inspector_name, inspector_names, outcome_to_wire, state_to_wire};

fn maybe(instant: Option<Timestamp>) -> Option<WireTime> {
    instant.map(timestamp)
}

pub(super) fn case(case: Versioned<Case>) -> wire::Case {
    let etag = etag::of(case.version);
    let case = case.value;
    let is_waiting = case.waits_for_a_call();
    let alert = case.next_step_alert.as_ref();
    let next_step_alert = alert.map(|alert| next_step_alert(alert, is_waiting));
    wire::Case {
        name: format!("cases/{}", case.id),
        visit: format!("visits/{}", case.visit),
        school: format!("schools/{}", case.school.urn),
        school_display_name: case.school.display_name,
        region: format!("regions/{}", case.school.region),
        state: state_to_wire(case.state).into(),
        concerns: case.concerns.into_iter().map(concern).collect(),
        team: inspector_names(&case.team),
        acknowledgement: case.acknowledgement.map(|given| wire::Acknowledgement {
            acknowledged_by: given.by,
            acknowledged_time: Some(timestamp(given.at)),
            note: given.note,
        }),
        calls: case.calls.into_iter().map(call).collect(),
        decision_target: case.target.map(|target| decision_target(&target)),
        decision: case.decision.map(decision),
        window: case.window.map(|held| window(&held)),
        nfd: case.nfd.map(|held| nfd(&held)),
        section5: case.section5.map(section5),
        create_time: Some(timestamp(case.opened_at)),
        update_time: Some(timestamp(case.changed_at)),
        holder: case.holder.unwrap_or_default(),
        assignments: case.assignments.into_iter().map(assignment).collect(),
        notes: case.notes.into_iter().map(note).collect(),
        next_step_alert,
        etag,
    }
}

fn assignment(assignment: Assignment) -> wire::CaseAssignment {
    wire::CaseAssignment {
        operator: assignment.operator.unwrap_or_default(),
        assigned_by: assignment.by,
        assigned_time: Some(timestamp(assignment.at)),
    }
}

fn note(note: Note) -> wire::CaseNote {
    wire::CaseNote {
        written_by: note.by,
        written_time: Some(timestamp(note.at)),
        note: note.text,
    }
}

fn next_step_alert(alert: &NextStepAlert, is_waiting: bool) -> wire::NextStepAlert {
    let chosen = alert.chosen.as_ref();
    wire::NextStepAlert {
        after_minutes: alert.after_minutes,
        next_time: is_waiting.then(|| timestamp(alert.next_at)),
        alerts: alert.alerts,
        set_by: chosen.map_or_else(String::new, |chosen| chosen.by.clone()),
        set_time: maybe(chosen.map(|chosen| chosen.at)),
        reason: chosen.map_or_else(String::new, |chosen| chosen.reason.clone()),
    }
}

fn concern(mut concern: Concern) -> wire::Concern {
    let finding = concern.findings.pop().map(|finding| finding.text);
    let (withdrawn_time, withdrawal_reason) = concern
        .withdrawal
        .map(|withdrawal| (Some(timestamp(withdrawal.at)), withdrawal.reason))
        .unwrap_or_default();
    wire::Concern {
        concern_id: concern.id.to_string(),
        area: area_to_wire(concern.area).into(),
        what_was_seen: concern.what_was_seen,
        raised_by: inspector_name(&concern.raised_by),
        raised_time: Some(timestamp(concern.raised_at)),
        discussed: concern.discussed,
        withdrawn_time,
        withdrawal_reason,
        finding: finding.unwrap_or_default(),
        earlier_findings: concern.findings.into_iter().map(|f| f.text).collect(),
    }
}

fn call(call: DutyDeskCall) -> wire::DutyDeskCall {
    wire::DutyDeskCall {
        inspector: inspector_name(&call.inspector),
        called_time: Some(timestamp(call.called_at)),
        logged_by: call.logged_by,
        logged_time: Some(timestamp(call.logged_at)),
        summary: call.summary,
        outcome: outcome_to_wire(call.outcome).into(),
    }
}

fn decision_target(target: &DecisionTarget) -> wire::DecisionTarget {
    wire::DecisionTarget {
        requested_time: Some(timestamp(target.requested_at)),
        due_time: Some(timestamp(target.due_at)),
        reminded_time: maybe(target.reminded_at),
        alarms: target.alarms,
    }
}

fn decision(decision: NfdDecision) -> wire::NfdDecision {
    wire::NfdDecision {
        required: decision.required,
        rationale: decision.rationale,
        decided_by: decision.by,
        as_deputy: decision.as_deputy,
        decided_time: Some(timestamp(decision.at)),
    }
}

/// Without the open hours, for which scheduling must be asked.
pub(super) fn window(window: &Window) -> wire::NfdWindow {
    let starts_at = match window.starts_at {
        WindowStart::Decision => wire::nfd_window::StartsAt::Decision,
        WindowStart::ConcernRaised => wire::nfd_window::StartsAt::ConcernRaised,
    };
    wire::NfdWindow {
        start_time: Some(timestamp(window.start_at)),
        deadline_time: Some(timestamp(window.deadline_at)),
        starts_at: starts_at.into(),
        warnings: window
            .warnings
            .iter()
            .map(|warning| wire::DeadlineWarning {
                hours_left: warning.hours_left,
                due_time: Some(timestamp(warning.due_at)),
                given_time: maybe(warning.given_at),
                late: warning.late,
            })
            .collect(),
        breached_time: maybe(window.breached_at),
        open_hours: Vec::new(),
        calendar: String::new(),
    }
}

pub(super) fn open_hours(hours: OpenHours) -> wire::OpenHours {
    wire::OpenHours {
        start_time: Some(timestamp(hours.from)),
        end_time: Some(timestamp(hours.until)),
    }
}

fn nfd(nfd: &Nfd) -> wire::Nfd {
    wire::Nfd {
        inspectors: inspector_names(&nfd.inspectors),
        planned_time: maybe(nfd.planned_at),
        started_time: maybe(nfd.started_at),
        straight_away: nfd.straight_away,
        left_site_time: maybe(nfd.left_site_at),
        completed_time: maybe(nfd.completed_at),
    }
}

fn section5(section5: Section5) -> wire::Section5 {
    wire::Section5 {
        reason: section5.reason,
        recommended_by: section5.by,
        recommended_time: Some(timestamp(section5.at)),
        handed_over_time: maybe(section5.handed_over_at),
    }
}

/// What the NFD's letter is written from (M32).
pub(super) fn findings(case: &Case) -> wire::NfdFindings {
    let findings = case.standing_concerns().filter_map(|concern| {
        let finding = concern.findings.last()?;
        Some(wire::NfdFinding {
            area: area_to_wire(concern.area).into(),
            text: finding.text.clone(),
        })
    });
    wire::NfdFindings {
        name: format!("cases/{}", case.id),
        visit: format!("visits/{}", case.visit),
        school: format!("schools/{}", case.school.urn),
        findings: findings.collect(),
        left_site_time: maybe(case.nfd.as_ref().and_then(|nfd| nfd.left_site_at)),
    }
}
