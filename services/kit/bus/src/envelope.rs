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
#[serde(try_from = "CloudEvent", into = "CloudEvent")]
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
    /// `EVENT_UNREADABLE` if it is no event in structured JSON, or has no place among its aggregate's.
    pub fn read(body: &[u8]) -> Result<Self, Fault> {
        let event: CloudEvent =
            serde_json::from_slice(body).map_err(|error| unreadable(found(&error, "event")))?;
        let envelope = Self::try_from(event)?;
        // Events are counted from 1 on, and an inbox passes over what is older than it has: one that
        // says 0 would be acknowledged and never seen, where it belongs to an operator (R10).
        if envelope.aggregate_sequence < 1 {
            return Err(no_number(AGGREGATE_SEQUENCE));
        }
        Ok(envelope)
    }

    /// The message inside, if it is an `M`. What is said of one that can't be read quotes nothing of
    /// it: it goes into logs, and to operators (R19).
    ///
    /// # Errors
    /// `EVENT_UNREADABLE` if its data is no `M`; `Fatal` if it is an event of another type.
    pub fn decode<M: prost::Name + DeserializeOwned>(&self) -> Result<M, Fault> {
        if self.event_type != M::full_name() {
            return Err(Fault::fatal(format!(
                "event {} is a {}, not a {}",
                self.id,
                self.event_type,
                M::full_name()
            )));
        }
        // Once more as text: a parser of values knows no place to name instead of what is there.
        let read =
            M::deserialize(&self.data).or_else(|_| serde_json::from_str(&self.data.to_string()));
        read.map_err(|error| {
            let found = found(&error, &self.event_type);
            unreadable(format!(
                "the data of event {} can't be read: {found}",
                self.id
            ))
        })
    }
}

/// What a parser met instead of what was `wanted`, by kind and place. Its own words are never
/// repeated: they quote what it read (R19).
fn found(error: &serde_json::Error, wanted: &str) -> String {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        Category::Data => format!("JSON, but no {wanted} (line {line}, column {column})"),
        Category::Io | Category::Syntax | Category::Eof => {
            format!("no JSON (line {line}, column {column})")
        }
    }
}

fn unreadable(words: String) -> Fault {
    Fault::new(ErrorKind::InvalidInput, EVENT_UNREADABLE, words)
}

/// The attribute that says which of its aggregate's events it is.
const AGGREGATE_SEQUENCE: &str = "aggregatesequence";
/// The attribute that says where it stands in the feed of its service.
const POSITION: &str = "sequence";

/// The number that an attribute says.
fn number(attribute: &str, text: &str) -> Result<i64, Fault> {
    text.parse().map_err(|_| no_number(attribute))
}

fn no_number(attribute: &str) -> Fault {
    unreadable(format!(
        "an event, but its {attribute} is no number that it can have"
    ))
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

/// Takes any number: what is written down here, an inbox's row for one, is always one, and must be
/// read again whatever an older build made of what it heard. [`Envelope::read`] asks for more.
impl TryFrom<CloudEvent> for Envelope {
    type Error = Fault;

    fn try_from(event: CloudEvent) -> Result<Self, Fault> {
        Ok(Self {
            aggregate_sequence: number(AGGREGATE_SEQUENCE, &event.aggregatesequence)?,
            position: number(POSITION, &event.sequence)?,
            id: event.id,
            event_type: event.event_type,
            source: event.source,
            subject: event.subject,
            aggregate: event.aggregatekind,
            aggregate_id: event.aggregateid,
            correlation_id: event.correlationid,
            causation_id: event.causationid,
            actor: event.authid,
            occurred_at: event.time,
            recorded_at: event.recordedtime,
            traceparent: event.traceparent,
            data: event.data,
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::json;
    use visits_proto::escalation::v1::NfdDecided;

    /// What must never be quoted.
    const MARKER: &str = "Jane Roe";

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

    /// The body of an event that says `text` in `attribute`.
    fn saying(attribute: &str, text: &str) -> Vec<u8> {
        let mut wire = serde_json::to_value(sample()).expect("JSON");
        wire[attribute] = json!(text);
        serde_json::to_vec(&wire).expect("JSON")
    }

    fn holding(data: Value) -> Envelope {
        Envelope {
            event_type: "ofsted.visits.escalation.v1.NfdDecided".into(),
            data,
            ..sample()
        }
    }

    #[test]
    fn r10_an_event_whose_place_cannot_be_read_is_unreadable_and_not_an_old_one() {
        let too_large = ["9223372036854775808", "99999999999999999999"];
        let too_small = ["0", "00000000000000000000", "-1"];
        for text in [MARKER, "", " ", "1.5", "0x1"]
            .into_iter()
            .chain(too_large)
            .chain(too_small)
        {
            let fault = Envelope::read(&saying("aggregatesequence", text)).expect_err(text);
            assert_eq!(
                (fault.kind, fault.reason),
                (ErrorKind::InvalidInput, EVENT_UNREADABLE)
            );
            assert_eq!(
                fault.message,
                "an event, but its aggregatesequence is no number that it can have"
            );
        }
        let last = Envelope::read(&saying("aggregatesequence", "9223372036854775807"));
        assert_eq!(last.expect("an event").aggregate_sequence, i64::MAX);
    }

    #[test]
    fn r10_an_event_whose_position_is_no_number_is_unreadable() {
        for text in [MARKER, "", "99999999999999999999"] {
            let fault = Envelope::read(&saying("sequence", text)).expect_err(text);
            assert_eq!(fault.reason, EVENT_UNREADABLE);
            assert_eq!(
                fault.message,
                "an event, but its sequence is no number that it can have"
            );
        }
    }

    #[test]
    fn r10_whatever_was_written_down_of_an_event_can_be_read_again() {
        for number in [i64::MIN, -1, 0, 1, i64::MAX] {
            let kept = Envelope {
                aggregate_sequence: number,
                position: number,
                ..sample()
            };
            let row = serde_json::to_value(&kept).expect("JSON");
            let back: Envelope = serde_json::from_value(row).expect("an envelope");
            assert_eq!(back, kept);
        }
    }

    #[test]
    fn r19_what_is_said_of_data_that_cannot_be_read_quotes_nothing_of_it() {
        let enumeration = json!({"case": "cases/2", "state": MARKER});
        let truth = json!({"case": "cases/2", "required": MARKER});
        for data in [enumeration, truth, json!(MARKER)] {
            let quoting = serde_json::from_value::<NfdDecided>(data.clone());
            let quoting = quoting.expect_err("no such event").to_string();
            assert!(quoting.contains(MARKER), "the parser's own: {quoting}");

            let fault = holding(data)
                .decode::<NfdDecided>()
                .expect_err("unreadable");
            assert_eq!(
                (fault.kind, fault.reason),
                (ErrorKind::InvalidInput, EVENT_UNREADABLE)
            );
            let begins = "the data of event 00000000-0000-0000-0000-000000000001 can't be read: \
                          JSON, but no ofsted.visits.escalation.v1.NfdDecided (line 1, column ";
            assert!(fault.message.starts_with(begins), "{fault}");
            assert!(!format!("{fault:?}").contains(MARKER), "{fault:?}");
        }
    }

    #[test]
    fn data_that_can_be_read_is_the_message_that_it_says() {
        let said = NfdDecided {
            case: "cases/2".into(),
            required: true,
            ..NfdDecided::default()
        };
        let data = serde_json::to_value(&said).expect("JSON");
        let read: NfdDecided = holding(data).decode().expect("an event");
        assert_eq!(read, said);
    }
}
