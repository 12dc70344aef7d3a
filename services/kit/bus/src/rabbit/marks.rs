//! How a publisher finds out that the broker has lost what it had confirmed.
//!
//! A mark is an exchange that nothing is ever sent to, bound to one queue: durable, so that it
//! outlives a restart as the queue does, and deleted by the broker itself with its last binding.
//! So it goes when the queue goes, alone or with all the broker's data, and the queue that is
//! declared in its place has none. One passive declaration shows whether it is there.

use lapin::options::{ExchangeDeclareOptions, ExchangeDeleteOptions, QueueBindOptions};
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ExchangeKind};
use uuid::Uuid;
use visits_core::Fault;

use super::{PATIENCE, patiently};
use crate::topology::queues_that_hear;

/// What all of them begin with.
pub(super) const MARKS: &str = "marks";

/// The mark of a publisher at a queue.
fn name(service: &str, queue: &str, mark: Uuid) -> String {
    format!("{MARKS}.{service}.{queue}.{}", mark.simple())
}

/// Whether the mark is at each queue that hears this service.
pub(super) async fn are_there(
    connection: &Connection,
    service: &str,
    mark: Uuid,
) -> Result<bool, Fault> {
    // A channel of its own: the broker closes it if one is not there.
    let channel = patiently("opening a channel", connection.create_channel()).await?;
    for queue in queues_that_hear(service) {
        if !is_there(&channel, name(service, &queue, mark)).await? {
            return Ok(false);
        }
    }
    patiently("closing a channel", channel.close(200, "looked".into())).await?;
    Ok(true)
}

async fn is_there(channel: &Channel, name: String) -> Result<bool, Fault> {
    let options = ExchangeDeclareOptions {
        passive: true,
        ..ExchangeDeclareOptions::default()
    };
    let asked = channel.exchange_declare(
        name.into(),
        ExchangeKind::Fanout,
        options,
        FieldTable::default(),
    );
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(())) => Ok(true),
        Ok(Err(error)) if is_not_found(&error) => Ok(false),
        Ok(Err(error)) => Err(Fault::transient(format!("looking for a mark: {error}"))),
        Err(_) => Err(Fault::transient("looking for a mark: no answer")),
    }
}

fn is_not_found(error: &lapin::Error) -> bool {
    let not_found = AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND);
    matches!(error.kind(), lapin::ErrorKind::ProtocolError(said) if *said.kind() == not_found)
}

/// Sets the mark at each queue that hears this service, and takes the one before away.
pub(super) async fn set(
    connection: &Connection,
    service: &str,
    mark: Uuid,
    before: Option<Uuid>,
) -> Result<(), Fault> {
    let channel = patiently("opening a channel", connection.create_channel()).await?;
    for queue in queues_that_hear(service) {
        let mark = name(service, &queue, mark);
        let options = ExchangeDeclareOptions {
            durable: true,
            auto_delete: true,
            internal: true,
            ..ExchangeDeclareOptions::default()
        };
        patiently(
            "setting a mark",
            channel.exchange_declare(
                mark.clone().into(),
                ExchangeKind::Fanout,
                options,
                FieldTable::default(),
            ),
        )
        .await?;
        // Fails if there is no such queue: a mark must not be declared without what it marks.
        let options = QueueBindOptions::default();
        patiently(
            "binding a mark",
            channel.queue_bind(
                queue.as_str().into(),
                mark.into(),
                "".into(),
                options,
                FieldTable::default(),
            ),
        )
        .await?;
        if let Some(before) = before {
            let old = name(service, &queue, before);
            let options = ExchangeDeleteOptions::default();
            let gone = channel.exchange_delete(old.into(), options);
            patiently("taking a mark away", gone).await?;
        }
    }
    patiently("closing a channel", channel.close(200, "marked".into())).await
}
