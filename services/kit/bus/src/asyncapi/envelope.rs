//! The envelope's own schema: CloudEvents 1.0 with our extension attributes (R-EVT-2).

use serde_json::{Map, Value, json};

/// The name of the schema in the document.
pub(super) const NAME: &str = "CloudEvent";

/// The name of the schema of the headers.
pub(super) const HEADERS: &str = "CloudEventHeaders";

/// Every attribute, whether each event has it, its format or pattern, and what it is.
const ATTRIBUTES: &[(&str, bool, &str, &str)] = &[
    ("specversion", true, "", "The version of CloudEvents: 1.0."),
    (
        "id",
        true,
        "uuid",
        "The event's identifier, the same however often it is sent.",
    ),
    ("type", true, "", "The full name of the message in `data`."),
    ("source", true, "uri-reference", "The service that says it."),
    ("subject", true, "", "The resource that it is about."),
    ("time", true, "date-time", "When it happened."),
    ("datacontenttype", true, "", "application/json."),
    (
        "dataclassification",
        true,
        "",
        "What `data` may hold: ids-and-codes.",
    ),
    ("recordedtime", true, "date-time", "When it was recorded."),
    (
        "aggregatekind",
        true,
        "",
        "The kind of aggregate that says it.",
    ),
    ("aggregateid", true, "uuid", "Which one."),
    (
        "aggregatesequence",
        true,
        "^[0-9]{20}$",
        "Its place among the public events of that aggregate, from 1 on without a gap.",
    ),
    (
        "sequence",
        true,
        "^[0-9]{20}$",
        "Its place in the feed of the service.",
    ),
    (
        "correlationid",
        true,
        "",
        "The visit that it belongs to, or its own subject.",
    ),
    (
        "causationid",
        false,
        "uuid",
        "The event that made it happen, if one did.",
    ),
    ("authid", true, "", "The principal that made it happen."),
    (
        "traceparent",
        false,
        "",
        "The W3C trace that it belongs to.",
    ),
];

/// The schema of the envelope; `data` is what each message says.
pub(super) fn schema() -> Value {
    let mut properties: Map<String, Value> = ATTRIBUTES
        .iter()
        .map(|(name, _, form, what)| ((*name).to_owned(), attribute(form, what)))
        .collect();
    properties.insert(
        "data".to_owned(),
        json!({ "type": "object", "description": "The message, as proto-JSON." }),
    );
    let required: Vec<&str> = ATTRIBUTES
        .iter()
        .filter(|(_, always, ..)| *always)
        .map(|(name, ..)| *name)
        .chain(["data"])
        .collect();
    json!({
        "type": "object",
        "description": "An event as it travels: CloudEvents 1.0, structured JSON.",
        "required": required,
        "properties": properties,
    })
}

/// The headers: the envelope's attributes again, so that brokers and tools can filter.
pub(super) fn headers() -> Value {
    let properties: Map<String, Value> = ATTRIBUTES
        .iter()
        .map(|(name, _, form, what)| (format!("ce-{name}"), attribute(form, what)))
        .chain([(
            "traceparent".to_owned(),
            attribute("", "The W3C trace that it belongs to."),
        )])
        .collect();
    json!({ "type": "object", "properties": properties })
}

fn attribute(form: &str, what: &str) -> Value {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("string"));
    schema.insert("description".to_owned(), json!(what));
    if form.starts_with('^') {
        schema.insert("pattern".to_owned(), json!(form));
    } else if !form.is_empty() {
        schema.insert("format".to_owned(), json!(form));
    }
    Value::Object(schema)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Envelope;
    use std::collections::BTreeSet;
    use uuid::Uuid;

    #[test]
    fn the_schema_has_every_attribute_of_an_event_and_no_other() {
        let bare = crate::envelope::tests::sample();
        let full = Envelope {
            causation_id: Some(Uuid::from_u128(9)),
            traceparent: Some("00-1-2-01".to_owned()),
            ..bare.clone()
        };
        let names = |value: &Value| -> BTreeSet<String> {
            let object = value.as_object().expect("an object");
            object.keys().cloned().collect()
        };
        let schema = schema();
        let full = serde_json::to_value(full).expect("JSON");
        assert_eq!(names(&schema["properties"]), names(&full));
        let required = schema["required"].as_array().expect("a list").iter();
        let required: BTreeSet<_> = required
            .filter_map(Value::as_str)
            .map(String::from)
            .collect();
        assert_eq!(required, names(&serde_json::to_value(bare).expect("JSON")));
    }
}
