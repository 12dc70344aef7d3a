//! Sends what is in the outbox, waits until the broker has it, and forgets it.

use std::sync::Arc;
use std::time::Duration;

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use tokio::sync::Notify;
use visits_durable::sea_orm::sqlx::{self, PgPool, Row as _};

const QUEUE: &str = "perf.events";
const PERSISTENT: u8 = 2;
const LOOK_EVERY: Duration = Duration::from_millis(50);
const NEXT: &str = "SELECT serial, payload FROM outbox ORDER BY serial LIMIT 500";

pub(super) struct Relay {
    _connection: Connection,
    channel: Channel,
}

impl Relay {
    pub(super) async fn connect(bus: &str) -> anyhow::Result<Self> {
        let connection = Connection::connect(bus, ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        let durable = QueueDeclareOptions {
            durable: true,
            ..QueueDeclareOptions::default()
        };
        channel
            .queue_declare(QUEUE.into(), durable, FieldTable::default())
            .await?;
        channel
            .confirm_select(ConfirmSelectOptions::default())
            .await?;
        Ok(Self {
            _connection: connection,
            channel,
        })
    }

    pub(super) async fn run(self, database: PgPool, said: Arc<Notify>) {
        loop {
            match self.send(&database).await {
                Ok(0) => {
                    let _ = tokio::time::timeout(LOOK_EVERY, said.notified()).await;
                }
                Ok(_) => {}
                Err(error) => {
                    eprintln!("relay: {error:#}");
                    std::process::exit(3);
                }
            }
        }
    }

    async fn send(&self, database: &PgPool) -> anyhow::Result<usize> {
        let rows = sqlx::query(NEXT).fetch_all(database).await?;
        let (mut serials, mut confirms) = (Vec::<i64>::new(), Vec::new());
        for row in &rows {
            serials.push(row.try_get(0)?);
            let payload: &str = row.try_get(1)?;
            let sent = self
                .channel
                .basic_publish(
                    "".into(),
                    QUEUE.into(),
                    BasicPublishOptions::default(),
                    payload.as_bytes(),
                    BasicProperties::default().with_delivery_mode(PERSISTENT),
                )
                .await?;
            confirms.push(sent);
        }
        for confirm in confirms {
            confirm.await?;
        }
        if !serials.is_empty() {
            sqlx::query("DELETE FROM outbox WHERE serial = ANY($1)")
                .bind(&serials)
                .execute(database)
                .await?;
        }
        Ok(serials.len())
    }
}
