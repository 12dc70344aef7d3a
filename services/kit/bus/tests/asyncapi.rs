//! The AsyncAPI document is what the code makes of the topology, and what the broker then has.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use prost::Message as _;
use prost_types::FileDescriptorSet;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use visits_bus::asyncapi::document;
use visits_bus::rabbit::{RabbitBus, Settings};
use visits_bus::topology::{EVENTS, PARKED};
use visits_bus::{EventBus as _, topology};
use visits_testkit::rabbit;

fn made() -> Value {
    let contracts = FileDescriptorSet::decode(visits_proto::DESCRIPTORS).expect("descriptors");
    document(&contracts).expect("a document")
}

#[test]
fn r_evt_8_the_committed_document_is_what_the_topology_and_the_contracts_make() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/asyncapi.json");
    let committed = std::fs::read_to_string(file).expect("docs/asyncapi.json");
    let committed: Value = serde_json::from_str(&committed).expect("JSON");
    assert!(
        committed == made(),
        "docs/asyncapi.json is not what the code makes: \
         `visits events asyncapi >docs/asyncapi.json`"
    );
}

#[test]
fn every_message_field_and_enum_value_of_the_document_says_what_it_is() {
    fn walk(path: &str, value: &Value, silent: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                for (name, value) in object {
                    if matches!(name.as_str(), "description") && value == "" {
                        silent.push(path.to_owned());
                    }
                    if path.ends_with("/x-enum-descriptions") && value == "" {
                        silent.push(format!("{path}/{name}"));
                    }
                    walk(&format!("{path}/{name}"), value, silent);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| walk(path, item, silent)),
            _ => {}
        }
    }
    let mut silent = Vec::new();
    walk("", &made(), &mut silent);
    assert_eq!(silent, Vec::<String>::new());
}

/// What `rabbitmqctl` says of a virtual host.
fn listed(broker: &rabbit::Broker, vhost: &str, what: &[&str]) -> Vec<Value> {
    let arguments = [what, &["--vhost", vhost, "--formatter", "json", "--silent"]].concat();
    let output = broker.control(&arguments);
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// An argument list of the broker, `[[name, type, value], …]` or an object, by name.
fn by_name(arguments: &Value) -> Value {
    let Some(list) = arguments.as_array() else {
        return arguments.clone();
    };
    let pair = |argument: &Value| {
        let name = argument[0].as_str().expect("a name").to_owned();
        (name, argument[2].clone())
    };
    list.iter().map(pair).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_evt_8_the_broker_has_the_exchanges_queues_arguments_and_bindings_of_the_document() {
    let folder = tempfile::tempdir().expect("a folder");
    let broker = tokio::task::block_in_place(|| rabbit::Broker::start(folder.path()));
    let settings = Settings {
        url: broker.url(),
        service: "tests",
    };
    // Nothing to send: connecting declares everything.
    let bus = RabbitBus::new(settings, CancellationToken::new());
    bus.publish_all(&[]).await.expect("connected");

    let document = made();
    let channels = document["channels"].as_object().expect("channels");
    let mut queues = BTreeMap::new();
    let mut bindings = BTreeSet::new();
    for (name, channel) in channels {
        let amqp = &channel["bindings"]["amqp"];
        if amqp["is"] == "queue" {
            let declared = (&amqp["queue"], &channel["x-queue-arguments"]);
            queues.insert(name.clone(), format!("{declared:?}"));
        }
        for binding in channel["x-queue-bindings"].as_array().into_iter().flatten() {
            bindings.insert((
                text(&binding["exchange"]),
                name.clone(),
                text(&binding["routingKey"]),
            ));
        }
    }
    let columns = [
        "list_queues",
        "name",
        "durable",
        "auto_delete",
        "exclusive",
        "arguments",
    ];
    let reported: BTreeMap<String, String> = listed(&broker, "/", &columns)
        .iter()
        .map(|queue| {
            let own = json!({
                "name": queue["name"],
                "durable": queue["durable"],
                // The broker leaves it empty for a quorum queue, which can't be exclusive.
                "exclusive": queue["exclusive"] == true,
                "autoDelete": queue["auto_delete"],
            });
            let declared = (&own, &by_name(&queue["arguments"]));
            (text(&queue["name"]), format!("{declared:?}"))
        })
        .collect();
    assert_eq!(reported, queues);
    assert_eq!(queues.len(), 2 * topology::GROUPS.len() + 1);

    let columns = [
        "list_bindings",
        "source_name",
        "destination_name",
        "routing_key",
    ];
    let reported: BTreeSet<_> = listed(&broker, "/", &columns)
        .iter()
        .map(|b| {
            (
                text(&b["source_name"]),
                text(&b["destination_name"]),
                text(&b["routing_key"]),
            )
        })
        // Each queue is bound to the exchange without a name, by its own name.
        .filter(|(exchange, ..)| !exchange.is_empty())
        .collect();
    assert_eq!(reported, bindings);

    let columns = ["list_exchanges", "name", "type", "durable", "auto_delete"];
    let reported: BTreeSet<String> = listed(&broker, "/", &columns)
        .iter()
        .filter(|exchange| !text(&exchange["name"]).starts_with("amq."))
        .filter(|exchange| exchange["name"] != "")
        .map(|e| {
            format!(
                "{} {} {} {}",
                text(&e["name"]),
                e["type"],
                e["durable"],
                e["auto_delete"]
            )
        })
        .collect();
    let expected = [EVENTS, PARKED].map(|name| format!("{name} \"topic\" true false"));
    assert_eq!(reported, BTreeSet::from(expected));
    tokio::task::block_in_place(|| broker.control(&["stop"]));
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
