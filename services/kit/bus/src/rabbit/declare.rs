//! Exchanges, queues and bindings, every argument said: a broker's changed default must not
//! matter (R10).

use std::collections::BTreeSet;

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ExchangeKind};
use visits_core::Fault;

use super::patiently;
use crate::topology::{
    ARCHIVE_QUEUE, EVENTS, GROUPS, PARKED, PARKED_QUEUE, types_of, types_of_nobody,
};

/// After so many deliveries without an acknowledgement the broker parks a message. The inbox takes
/// in whatever can be read, so only what can't be read gets there.
const DELIVERY_LIMIT: i64 = 20;
/// A queue that is this full refuses more; the outbox keeps them.
const LENGTH_MAX: i64 = 1_000_000;

/// Declares everything: publishers need every queue to be there before they say anything, for an
/// event without a queue is returned to them.
pub(super) async fn everything(channel: &Channel) -> Result<(), Fault> {
    exchange(channel, EVENTS, ExchangeKind::Topic).await?;
    exchange(channel, PARKED, ExchangeKind::Topic).await?;
    queue(channel, PARKED_QUEUE, last_stop()).await?;
    bind(channel, PARKED_QUEUE, PARKED, "#").await?;
    queue(channel, ARCHIVE_QUEUE, last_stop()).await?;
    bind_all(channel, ARCHIVE_QUEUE, types_of_nobody()).await?;
    for known in GROUPS {
        let name = known.queue();
        queue(channel, &name, of_group()).await?;
        bind_all(channel, &name, types_of(known.aggregates)).await?;
    }
    Ok(())
}

/// The arguments of a group's queue.
fn of_group() -> FieldTable {
    let mut arguments = last_stop();
    let text = |value: &str| AMQPValue::LongString(value.into());
    arguments.insert(
        "x-delivery-limit".into(),
        AMQPValue::LongLongInt(DELIVERY_LIMIT),
    );
    arguments.insert("x-dead-letter-exchange".into(), text(PARKED));
    arguments.insert("x-dead-letter-strategy".into(), text("at-least-once"));
    arguments
}

/// The arguments of a queue whose messages go nowhere from there.
fn last_stop() -> FieldTable {
    let mut arguments = FieldTable::default();
    let text = |value: &str| AMQPValue::LongString(value.into());
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments.insert("x-overflow".into(), text("reject-publish"));
    arguments.insert("x-max-length".into(), AMQPValue::LongLongInt(LENGTH_MAX));
    arguments
}

async fn exchange(channel: &Channel, name: &str, kind: ExchangeKind) -> Result<(), Fault> {
    let options = ExchangeDeclareOptions {
        durable: true,
        ..ExchangeDeclareOptions::default()
    };
    patiently(
        "declaring an exchange",
        channel.exchange_declare(name.into(), kind, options, FieldTable::default()),
    )
    .await
}

async fn queue(channel: &Channel, name: &str, arguments: FieldTable) -> Result<(), Fault> {
    patiently(
        "declaring a queue",
        channel.queue_declare(name.into(), QueueDeclareOptions::durable(), arguments),
    )
    .await
    .map(drop)
}

async fn bind_all(
    channel: &Channel,
    queue: &str,
    event_types: BTreeSet<String>,
) -> Result<(), Fault> {
    for event_type in event_types {
        bind(channel, queue, EVENTS, &event_type).await?;
    }
    Ok(())
}

async fn bind(channel: &Channel, queue: &str, exchange: &str, key: &str) -> Result<(), Fault> {
    patiently(
        "binding a queue",
        channel.queue_bind(
            queue.into(),
            exchange.into(),
            key.into(),
            QueueBindOptions::default(),
            FieldTable::default(),
        ),
    )
    .await
}
