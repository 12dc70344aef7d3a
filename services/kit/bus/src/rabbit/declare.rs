//! Exchanges, queues and bindings, declared as the topology has them.

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ExchangeKind};
use visits_core::Fault;

use super::patiently;
use crate::topology::{Argument, EVENTS, PARKED, Queue, queues};

/// Declares everything: publishers need every queue to be there before they say anything, for an
/// event without a queue is returned to them.
pub(super) async fn everything(channel: &Channel) -> Result<(), Fault> {
    exchange(channel, EVENTS).await?;
    exchange(channel, PARKED).await?;
    for known in queues() {
        queue(channel, &known).await?;
    }
    Ok(())
}

async fn exchange(channel: &Channel, name: &str) -> Result<(), Fault> {
    let options = ExchangeDeclareOptions {
        durable: true,
        ..ExchangeDeclareOptions::default()
    };
    let kind = ExchangeKind::Topic;
    patiently(
        "declaring an exchange",
        channel.exchange_declare(name.into(), kind, options, FieldTable::default()),
    )
    .await
}

async fn queue(channel: &Channel, known: &Queue) -> Result<(), Fault> {
    let name = known.name.as_str();
    let (options, arguments) = (QueueDeclareOptions::durable(), arguments(known));
    patiently(
        "declaring a queue",
        channel.queue_declare(name.into(), options, arguments),
    )
    .await?;
    for binding in &known.bindings {
        let key = binding.routing_key.as_str();
        let (options, none) = (QueueBindOptions::default(), FieldTable::default());
        patiently(
            "binding a queue",
            channel.queue_bind(
                name.into(),
                binding.exchange.into(),
                key.into(),
                options,
                none,
            ),
        )
        .await?;
    }
    Ok(())
}

fn arguments(known: &Queue) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, argument) in &known.arguments {
        let value = match *argument {
            Argument::Text(text) => AMQPValue::LongString(text.into()),
            Argument::Number(number) => AMQPValue::LongLongInt(number),
        };
        table.insert((*name).into(), value);
    }
    table
}
