//! Events of services that are not on the bench.

use serde::Serialize;
use uuid::Uuid;
use visits_bus::{Envelope, EventBus as _};
use visits_core::Timestamp;

use crate::Bench;

/// Whose event it is.
#[derive(Clone, Copy, Debug)]
pub struct Of<'a> {
    /// The kind of aggregate: `recording.record`.
    pub aggregate: &'a str,
    /// Which one.
    pub id: Uuid,
    /// The event's place among those of its aggregate: 1, 2, 3 …
    pub sequence: i64,
}

/// `message` as another service would send it. Its identifier comes from the message and its
/// place, so that sending it twice is sending it again.
#[must_use]
pub fn envelope<M: prost::Name + Serialize>(of: Of<'_>, message: &M, at: Timestamp) -> Envelope {
    let data = serde_json::to_value(message).expect("an event as JSON");
    let visit = data["visit"].as_str().unwrap_or_default().to_owned();
    let sequence = u128::try_from(of.sequence).expect("a place from 1 on");
    Envelope {
        id: Uuid::from_u128(of.id.as_u128().wrapping_mul(31).wrapping_add(sequence)),
        event_type: M::full_name(),
        source: format!(
            "/services/{}",
            of.aggregate.split('.').next().unwrap_or_default()
        ),
        subject: visit.clone(),
        aggregate: of.aggregate.to_owned(),
        aggregate_id: of.id,
        aggregate_sequence: of.sequence,
        position: of.sequence,
        correlation_id: visit,
        causation_id: None,
        actor: "service:test".to_owned(),
        occurred_at: at,
        recorded_at: at,
        traceparent: None,
        data,
    }
}

impl Bench {
    /// Sends an event of a service that is not on the bench, at the present instant.
    pub async fn send<M: prost::Name + Serialize>(&self, of: Of<'_>, message: &M) {
        let at = self.shared_clock().now();
        let envelope = envelope(of, message, at);
        self.bus
            .publish(&envelope)
            .await
            .expect("the local bus takes it");
    }
}
