//! Which of the private events the other services hear, and what of them: names of resources,
//! codes and times, never what anybody wrote (R19).

use uuid::Uuid;
use visits_core::Timestamp;
use visits_durable::{AggregateRef, PublicEvent};
use visits_proto::escalation::v1 as wire;
use visits_proto::timestamp;

use crate::domain::case::Case;
use crate::domain::event::Event;
use crate::wire::{area_to_wire, inspector_name, inspector_names, outcome_to_wire, state_to_wire};

/// The aggregate that speaks about cases.
pub const CASE: &str = "escalation.case";
/// The aggregate that speaks about section 5 recommendations: it names no case (M33).
pub const SECTION5: &str = "escalation.section5";

/// A public event and who says it.
pub struct Said {
    /// The aggregate.
    pub of: AggregateRef,
    /// The event.
    pub event: PublicEvent,
}

/// What the others hear of `event`, which made the case what it is at `now`; `new_id` names an
/// aggregate of its own where the case must not show.
pub fn publish(case: &Case, event: &Event, now: Timestamp, new_id: Uuid) -> Option<Said> {
    if let Event::Section5HandedOver { recommended_on } = event {
        let school = format!("schools/{}", case.school.urn);
        let message = wire::Section5HandedOver {
            school: school.clone(),
            recommended_date: recommended_on.to_string(),
        };
        let of = AggregateRef {
            kind: SECTION5,
            id: new_id,
            subject: school.clone(),
            correlation_id: school,
        };
        let event = PublicEvent::new(&message, now);
        return Some(Said { of, event });
    }
    let of = AggregateRef {
        kind: CASE,
        id: case.id.0,
        subject: format!("cases/{}", case.id),
        correlation_id: format!("visits/{}", case.visit),
    };
    about_the_case(case, event, now).map(|event| Said { of, event })
}

/// A message of the contract, with the fields that every event of a case carries, that happened at
/// `$at`.
macro_rules! say {
    ($case:ident, $at:expr, $message:ident { $($field:ident: $value:expr),* $(,)? }) => {
        Some(PublicEvent::new(
            &wire::$message {
                case: format!("cases/{}", $case.id),
                visit: format!("visits/{}", $case.visit),
                school: format!("schools/{}", $case.school.urn),
                region: format!("regions/{}", $case.school.region),
                state: state_to_wire($case.state).into(),
                $($field: $value,)*
            },
            $at,
        ))
    };
}

fn at(instant: Timestamp) -> Option<pbjson_types::Timestamp> {
    Some(timestamp(instant))
}

#[rustfmt::skip]
fn about_the_case(case: &Case, event: &Event, now: Timestamp) -> Option<PublicEvent> {
    match event {
        Event::ConcernRaised { concern, area, raised_by, first } => say!(case, now, ConcernRaised {
            concern_id: concern.to_string(),
            area: area_to_wire(*area).into(),
            raised_by: inspector_name(raised_by),
            first: *first,
        }),
        Event::ConcernAcknowledged => say!(case, now, ConcernAcknowledged {}),
        Event::ConcernWithdrawn { concern, last } => say!(case, now, ConcernWithdrawn {
            concern_id: concern.to_string(),
            last: *last,
        }),
        Event::DutyDeskCallLogged { called_at, outcome } => {
            say!(case, *called_at, DutyDeskCallLogged {
                called_time: at(*called_at),
                outcome: outcome_to_wire(*outcome).into(),
            })
        }
        Event::DecisionRequested { due_at } => {
            say!(case, now, DecisionRequested { due_time: at(*due_at) })
        }
        Event::DecisionReminder { due_at } => {
            say!(case, now, DecisionReminder { due_time: at(*due_at) })
        }
        Event::DecisionOverdue { due_at, alarm } => {
            say!(case, now, DecisionOverdue { due_time: at(*due_at), alarm: *alarm })
        }
        Event::NfdDecided { required, decided_at, deadline_at } => say!(case, now, NfdDecided {
            required: *required,
            decided_time: at(*decided_at),
            deadline_time: deadline_at.and_then(at),
        }),
        Event::ConversionLimitExceeded { begun, converted } => {
            say!(case, now, ConversionLimitExceeded {
                visits_begun: i32::try_from(*begun).unwrap_or(i32::MAX),
                visits_converted: i32::try_from(*converted).unwrap_or(i32::MAX),
            })
        }
        Event::DeskUnwatched { waiting_since, why } => say!(case, now, DeskUnwatched {
            waiting_since_time: at(*waiting_since),
            reason_code: why.code().to_owned(),
        }),
        other => about_holding(case, other, now).or_else(|| about_the_nfd(case, other, now)),
    }
}

#[rustfmt::skip]
fn about_holding(case: &Case, event: &Event, now: Timestamp) -> Option<PublicEvent> {
    match event {
        Event::CaseNoted => say!(case, now, CaseNoted {}),
        Event::CaseAssigned { operator } => say!(case, now, CaseAssigned {
            operator: operator.clone().unwrap_or_default(),
        }),
        Event::NextStepAlertSet { after_minutes } => {
            say!(case, now, NextStepAlertSet { after_minutes: *after_minutes })
        }
        Event::NextStepOverdue { acknowledged_at, alert } => say!(case, now, NextStepOverdue {
            acknowledged_time: at(*acknowledged_at),
            alert: *alert,
        }),
        _ => None,
    }
}

#[rustfmt::skip]
fn about_the_nfd(case: &Case, event: &Event, now: Timestamp) -> Option<PublicEvent> {
    match event {
        Event::NfdPlanned { planned_at, inspectors } => say!(case, now, NfdPlanned {
            planned_time: at(*planned_at),
            inspectors: inspector_names(inspectors),
        }),
        Event::NfdDeadlineWarning { hours_left, late, skipped_hours, deadline_at } => {
            say!(case, now, NfdDeadlineWarning {
                hours_left: *hours_left,
                late: *late,
                skipped_hours: skipped_hours.clone(),
                deadline_time: at(*deadline_at),
            })
        }
        // The breach happened at the deadline, whenever it was recorded.
        Event::NfdDeadlineBreached { deadline_at } => {
            say!(case, *deadline_at, NfdDeadlineBreached { deadline_time: at(*deadline_at) })
        }
        Event::NfdStarted { started_at, straight_away, inspectors } => {
            say!(case, now, NfdStarted {
                started_time: at(*started_at),
                straight_away: *straight_away,
                inspectors: inspector_names(inspectors),
            })
        }
        Event::NfdCompleted { left_site_at } => {
            say!(case, now, NfdCompleted { left_site_time: at(*left_site_at) })
        }
        Event::Section5Recommended { held } => {
            say!(case, now, Section5Recommended { held: *held })
        }
        // The case's own: what was found, when the site was left, who is on the team.
        _ => None,
    }
}
