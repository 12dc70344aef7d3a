//! A stranger who makes noise: sends again what he has heard, however old it is, and sends what is
//! no event at all.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, ensure};
use futures_util::StreamExt as _;
use lapin::options::{
    BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, QueueBindOptions,
    QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties};
use visits_bus::topology::EVENTS;

/// A message as it came.
#[derive(Clone)]
struct Copied {
    key: String,
    properties: BasicProperties,
    body: Vec<u8>,
}

/// The stranger.
pub struct Noise {
    copies: Arc<Mutex<VecDeque<Copied>>>,
    channel: Channel,
    _connection: Connection,
    listening: tokio::task::JoinHandle<()>,
}

impl Noise {
    /// Copies everything from now on. The exchange must be there.
    ///
    /// # Errors
    /// If the broker refuses.
    pub async fn begin(url: &str) -> anyhow::Result<Self> {
        let connection = Connection::connect(url, ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        let options = QueueDeclareOptions {
            exclusive: true,
            ..QueueDeclareOptions::default()
        };
        let table = FieldTable::default;
        let queue = channel.queue_declare("".into(), options, table()).await?;
        let name = queue.name().clone();
        let options = QueueBindOptions::default();
        channel
            .queue_bind(name.clone(), EVENTS.into(), "#".into(), options, table())
            .await?;
        let options = BasicConsumeOptions {
            no_ack: true,
            ..BasicConsumeOptions::default()
        };
        let mut deliveries = channel
            .basic_consume(name, "noise".into(), options, table())
            .await?;
        let copies = Arc::<Mutex<VecDeque<Copied>>>::default();
        let own = copies.clone();
        let listening = tokio::spawn(async move {
            while let Some(Ok(delivery)) = deliveries.next().await {
                // His own ravings, which are counted, have no id.
                if delivery.properties.message_id().is_none() {
                    continue;
                }
                let mut copies = own.lock().unwrap_or_else(PoisonError::into_inner);
                copies.push_back(Copied {
                    key: delivery.routing_key.to_string(),
                    properties: delivery.properties,
                    body: delivery.data,
                });
            }
        });
        let channel = connection.create_channel().await?;
        channel
            .confirm_select(ConfirmSelectOptions::default())
            .await?;
        Ok(Self {
            copies,
            channel,
            _connection: connection,
            listening,
        })
    }

    /// How many events he has copied, those among them that he sent again.
    #[must_use]
    pub fn copied(&self) -> usize {
        let copies = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
        copies.len()
    }

    /// Sends what he heard in this place so often again.
    ///
    /// # Errors
    /// If the broker does not take it.
    pub async fn repeat(&self, place: usize, times: usize) -> anyhow::Result<()> {
        let copy = {
            let copies = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
            copies.get(place).cloned().context("it was heard")?
        };
        let mut promised = Vec::new();
        for _ in 0..times {
            promised.push(self.send(&copy).await?);
        }
        for promise in promised {
            ensure!(matches!(promise.await?, Confirmation::Ack(None)));
        }
        Ok(())
    }

    /// Sends what nobody can read to all who hear this type of event.
    ///
    /// # Errors
    /// If the broker does not take it.
    pub async fn rave(&self, key: &str, body: &[u8]) -> anyhow::Result<()> {
        let raving = Copied {
            key: key.to_owned(),
            properties: BasicProperties::default().with_delivery_mode(2),
            body: body.to_vec(),
        };
        let taken = self.send(&raving).await?.await?;
        ensure!(matches!(taken, Confirmation::Ack(None)), "{taken:?}");
        Ok(())
    }

    async fn send(&self, copy: &Copied) -> anyhow::Result<lapin::PublisherConfirm> {
        let options = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let sent = self.channel.basic_publish(
            EVENTS.into(),
            copy.key.clone().into(),
            options,
            &copy.body,
            copy.properties.clone(),
        );
        Ok(sent.await?)
    }
}

impl Drop for Noise {
    fn drop(&mut self) {
        self.listening.abort();
    }
}
