//! Private event → zero or one public event: names, codes, versions and times; never a text, a
//! person's name (R19) or a grade (M5).

use uuid::Uuid;
use visits_core::Timestamp;
use visits_durable::store::Versioned;
use visits_durable::{AggregateRef, PublicEvent};
use visits_proto::scheduling::v1 as proto;
use visits_proto::timestamp;

use crate::domain::event::{Event, InspectorEvent};
use crate::domain::inspector::Inspector;
use crate::domain::visit::Visit;
use crate::grpc::codes;

/// Who speaks of a visit.
#[must_use]
pub fn of_visit(visit: &Visit) -> AggregateRef {
    AggregateRef {
        kind: "scheduling.visit",
        id: visit.id.0,
        subject: visit.id.resource(),
        correlation_id: visit.id.resource(),
    }
}

/// Who speaks of an inspector.
#[must_use]
pub fn of_inspector(inspector: &Versioned<Inspector>) -> AggregateRef {
    let id: Uuid = inspector.id;
    AggregateRef {
        kind: "scheduling.inspector",
        id,
        subject: inspector.value.resource(),
        correlation_id: inspector.value.resource(),
    }
}

/// What leaves the service of something that happened to a visit.
#[must_use]
pub fn visit_event(visit: &Visit, event: &Event, now: Timestamp) -> Option<PublicEvent> {
    of_plan(visit, event, now)
        .or_else(|| of_call(visit, event, now))
        .or_else(|| of_deferral(visit, event, now))
}

fn of_plan(about: &Visit, event: &Event, now: Timestamp) -> Option<PublicEvent> {
    let (visit, school) = names(about);
    let said = match event {
        Event::Planned => PublicEvent::new(
            &proto::VisitPlanned {
                visit,
                school,
                visit_date: about.visit_date.to_string(),
                mode: codes::mode(about.mode).into(),
                lead: inspector(about.team.lead()),
                inspectors: team(about),
                region: about.region.slug().to_owned(),
                call_due_time: Some(timestamp(about.call.due_at)),
            },
            now,
        ),
        Event::Rescheduled => PublicEvent::new(
            &proto::VisitRescheduled {
                visit,
                school,
                visit_date: about.visit_date.to_string(),
                call_due_time: Some(timestamp(about.call.due_at)),
            },
            now,
        ),
        Event::Cancelled => PublicEvent::new(
            &proto::VisitCancelled {
                visit,
                school,
                reason_code: about.cancellation.as_ref().map_or_else(String::new, |c| {
                    short(
                        codes::cancel_reason(c.reason).as_str_name(),
                        "CANCEL_REASON_",
                    )
                }),
            },
            now,
        ),
        Event::TeamChanged => PublicEvent::new(
            &proto::TeamChanged {
                visit,
                school,
                lead: inspector(about.team.lead()),
                inspectors: team(about),
            },
            now,
        ),
        Event::ModeChanged => PublicEvent::new(
            &proto::ModeChanged {
                visit,
                school,
                mode: codes::mode(about.mode).into(),
            },
            now,
        ),
        Event::Ready => PublicEvent::new(
            &proto::VisitReady {
                visit,
                school,
                visit_date: about.visit_date.to_string(),
            },
            now,
        ),
        _ => return None,
    };
    Some(said)
}

fn of_call(about: &Visit, event: &Event, now: Timestamp) -> Option<PublicEvent> {
    let (visit, school) = names(about);
    let call = &about.call;
    let attempts = i32::try_from(call.attempts.len()).unwrap_or(i32::MAX);
    let said = match event {
        Event::CallDue { due_at } => PublicEvent::new(
            &proto::CallDue {
                visit,
                school,
                lead: inspector(about.team.lead()),
                due_time: Some(timestamp(*due_at)),
                attempts,
            },
            now,
        ),
        Event::DutyDeskTold => PublicEvent::new(
            &proto::DutyDeskTold {
                visit,
                school,
                attempts,
            },
            now,
        ),
        Event::CallCompleted => PublicEvent::new(
            &proto::CallCompleted {
                visit,
                school,
                script_version: call.script_version.clone().unwrap_or_default(),
                completed_time: call.completed_at.map(timestamp),
            },
            now,
        ),
        Event::CallNotReached => PublicEvent::new(
            &proto::CallNotReached {
                visit,
                school,
                attempts,
            },
            now,
        ),
        Event::ControlsRecorded => PublicEvent::new(
            &proto::ControlsRecorded {
                visit,
                school,
                mode: codes::mode(about.mode).into(),
            },
            now,
        ),
        Event::ExecutiveRequested => PublicEvent::new(
            &proto::ExecutiveConversationRequested {
                visit,
                school,
                leader_role_code: about.executive.as_ref().map_or_else(String::new, |e| {
                    short(codes::leader_role(e.leader).as_str_name(), "LEADER_ROLE_")
                }),
            },
            now,
        ),
        _ => return None,
    };
    Some(said)
}

fn of_deferral(about: &Visit, event: &Event, now: Timestamp) -> Option<PublicEvent> {
    let (visit, school) = names(about);
    let deferral = about.deferral.as_ref()?;
    let region = about.region.slug().to_owned();
    let decide_by_time = Some(timestamp(deferral.decide_by));
    let said = match event {
        Event::DeferralRequested => PublicEvent::new(
            &proto::DeferralRequested {
                visit,
                school,
                region,
                reason_code: short(
                    codes::deferral_reason(deferral.reason).as_str_name(),
                    "REASON_",
                ),
                decide_by_time,
            },
            now,
        ),
        Event::DeferralReminder => PublicEvent::new(
            &proto::DeferralReminder {
                visit,
                school,
                region,
                decide_by_time,
            },
            now,
        ),
        Event::DeferralOverdue => PublicEvent::new(
            &proto::DeferralOverdue {
                visit,
                school,
                region,
                decide_by_time,
            },
            now,
        ),
        Event::DeferralDecided { granted } => PublicEvent::new(
            &proto::DeferralDecided {
                visit,
                school,
                granted: *granted,
            },
            now,
        ),
        _ => return None,
    };
    Some(said)
}

/// What leaves the service of something that happened to an inspector: the barrier alone (M11).
#[must_use]
pub fn inspector_event(
    about: &Inspector,
    event: &InspectorEvent,
    now: Timestamp,
) -> Option<PublicEvent> {
    match event {
        InspectorEvent::RoutineInspectionAssigned { urn, start_date } => Some(PublicEvent::new(
            &proto::RoutineInspectionAssigned {
                inspector: about.resource(),
                school: format!("schools/{urn}"),
                start_date: start_date.to_string(),
            },
            now,
        )),
        InspectorEvent::Created | InspectorEvent::LeaveAdded | InspectorEvent::ConflictDeclared => {
            None
        }
    }
}

fn names(about: &Visit) -> (String, String) {
    (about.id.resource(), format!("schools/{}", about.school))
}

fn inspector(code: &str) -> String {
    format!("inspectors/{code}")
}

fn team(about: &Visit) -> Vec<String> {
    about
        .team
        .members()
        .iter()
        .map(|code| inspector(code))
        .collect()
}

fn short(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).to_owned()
}
