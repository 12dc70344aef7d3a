//! What other services report: facts, which may come late and twice, but in each sender's order.

use visits_core::Timestamp;

use super::{Outcome, wrong_state};
use crate::domain::event::Event;
use crate::domain::visit::{Visit, VisitState};

/// Recording lets a visit begin only once it heard that it is ready (M6). If a change of mode
/// crossed with the beginning, the controls were on record and the fact stands.
pub(super) fn started(visit: &Visit, at: Timestamp) -> Outcome {
    match visit.state {
        VisitState::Ready => {}
        VisitState::Called if visit.controls.is_some() => {}
        VisitState::InProgress | VisitState::Completed | VisitState::Converted => return Ok(None),
        _ => return Err(wrong_state(visit, "starting the visit")),
    }
    let next = Visit {
        state: VisitState::InProgress,
        started_at: Some(at),
        ..visit.clone()
    };
    Ok(Some((next, vec![Event::Started])))
}

pub(super) fn completed(visit: &Visit, at: Timestamp) -> Outcome {
    match visit.state {
        VisitState::InProgress => {}
        VisitState::Completed | VisitState::Converted => return Ok(None),
        _ => return Err(wrong_state(visit, "completing the visit")),
    }
    let next = Visit {
        state: VisitState::Completed,
        completed_at: Some(at),
        ..visit.clone()
    };
    Ok(Some((next, vec![Event::Completed])))
}

/// The decision is valid from on the visit, departed or complete (M30). Escalation's event can
/// overtake recording's, so that a visit that looks ready is converted too.
pub(super) fn converted(visit: &Visit, at: Timestamp) -> Outcome {
    match visit.state {
        VisitState::Ready | VisitState::InProgress | VisitState::Completed => {}
        VisitState::Called if visit.controls.is_some() => {}
        VisitState::Converted => return Ok(None),
        _ => return Err(wrong_state(visit, "converting the visit")),
    }
    let next = Visit {
        state: VisitState::Converted,
        converted_at: Some(at),
        ..visit.clone()
    };
    Ok(Some((next, vec![Event::Converted])))
}
