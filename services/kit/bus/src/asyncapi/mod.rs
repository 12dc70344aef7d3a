//! The AsyncAPI document (R-EVT-8): made from the topology that declares the queues and from the
//! contracts' own descriptors, so that it can't say anything else.
//!
//! `visits events asyncapi` prints it; `docs/asyncapi.json` is a copy that a test compares.

mod contracts;
mod envelope;

use prost_types::FileDescriptorSet;
use serde_json::{Map, Value, json};
use visits_core::Fault;

use crate::topology::{Argument, EVENTS, PARKED, Queue, SAID, Said, queues};
use contracts::Contracts;

const VERSION: &str = "1.0.0";
const BINDING: &str = "0.3.0";
const CONTENT_TYPE: &str = "application/cloudevents+json";

/// The document of every public event, with `descriptors` as their contracts.
///
/// # Errors
/// `Fatal` if an event of the topology is not in the contracts, or has a field of a sort that no
/// event has had before.
pub fn document(descriptors: &FileDescriptorSet) -> Result<Value, Fault> {
    let contracts = Contracts::new(descriptors);
    let mut messages = Map::new();
    let mut schemas = contracts.enums();
    schemas.insert(envelope::NAME.to_owned(), envelope::schema());
    schemas.insert(envelope::HEADERS.to_owned(), envelope::headers());
    for said in SAID {
        for event_type in said.event_types() {
            messages.insert(event_type.clone(), message(&contracts, said, &event_type)?);
            let schema = contracts.schema(&event_type)?;
            schemas.insert(event_type, schema);
        }
    }
    Ok(json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Interim visits: public events",
            "version": VERSION,
            "description": "What the five services tell each other, and anybody who may listen: ids, \
                codes, versions and times. No event holds an answer, a concern's text or a person's \
                name. An event may come twice, with the same id; those of one aggregate are numbered \
                1, 2, 3 and so on. New fields may come: readers ignore what they don't know.",
            "license": { "name": "Apache-2.0" },
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": channels(&contracts)?,
        "operations": operations(),
        "components": { "messages": messages, "schemas": schemas },
    }))
}

fn message(contracts: &Contracts<'_>, said: &Said, event_type: &str) -> Result<Value, Fault> {
    Ok(json!({
        "name": event_type,
        "title": event_type.rsplit('.').next(),
        "description": contracts.comment(event_type)?,
        "contentType": CONTENT_TYPE,
        "headers": { "$ref": format!("#/components/schemas/{}", envelope::HEADERS) },
        "payload": {
            "allOf": [
                { "$ref": format!("#/components/schemas/{}", envelope::NAME) },
                {
                    "type": "object",
                    "properties": {
                        "type": { "const": event_type },
                        "source": { "const": format!("/services/{}", service(said)) },
                        "aggregatekind": { "const": said.aggregate },
                        "data": { "$ref": format!("#/components/schemas/{event_type}") },
                    },
                },
            ],
        },
        "bindings": { "amqp": { "messageType": event_type, "bindingVersion": BINDING } },
    }))
}

/// The service that says the events of an aggregate: the first part of its kind.
fn service(said: &Said) -> &'static str {
    said.aggregate.split('.').next().unwrap_or_default()
}

/// One channel a routing key of the exchange, and one a queue.
fn channels(contracts: &Contracts<'_>) -> Result<Map<String, Value>, Fault> {
    let mut channels = Map::new();
    for event_type in SAID.iter().flat_map(Said::event_types) {
        let channel = json!({
            "address": event_type,
            "description": contracts.comment(&event_type)?,
            "messages": references("components/messages", [event_type.as_str()]),
            "bindings": { "amqp": {
                "is": "routingKey",
                "exchange": {
                    "name": EVENTS,
                    "type": "topic",
                    "durable": true,
                    "autoDelete": false,
                },
                "bindingVersion": BINDING,
            } },
        });
        channels.insert(event_type, channel);
    }
    for queue in queues() {
        channels.insert(queue.name.clone(), queue_channel(&queue));
    }
    Ok(channels)
}

fn queue_channel(queue: &Queue) -> Value {
    let arguments: Map<String, Value> = queue
        .arguments
        .iter()
        .map(|(name, argument)| {
            let value = match *argument {
                Argument::Text(text) => json!(text),
                Argument::Number(number) => json!(number),
            };
            ((*name).to_owned(), value)
        })
        .collect();
    let bindings: Vec<Value> = queue
        .bindings
        .iter()
        .map(|binding| json!({ "exchange": binding.exchange, "routingKey": binding.routing_key }))
        .collect();
    json!({
        "address": queue.name,
        "description": queue.purpose,
        "messages": references("components/messages", heard(queue).iter().map(String::as_str)),
        "bindings": { "amqp": {
            "is": "queue",
            "queue": {
                "name": queue.name,
                "durable": true,
                "exclusive": false,
                "autoDelete": false,
            },
            "bindingVersion": BINDING,
        } },
        "x-queue-arguments": arguments,
        "x-queue-bindings": bindings,
    })
}

/// The event types that come into a queue: all of them into those of what was given up.
fn heard(queue: &Queue) -> Vec<String> {
    let all = || SAID.iter().flat_map(Said::event_types);
    let comes = |event_type: &String| {
        queue
            .bindings
            .iter()
            .any(|binding| binding.exchange == PARKED || binding.routing_key == *event_type)
    };
    all().filter(comes).collect()
}

fn references<'a>(place: &str, names: impl IntoIterator<Item = &'a str>) -> Map<String, Value> {
    names
        .into_iter()
        .map(|name| {
            (
                name.to_owned(),
                json!({ "$ref": format!("#/{place}/{name}") }),
            )
        })
        .collect()
}

/// What each service sends and receives.
fn operations() -> Map<String, Value> {
    let mut operations = Map::new();
    for said in SAID {
        for event_type in said.event_types() {
            let operation = json!({
                "action": "send",
                "title": format!("{} says it", service(said)),
                "channel": { "$ref": format!("#/channels/{event_type}") },
                "bindings": { "amqp": {
                    "deliveryMode": 2,
                    "mandatory": true,
                    "bindingVersion": BINDING,
                } },
            });
            operations.insert(format!("send.{event_type}"), operation);
        }
    }
    for queue in queues() {
        let operation = json!({
            "action": "receive",
            "title": queue.purpose,
            "channel": { "$ref": format!("#/channels/{}", queue.name) },
            "bindings": { "amqp": { "ack": true, "bindingVersion": BINDING } },
        });
        operations.insert(format!("receive.{}", queue.name), operation);
    }
    operations
}
