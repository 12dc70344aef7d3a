//! The envelope, and its one encoding: CloudEvents 1.0, structured JSON (R-EVT-1, R-EVT-2).

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::error::Category;
use uuid::Uuid;
use visits_core::{ErrorKind, Fault, Timestamp};

/// The reason of a fault that says: this is no event that can be read here.
pub const EVENT_UNREADABLE: &str = "EVENT_UNREADABLE";
/// The reason of an event that can be read and not be kept, by whoever hears it.
pub const EVENT_NOT_STORABLE: &str = "EVENT_NOT_STORABLE";

/// One event as it travels. Serialises as a structured CloudEvent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "CloudEvent", into = "CloudEvent")]
pub struct Envelope {
    /// The event's identifier, the same however often it is sent.
    pub id: Uuid,
    /// The full name of its message: `ofsted.visits.escalation.v1.ConcernRaised`.
    pub event_type: String,
    /// The service that said it: `/services/escalation`.
    pub source: String,
    /// The resource that it is about: `cases/0192…`.
    pub subject: String,
    /// The kind of aggregate that said it: `escalation.case`.
    pub aggregate: String,
    /// Which one.
    pub aggregate_id: Uuid,
    /// Its place among the public events of that aggregate: 1, 2, 3 …
    pub aggregate_sequence: i64,
    /// Its place in the feed of the service, given after the commit (R8).
    pub position: i64,
    /// The visit that it belongs to, or its own subject.
    pub correlation_id: String,
    /// The event that made it happen, if one did.
    pub causation_id: Option<Uuid>,
    /// The principal that made it happen.
    pub actor: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The W3C trace that it belongs to.
    pub traceparent: Option<String>,
    /// The message, as proto-JSON.
    pub data: Value,
}

impl Envelope {
    /// The envelope in a message's body. What is said of one that can't be read quotes nothing of it,
    /// for nobody knows what is in there (R19).
    ///
    /// # Errors
    /// `EVENT_UNREADABLE` if it is no event in structured JSON.
    pub fn read(body: &[u8]) -> Result<Self, Fault> {
        serde_json::from_slice(body).map_err(|error| {
            let what = match error.classify() {
                Category::Data => "JSON, but no event",
                Category::Io | Category::Syntax | Category::Eof => "no JSON",
            };
            let (line, column) = (error.line(), error.column());
            let words = format!("{what} (line {line}, column {column})");
            Fault::new(ErrorKind::InvalidInput, EVENT_UNREADABLE, words)
        })
    }

    /// The message inside, if it is an `M`.
    pub fn decode<M: prost::Name + DeserializeOwned>(&self) -> Result<M, Fault> {
        if self.event_type != M::full_name() {
            return Err(Fault::fatal(format!(
                "event {} is a {}, not a {}",
                self.id,
                self.event_type,
                M::full_name()
            )));
        }
        serde_json::from_value(self.data.clone()).map_err(|error| {
            Fault::new(
                ErrorKind::InvalidInput,
                EVENT_UNREADABLE,
                format!(
                    "event {} of type {} can't be read: {error}",
                    self.id, self.event_type
                ),
            )
        })
    }
}

/// The wire form. Extension attributes have names of lower-case letters only, and text values.
#[derive(Serialize, Deserialize)]
struct CloudEvent {
    specversion: String,
    id: Uuid,
    #[serde(rename = "type")]
    event_type: String,
    source: String,
    subject: String,
    time: Timestamp,
    datacontenttype: String,
    dataclassification: String,
    recordedtime: Timestamp,
    aggregatekind: String,
    aggregateid: Uuid,
    aggregatesequence: String,
    sequence: String,
    correlationid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    causationid: Option<Uuid>,
    authid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<String>,
    data: Value,
}

/// Zero-padded, so that it sorts as text.
fn sortable(number: i64) -> String {
    format!("{number:020}")
}

impl From<Envelope> for CloudEvent {
    fn from(envelope: Envelope) -> Self {
        Self {
            specversion: "1.0".to_owned(),
            id: envelope.id,
            event_type: envelope.event_type,
            source: envelope.source,
            subject: envelope.subject,
            time: envelope.occurred_at,
            datacontenttype: "application/json".to_owned(),
            dataclassification: "ids-and-codes".to_owned(),
            recordedtime: envelope.recorded_at,
            aggregatekind: envelope.aggregate,
            aggregateid: envelope.aggregate_id,
            aggregatesequence: sortable(envelope.aggregate_sequence),
            sequence: sortable(envelope.position),
            correlationid: envelope.correlation_id,
            causationid: envelope.causation_id,
            authid: envelope.actor,
            traceparent: envelope.traceparent,
            data: envelope.data,
        }
    }
}

impl From<CloudEvent> for Envelope {
    fn from(event: CloudEvent) -> Self {
        Self {
            id: event.id,
            event_type: event.event_type,
            source: event.source,
            subject: event.subject,
            aggregate: event.aggregatekind,
            aggregate_id: event.aggregateid,
            // A sequence that is no number reads as 0, which the inbox ignores as long past.
            aggregate_sequence: event.aggregatesequence.parse().unwrap_or(0),
            position: event.sequence.parse().unwrap_or(0),
            correlation_id: event.correlationid,
            causation_id: event.causationid,
            actor: event.authid,
            occurred_at: event.time,
            recorded_at: event.recordedtime,
            traceparent: event.traceparent,
            data: event.data,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::json;

    pub(crate) fn sample() -> Envelope {
        let at: Timestamp = "2020-10-23T13:30:00Z".parse().expect("instant");
        Envelope {
            id: Uuid::from_u128(1),
            event_type: "ofsted.visits.escalation.v1.ConcernRaised".into(),
            source: "/services/escalation".into(),
            subject: "cases/2".into(),
            aggregate: "escalation.case".into(),
            aggregate_id: Uuid::from_u128(2),
            aggregate_sequence: 1,
            position: 7,
            correlation_id: "visits/3".into(),
            causation_id: None,
            actor: "HMI-001".into(),
            occurred_at: at,
            recorded_at: at,
            traceparent: None,
            data: json!({"visit": "visits/3", "area": "safeguarding"}),
        }
    }

    #[test]
    fn an_envelope_reads_back_from_its_cloud_event() {
        let wire = serde_json::to_value(sample()).expect("JSON");
        assert_eq!(wire["specversion"], "1.0");
        assert_eq!(wire["type"], "ofsted.visits.escalation.v1.ConcernRaised");
        assert_eq!(wire["sequence"], "00000000000000000007");
        let back: Envelope = serde_json::from_value(wire).expect("envelope");
        assert_eq!(back, sample());
    }
}
