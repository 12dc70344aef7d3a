//! A stranger who is bound to the exchange and counts what goes over the wire: the events' ids, and
//! how often each.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt as _;
use lapin::options::{BasicConsumeOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties};
use visits_bus::topology::EVENTS;

/// What was heard so far.
pub type Heard = Arc<Mutex<BTreeMap<String, u32>>>;

/// The stranger; hears until dropped.
pub struct Spy {
    heard: Heard,
    _connection: Connection,
    task: tokio::task::JoinHandle<()>,
}

impl Spy {
    /// Binds a queue of its own to every event. The exchange must be there.
    ///
    /// # Errors
    /// If the broker refuses.
    pub async fn listen(url: &str) -> anyhow::Result<Self> {
        let connection = Connection::connect(url, ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        let options = QueueDeclareOptions {
            exclusive: true,
            ..QueueDeclareOptions::default()
        };
        let table = FieldTable::default;
        let queue = channel.queue_declare("".into(), options, table()).await?;
        let name = queue.name().clone();
        channel
            .queue_bind(
                name.clone(),
                EVENTS.into(),
                "#".into(),
                QueueBindOptions::default(),
                table(),
            )
            .await?;
        let options = BasicConsumeOptions {
            no_ack: true,
            ..BasicConsumeOptions::default()
        };
        let mut deliveries = channel
            .basic_consume(name, "spy".into(), options, table())
            .await?;
        let heard = Heard::default();
        let ear = heard.clone();
        let task = tokio::spawn(async move {
            while let Some(Ok(delivery)) = deliveries.next().await {
                let id = delivery.properties.message_id().as_ref();
                let id = id.map_or_else(String::new, ToString::to_string);
                let mut heard = ear.lock().unwrap_or_else(PoisonError::into_inner);
                *heard.entry(id).or_default() += 1;
            }
        });
        Ok(Self {
            heard,
            _connection: connection,
            task,
        })
    }

    /// How often each event was heard.
    #[must_use]
    pub fn heard(&self) -> BTreeMap<String, u32> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.clone()
    }
}

impl Drop for Spy {
    fn drop(&mut self) {
        self.task.abort();
    }
}
