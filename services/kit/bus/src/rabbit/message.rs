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
