//! The queues with every argument said: a broker's changed default must not matter (R10).

use std::collections::BTreeSet;

use super::{
    ARCHIVE_QUEUE, EVENTS, GROUPS, Group, PARKED, SAID, Said, parked_queue_of, queue_of, types_of,
    types_of_nobody,
};

/// After so many deliveries without an acknowledgement the broker parks a message. The inbox takes
/// in whatever can be read, and who can't store it now keeps it in hand, so only what ends its
/// consumer each time gets there.
const DELIVERY_LIMIT: i64 = 20;
/// Where nobody consumes, a delivery is somebody's look: so many that no message is lost to being
/// looked at. From 4.0 on RabbitMQ drops after 20 where nothing is said.
const LOOKS_MAX: i64 = 1_000_000;
/// A queue that is this full refuses more; the outbox keeps them.
const LENGTH_MAX: i64 = 1_000_000;

/// The value of a queue's argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// A word.
    Text(&'static str),
    /// A number.
    Number(i64),
}

/// What brings messages of one exchange into a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The exchange.
    pub exchange: &'static str,
    /// The routing key: an event type, or `#` for everything.
    pub routing_key: String,
}

/// A durable queue, with all that is said when it is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Its name: `recording.events`.
    pub name: String,
    /// What it is for, in one sentence.
    pub purpose: String,
    /// Its arguments, every one.
    pub arguments: Vec<(&'static str, Argument)>,
    /// What comes into it.
    pub bindings: Vec<Binding>,
}

/// Every queue, those that take what nobody else does first: publishers need all of them to be
/// there before they say anything, for an event without a queue is returned to them.
#[must_use]
pub fn queues() -> Vec<Queue> {
    let mut queues = vec![Queue {
        name: ARCHIVE_QUEUE.to_owned(),
        purpose: "The events that no service hears.".to_owned(),
        arguments: last_stop(LOOKS_MAX),
        bindings: bindings(EVENTS, types_of_nobody()),
    }];
    queues.extend(GROUPS.iter().map(parked_by_group));
    queues.extend(GROUPS.iter().map(of_group));
    queues
}

/// The names of the queues that hear anything of what a service says.
#[must_use]
pub fn queues_that_hear(service: &str) -> Vec<String> {
    let said: BTreeSet<String> = SAID
        .iter()
        .filter(|said| said.speaker() == service)
        .flat_map(Said::event_types)
        .collect();
    let hears = |queue: &Queue| {
        let mut bindings = queue.bindings.iter();
        bindings.any(|binding| binding.exchange == EVENTS && said.contains(&binding.routing_key))
    };
    let all = queues().into_iter().filter(hears);
    all.map(|queue| queue.name).collect()
}

fn of_group(group: &Group) -> Queue {
    let mut arguments = last_stop(DELIVERY_LIMIT);
    arguments.extend([
        ("x-dead-letter-exchange", Argument::Text(PARKED)),
        ("x-dead-letter-strategy", Argument::Text("at-least-once")),
    ]);
    Queue {
        name: queue_of(group.name),
        purpose: format!("What {} hears.", group.name),
        arguments,
        bindings: bindings(EVENTS, types_of(group.aggregates)),
    }
}

/// Brings whatever any queue gives up, so that nothing that is given up has nowhere to go; the group
/// takes out its own.
fn parked_by_group(group: &Group) -> Queue {
    Queue {
        name: parked_queue_of(group.name),
        purpose: format!(
            "What the queue of {} gave up, on its way to its operators; what others did is left out.",
            group.name
        ),
        arguments: last_stop(LOOKS_MAX),
        bindings: bindings(PARKED, ["#".to_owned()]),
    }
}

/// The arguments of a queue whose messages go nowhere from there.
fn last_stop(deliveries_max: i64) -> Vec<(&'static str, Argument)> {
    vec![
        ("x-queue-type", Argument::Text("quorum")),
        ("x-delivery-limit", Argument::Number(deliveries_max)),
        ("x-overflow", Argument::Text("reject-publish")),
        ("x-max-length", Argument::Number(LENGTH_MAX)),
    ]
}

fn bindings(exchange: &'static str, keys: impl IntoIterator<Item = String>) -> Vec<Binding> {
    let binding = |routing_key| Binding {
        exchange,
        routing_key,
    };
    keys.into_iter().map(binding).collect()
}
