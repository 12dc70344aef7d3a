//! Publishing: persistent, mandatory, confirmed within our patience (R7).

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{Channel, Confirmation, Connection};
use uuid::Uuid;
use visits_core::{Fault, kill_point};

use super::{CONFIRM, Settings, connect, declare, marks, message, patiently};
use crate::Envelope;
use crate::topology::EVENTS;

/// A connection of its own, for publishing only.
pub(super) struct Publisher {
    service: &'static str,
    channel: Channel,
    /// Dropped with the publisher: closes the channel too.
    connection: Connection,
}

impl Publisher {
    /// Connects and declares everything, so that no event finds no queue.
    pub(super) async fn connect(settings: &Settings) -> Result<Self, Fault> {
        let connection = connect(settings, "publisher").await?;
        let channel = patiently("opening a channel", connection.create_channel()).await?;
        declare::everything(&channel).await?;
        let options = ConfirmSelectOptions::default();
        patiently("asking for confirms", channel.confirm_select(options)).await?;
        kill_point("publisher.connect.after");
        Ok(Self {
            service: settings.service,
            channel,
            connection,
        })
    }

    /// Whether nothing was lost since this mark was set.
    pub(super) async fn remembers(&self, mark: Uuid) -> Result<bool, Fault> {
        marks::are_there(&self.connection, self.service, mark).await
    }

    /// Sets a mark in place of the one before.
    pub(super) async fn set_mark(&self, mark: Uuid, before: Option<Uuid>) -> Result<(), Fault> {
        marks::set(&self.connection, self.service, mark, before).await
    }

    /// Sends all, then waits for each to be confirmed.
    pub(super) async fn publish_all(&self, envelopes: &[Envelope]) -> Result<(), Fault> {
        let mut promised = Vec::with_capacity(envelopes.len());
        for envelope in envelopes {
            let body = message::body(envelope)?;
            let options = BasicPublishOptions {
                mandatory: true,
                ..BasicPublishOptions::default()
            };
            let sent = self.channel.basic_publish(
                EVENTS.into(),
                envelope.event_type.clone().into(),
                options,
                &body,
                message::properties(envelope, self.service),
            );
            promised.push((envelope, patiently("publishing", sent).await?));
            kill_point("publisher.send.after");
        }
        for (envelope, confirm) in promised {
            match patiently(CONFIRM, confirm).await? {
                Confirmation::Ack(None) => kill_point("publisher.confirm.after"),
                // The broker took it and had nowhere to put it: that is not delivered.
                Confirmation::Ack(Some(_)) => {
                    return Err(Fault::transient(format!(
                        "no queue is bound for {}; event {} stays in the outbox",
                        envelope.event_type, envelope.id
                    )));
                }
                Confirmation::Nack(_) | Confirmation::NotRequested => {
                    return Err(Fault::transient(format!(
                        "the broker refused event {}",
                        envelope.id
                    )));
                }
            }
        }
        Ok(())
    }
}
