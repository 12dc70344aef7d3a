//! Sends what was said to the bus, in order, and marks it once the bus has confirmed it (R7).
//!
//! The relay looks for rows that are *not marked*, never for rows after the last; and it holds no
//! transaction while it waits for the bus.

use async_trait::async_trait;
use std::sync::Arc;

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use visits_bus::EventBus;
use visits_core::Fault;

use crate::durable::Durable;
use crate::entity::outbox;
use crate::fault::db_fault;
use crate::outbox::envelope;
use crate::worker::Worker;

const BATCH_MAX: u64 = 100;

pub(crate) struct Relay {
    durable: Durable,
    bus: Arc<dyn EventBus>,
}

impl Relay {
    pub(crate) fn new(durable: Durable, bus: Arc<dyn EventBus>) -> Self {
        Self { durable, bus }
    }
}

#[async_trait]
impl Worker for Relay {
    fn name(&self) -> &'static str {
        "relay"
    }

    async fn tick(&self) -> Result<bool, Fault> {
        let unsent = outbox::Entity::find()
            .filter(outbox::Column::PublishedAt.is_null())
            .filter(outbox::Column::Position.is_not_null())
            .order_by_asc(outbox::Column::Position)
            .limit(BATCH_MAX)
            .all(self.durable.reads())
            .await
            .map_err(db_fault)?;
        if unsent.is_empty() {
            return Ok(false);
        }
        let mut confirmed = Vec::with_capacity(unsent.len());
        let mut stopped = None;
        for row in unsent {
            let serial = row.serial;
            match self
                .bus
                .publish(&envelope(self.durable.service(), row))
                .await
            {
                Ok(()) => confirmed.push(serial),
                // What comes after it waits: order holds within each aggregate.
                Err(fault) => {
                    stopped = Some(fault);
                    break;
                }
            }
        }
        self.durable.cuts().pass("mark_published")?;
        self.mark(confirmed).await?;
        stopped.map_or(Ok(true), Err)
    }
}

impl Relay {
    async fn mark(&self, confirmed: Vec<i64>) -> Result<(), Fault> {
        if confirmed.is_empty() {
            return Ok(());
        }
        let now = self.durable.now().as_microsecond();
        self.durable
            .write(move |tx| {
                Box::pin(async move {
                    outbox::Entity::update_many()
                        .set(outbox::ActiveModel {
                            published_at: Set(Some(now)),
                            ..Default::default()
                        })
                        .filter(outbox::Column::Serial.is_in(confirmed))
                        .exec(tx)
                        .await
                        .map_err(db_fault)?;
                    Ok(())
                })
            })
            .await
    }
}
