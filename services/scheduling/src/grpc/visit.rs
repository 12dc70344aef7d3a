//! Visits, calls and call sheets as the contract has them.

use visits_core::civil::Time;
use visits_core::{Fault, Timestamp};
use visits_durable::store::Versioned;
use visits_proto::scheduling::v1 as proto;
use visits_proto::timestamp;
use visits_runtime::etag;

use super::codes;
use super::register;
use crate::app::query::Sheet;
use crate::domain::arrangements::Controls;
use crate::domain::call::Call;
use crate::domain::policy::Policy;
use crate::domain::visit::{Deferral, ReviewFlag, Visit};

/// A visit.
pub(super) fn visit(found: &Versioned<Visit>, policy: &Policy) -> proto::Visit {
    let visit = &found.value;
    let cancellation = visit.cancellation.as_ref();
    proto::Visit {
        name: visit.id.resource(),
        school: format!("schools/{}", visit.school),
        visit_date: visit.visit_date.to_string(),
        mode: codes::mode(visit.mode).into(),
        state: codes::visit_state(visit.state).into(),
        lead: inspector(visit.team.lead()),
        inspectors: visit.team.members().iter().map(|m| inspector(m)).collect(),
        team_size_reason: visit.team.size_reason.clone().unwrap_or_default(),
        region: visit.region.slug().to_owned(),
        planned_start_time: Some(timestamp(visit.planned_start(policy))),
        form_version: visit.form_version.clone().unwrap_or_default(),
        call: Some(call(&visit.call, policy)),
        system_of_controls: visit.controls.as_ref().map(controls),
        home_time: visit.home_time.map(|home| proto::HomeTime {
            from: clock(home.from),
            until: clock(home.until),
        }),
        planned_departure: visit.planned_departure.map(clock).unwrap_or_default(),
        executive_conversation: visit.executive.as_ref().map(|asked| {
            proto::ExecutiveConversation {
                leader_role: codes::leader_role(asked.leader).into(),
                requested_time: Some(timestamp(asked.requested_at)),
                planned_start: asked.slot.map(|slot| clock(slot.start)).unwrap_or_default(),
                planned_minutes: asked.slot.map_or(0, |slot| slot.minutes),
            }
        }),
        context_pack: visit
            .context_pack
            .as_ref()
            .map(|frozen| register::context_pack(&frozen.pack)),
        context_pack_frozen_time: instant(visit.context_pack.as_ref().map(|frozen| frozen.at)),
        deferral: visit.deferral.as_ref().map(deferral),
        review_flags: visit.flags.iter().map(flag).collect(),
        cancel_reason: cancellation.map_or(0, |c| codes::cancel_reason(c.reason).into()),
        cancel_note: cancellation.map(|c| c.note.clone()).unwrap_or_default(),
        started_time: instant(visit.started_at),
        completed_time: instant(visit.completed_at),
        converted_time: instant(visit.converted_at),
        create_time: Some(timestamp(visit.created_at)),
        update_time: Some(timestamp(visit.updated_at)),
        changes: visit
            .changes
            .iter()
            .map(|change| proto::VisitChange {
                kind: codes::change_kind(change.kind).into(),
                change_time: Some(timestamp(change.at)),
                changed_by: change.by.clone(),
                reason: change.reason.clone(),
            })
            .collect(),
        etag: etag::of(found.version),
    }
}

fn call(call: &Call, policy: &Policy) -> proto::Call {
    proto::Call {
        state: codes::call_state(call.state).into(),
        call_date: call.date.to_string(),
        call_time: clock(call.time),
        time_zone: call.zone.clone(),
        due_time: Some(timestamp(call.due_at)),
        window_start_time: Some(timestamp(call.window_start(policy))),
        window_end_time: Some(timestamp(call.window_end(policy))),
        calendar_used: codes::calendar_used(call.calendar_used).into(),
        skipped_days: call
            .skipped
            .iter()
            .map(|day| proto::call::SkippedDay {
                date: day.date.to_string(),
                reason: day.reason.clone(),
            })
            .collect(),
        attempt_times: call.attempts.iter().map(|at| timestamp(*at)).collect(),
        next_attempt_time: instant(call.next_attempt_at),
        duty_desk_told_time: instant(call.duty_desk_told_at),
        script_version: call.script_version.clone().unwrap_or_default(),
        recorded_steps: call.recorded_codes(),
        started_time: instant(call.started_at),
        completed_time: instant(call.completed_at),
    }
}

fn controls(controls: &Controls) -> proto::SystemOfControls {
    proto::SystemOfControls {
        measures: controls
            .measures
            .iter()
            .map(|measure| proto::ControlMeasure {
                topic: codes::topic(measure.topic).into(),
                arrangement: measure.arrangement.clone(),
            })
            .collect(),
        mode: codes::mode(controls.mode).into(),
        recorded_time: Some(timestamp(controls.recorded_at)),
        recorded_by: controls.recorded_by.clone(),
        needs_confirmation: controls.needs_confirmation,
    }
}

fn deferral(deferral: &Deferral) -> proto::Deferral {
    use proto::deferral::Decision;
    let decided = deferral.decision.as_ref();
    let new_date = decided.and_then(|decided| decided.new_visit_date);
    let decision = match (decided, new_date) {
        (None, _) => Decision::Unspecified,
        (Some(_), Some(_)) => Decision::Granted,
        (Some(_), None) => Decision::Refused,
    };
    proto::Deferral {
        reason: codes::deferral_reason(deferral.reason).into(),
        note: deferral.note.clone(),
        requested_time: Some(timestamp(deferral.requested_at)),
        decide_by_time: Some(timestamp(deferral.decide_by)),
        decision: decision.into(),
        decided_by: decided.map(|d| d.by.clone()).unwrap_or_default(),
        decided_time: instant(decided.map(|d| d.at)),
        rationale: decided.map(|d| d.rationale.clone()).unwrap_or_default(),
        new_visit_date: new_date.map(|date| date.to_string()).unwrap_or_default(),
    }
}

fn flag(flag: &ReviewFlag) -> proto::ReviewFlag {
    proto::ReviewFlag {
        code: codes::flag_code(flag.code).into(),
        subject: flag.subject.clone(),
        raised_time: Some(timestamp(flag.raised_at)),
    }
}

/// The call sheet: the script, exactly the context pack, and the controls (M14, M15, M18).
pub(super) fn call_sheet(sheet: &Sheet) -> Result<proto::CallSheet, Fault> {
    let visit = &sheet.visit;
    let Some(script) = &sheet.script else {
        return Err(crate::domain::refusal::Refusal::NoScriptInForce {
            date: visit.call.date,
        }
        .into());
    };
    let recorded = |code: &str| {
        let steps = &visit.call.recorded_steps;
        steps
            .iter()
            .find(|step| step.code == code)
            .map(|step| step.at)
    };
    Ok(proto::CallSheet {
        name: format!("{}/callSheet", visit.id.resource()),
        visit: visit.id.resource(),
        school: format!("schools/{}", visit.school),
        script_version: script.version.clone(),
        notice: script.notice.clone(),
        steps: script
            .steps
            .iter()
            .map(|step| proto::CallStep {
                step: Some(register::script_step(step)),
                recorded_time: instant(recorded(&step.code)),
            })
            .collect(),
        context_pack: Some(register::context_pack(&sheet.pack)),
        system_of_controls: visit.controls.as_ref().map(controls),
    })
}

fn inspector(code: &str) -> String {
    format!("inspectors/{code}")
}

fn instant(at: Option<Timestamp>) -> Option<pbjson_types::Timestamp> {
    at.map(timestamp)
}

fn clock(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}
