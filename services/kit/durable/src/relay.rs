//! Sends what was said to the bus, in order, and marks it once the bus has confirmed it (R7).
//!
//! The relay looks for rows that are *not marked*, never for rows after the last; and it holds no
//! transaction while it waits for the bus.

use async_trait::async_trait;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use visits_bus::{Envelope, EventBus};
use visits_core::{Fault, SignedDuration, Timestamp, kill_point};

use crate::durable::Durable;
use crate::entity::outbox;
use crate::fault::db_fault;
use crate::lease;
use crate::outbox::envelope;
use crate::resend::Resend;
use crate::trace;
use crate::worker::{WokenBy, Worker};

const BATCH_MAX: u64 = 100;
pub(crate) const LEASE_NAME: &str = "relay";
/// Less than the lease, by more than a batch takes while the broker is well. Where it is not, another may
/// send the same beside us, which costs copies and nothing else.
const TRUSTED: SignedDuration = SignedDuration::from_secs(1);

pub(crate) struct Relay {
    durable: Durable,
    bus: Arc<dyn EventBus>,
    resend: Resend,
    /// As of when the lease was last found to be ours.
    held_at: Mutex<Option<Timestamp>>,
}

impl Relay {
    pub(crate) fn new(durable: Durable, bus: Arc<dyn EventBus>) -> Self {
        let resend = Resend::new(durable.clone(), bus.clone());
        Self {
            durable,
            bus,
            resend,
            held_at: Mutex::default(),
        }
    }
}

#[async_trait]
impl Worker for Relay {
    fn name(&self) -> &'static str {
        "relay"
    }

    fn woken_by(&self) -> WokenBy {
        WokenBy::Places
    }

    async fn tick(&self) -> Result<bool, Fault> {
        let unsent = self.unsent().await?;
        let is_due = self.resend.is_due().await;
        if unsent.is_empty() && !is_due {
            return Ok(false);
        }
        if !self.holds_lease().await? {
            // Somebody else knows how the bus is.
            self.durable.hear_of_bus(true);
            return Ok(false);
        }
        let outcome = self.send_and_look(unsent).await;
        self.durable.hear_of_bus(outcome.is_ok());
        outcome
    }
}

impl Relay {
    async fn unsent(&self) -> Result<Vec<outbox::Model>, Fault> {
        outbox::Entity::find()
            .filter(outbox::Column::PublishedAt.is_null())
            .filter(outbox::Column::Position.is_not_null())
            .order_by_asc(outbox::Column::Position)
            .limit(BATCH_MAX)
            .all(self.durable.loop_reads())
            .await
            .map_err(db_fault)
    }

    /// What is new goes first; what was lost goes beside it.
    async fn send_and_look(&self, unsent: Vec<outbox::Model>) -> Result<bool, Fault> {
        let is_new = !unsent.is_empty();
        if is_new {
            self.send(unsent).await?;
        }
        Ok(self.resend.go_on().await? || is_new)
    }

    async fn send(&self, unsent: Vec<outbox::Model>) -> Result<(), Fault> {
        let serials = rounded_up(unsent.iter().map(|row| row.serial).collect());
        let service = self.durable.service();
        let envelopes: Vec<Envelope> = unsent
            .into_iter()
            .map(|row| envelope(service, row))
            .collect();
        // Not confirmed as a whole: all of them go again, and receivers know them by their ids.
        kill_point("relay.publish.before");
        let sending = trace::sent(&self.durable, &envelopes);
        self.bus.publish_all(&envelopes).await?;
        drop(sending);
        kill_point("relay.confirm.after");
        self.durable.cuts().pass("mark_published")?;
        self.mark(serials).await?;
        kill_point("relay.mark.after");
        Ok(())
    }

    /// One process sends at a time: two would send everything twice, out of order. The lease is
    /// renewed with each mark, so that it need not be asked for before the next batch.
    async fn holds_lease(&self) -> Result<bool, Fault> {
        let (holder, now) = (self.durable.instance(), self.durable.now());
        let held_at = *self.held_at();
        if held_at.is_some_and(|at| at <= now && now.duration_since(at) < TRUSTED) {
            return Ok(true);
        }
        let held = self
            .durable
            .write(move |tx| {
                Box::pin(async move { lease::hold(tx, LEASE_NAME, holder, now).await })
            })
            .await?;
        *self.held_at() = held.then_some(now);
        Ok(held)
    }

    fn held_at(&self) -> MutexGuard<'_, Option<Timestamp>> {
        self.held_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn mark(&self, confirmed: Vec<i64>) -> Result<(), Fault> {
        let (holder, now) = (self.durable.instance(), self.durable.now());
        let published_at = now.as_microsecond();
        let held = self
            .durable
            .write(move |tx| {
                Box::pin(async move {
                    outbox::Entity::update_many()
                        .set(outbox::ActiveModel {
                            published_at: Set(Some(published_at)),
                            ..Default::default()
                        })
                        .filter(outbox::Column::Serial.is_in(confirmed))
                        .exec(tx)
                        .await
                        .map_err(db_fault)?;
                    let held = lease::hold(tx, LEASE_NAME, holder, now).await?;
                    kill_point("relay.mark.before_commit");
                    Ok(held)
                })
            })
            .await?;
        *self.held_at() = held.then_some(now);
        Ok(())
    }
}

/// The last one repeated until there are 1, 2, 4, 8 … of them, so that the database meets few
/// different texts and keeps each prepared.
fn rounded_up(mut serials: Vec<i64>) -> Vec<i64> {
    if let Some(last) = serials.last().copied() {
        serials.resize(serials.len().next_power_of_two(), last);
    }
    serials
}
