//! An envelope as an AMQP message: the CloudEvent in structured JSON, with its attributes copied
//! into `ce-` headers so that brokers and tools can filter (R-EVT-1), and a bare `traceparent`.

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};
use serde_json::Value;
use visits_core::Fault;

use crate::Envelope;

const CONTENT_TYPE: &str = "application/cloudevents+json; charset=utf-8";
const PERSISTENT: u8 = 2;

/// The message's body.
pub(super) fn body(envelope: &Envelope) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(envelope)
        .map_err(|error| Fault::fatal(format!("event {}: {error}", envelope.id)))
}

/// The message's properties and headers.
pub(super) fn properties(envelope: &Envelope, service: &str) -> BasicProperties {
    let seconds = u64::try_from(envelope.occurred_at.as_second()).unwrap_or(0);
    BasicProperties::default()
        .with_content_type(CONTENT_TYPE.into())
        .with_delivery_mode(PERSISTENT)
        .with_message_id(envelope.id.to_string().into())
        .with_type(envelope.event_type.clone().into())
        .with_app_id(service.into())
        .with_correlation_id(envelope.correlation_id.clone().into())
        .with_timestamp(seconds)
        .with_headers(headers(envelope))
}

fn headers(envelope: &Envelope) -> FieldTable {
    let mut headers = FieldTable::default();
    let attributes = serde_json::to_value(envelope).unwrap_or(Value::Null);
    for (name, value) in attributes.as_object().into_iter().flatten() {
        if let (Some(text), true) = (value.as_str(), name != "data") {
            let value = AMQPValue::LongString(text.into());
            headers.insert(format!("ce-{name}").into(), value);
        }
    }
    if let Some(traceparent) = &envelope.traceparent {
        let value = AMQPValue::LongString(traceparent.as_str().into());
        headers.insert("traceparent".into(), value);
    }
    headers
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    /// The wire form, as those who are not built with us read it: a change of it is a change for them.
    const GOLDEN: &str = include_str!("../../tests/golden/event.json");
    const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn id(number: u128) -> Uuid {
        let first: Uuid = "01755558-2d40-7000-8000-000000000000".parse().expect("id");
        Uuid::from_u128(first.as_u128() + number)
    }

    /// The event of the golden file, with all that an event can have.
    fn event() -> Envelope {
        let (case, visit) = (format!("cases/{}", id(2)), format!("visits/{}", id(3)));
        Envelope {
            id: id(1),
            event_type: "ofsted.visits.escalation.v1.NfdDecided".into(),
            source: "/services/escalation".into(),
            subject: case.clone(),
            aggregate: "escalation.case".into(),
            aggregate_id: id(2),
            aggregate_sequence: 3,
            position: 41,
            correlation_id: visit.clone(),
            causation_id: Some(id(4)),
            actor: "HMI-001".into(),
            occurred_at: "2020-10-23T13:30:00Z".parse().expect("instant"),
            recorded_at: "2020-10-23T13:30:01.123456Z".parse().expect("instant"),
            traceparent: Some(TRACEPARENT.into()),
            // In the order of the alphabet, which is the same whether maps are kept sorted or as made.
            data: json!({ "case": case, "required": true, "visit": visit }),
        }
    }

    fn golden() -> Value {
        serde_json::from_str(GOLDEN).expect("JSON")
    }

    #[test]
    fn r_evt_1_r_evt_2_an_event_is_sent_as_the_golden_file_has_it() {
        let sent = body(&event()).expect("a body");
        let value: Value = serde_json::from_slice(&sent).expect("JSON");
        assert_eq!(value, golden());
        let text = String::from_utf8(sent).expect("text");
        assert_eq!(text, GOLDEN.trim_end(), "in this order too");
    }

    #[test]
    fn r_evt_1_r_evt_2_the_golden_file_is_read_as_the_event_that_was_sent() {
        let read = Envelope::read(GOLDEN.as_bytes());
        assert_eq!(read.expect("an event"), event());
    }

    #[test]
    fn r_evt_1_the_properties_of_a_message_say_what_its_event_says() {
        let properties = properties(&event(), "escalation");
        let said = [
            properties.content_type(),
            properties.message_id(),
            properties.kind(),
            properties.app_id(),
            properties.correlation_id(),
        ];
        let expected = [
            "application/cloudevents+json; charset=utf-8",
            "01755558-2d40-7000-8000-000000000001",
            "ofsted.visits.escalation.v1.NfdDecided",
            "escalation",
            "visits/01755558-2d40-7000-8000-000000000003",
        ];
        let said = said.map(|text| text.as_ref().map(ToString::to_string));
        assert_eq!(said, expected.map(|text| Some(text.to_owned())));
        assert_eq!(
            *properties.delivery_mode(),
            Some(2),
            "it outlives a restart"
        );
        assert_eq!(*properties.timestamp(), Some(1_603_459_800));
    }

    #[test]
    fn r_evt_1_r_evt_7_the_headers_of_a_message_are_the_attributes_of_the_golden_file() {
        let properties = properties(&event(), "escalation");
        let table = properties.headers().as_ref().expect("headers");
        let text = |value: &AMQPValue| value.as_long_string().map(ToString::to_string);
        let headers: BTreeMap<String, Option<String>> = table
            .inner()
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect();
        let golden = golden();
        let attributes = golden.as_object().expect("an object").iter();
        let mut expected: BTreeMap<String, Option<String>> = attributes
            .filter(|(name, _)| name.as_str() != "data")
            .map(|(name, value)| (format!("ce-{name}"), value.as_str().map(str::to_owned)))
            .collect();
        // What other clients look for, besides its copy.
        expected.insert("traceparent".to_owned(), Some(TRACEPARENT.to_owned()));
        assert_eq!(headers, expected);
        assert_eq!(headers["ce-traceparent"], headers["traceparent"]);
    }
}
