//! What a step leaves for its caller.

use uuid::Uuid;
use visits_durable::store::Versioned;

use crate::domain::{Event, Record, VisitForm};

/// The record as it stands after a step, and what the step touched.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The record.
    pub record: Versioned<Record>,
    /// The form of its visit, where it is known.
    pub form: Option<VisitForm>,
    /// The discussions and answers that the step made or changed, in order.
    pub touched: Vec<Uuid>,
}

/// The discussions and answers that events speak of.
#[must_use]
pub fn touched(events: &[Event]) -> Vec<Uuid> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::DiscussionOpened(id)
            | Event::DiscussionClosed(id)
            | Event::AnswerRecorded(id)
            | Event::FollowUpRecorded(id)
            | Event::AnswerCorrected(id) => Some(*id),
            _ => None,
        })
        .collect()
}
