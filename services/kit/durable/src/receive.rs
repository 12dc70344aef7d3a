//! Takes what comes over the bus into the inbox: durably, and each event once.

use std::sync::Arc;

use async_trait::async_trait;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    DatabaseTransaction, DbErr, EntityTrait,
};
use visits_bus::{EVENT_NOT_STORABLE, Envelope, GivenUp, Receiver};
use visits_core::{ErrorKind, Fault, Timestamp, kill_point};

use crate::durable::{Durable, json_fault};
use crate::entity::inbox;
use crate::fault::{db_fault, refuses_the_values};
use crate::parked::messages;

impl Durable {
    /// Takes in for this service what comes over a bus.
    #[must_use]
    pub fn receiver(&self) -> Arc<dyn Receiver> {
        Arc::new(InboxReceiver {
            durable: self.clone(),
        })
    }
}

struct InboxReceiver {
    durable: Durable,
}

#[async_trait]
impl Receiver for InboxReceiver {
    async fn receive(&self, envelopes: &[Envelope]) -> Result<(), Fault> {
        let now = self.durable.now();
        let envelopes = envelopes.to_vec();
        self.durable
            .write(move |tx| {
                Box::pin(async move {
                    store(tx, &envelopes, now).await?;
                    kill_point("inbox.receive.before_commit");
                    Ok(())
                })
            })
            .await?;
        kill_point("inbox.receive.after_commit");
        self.durable.announce_commit();
        Ok(())
    }

    async fn put_aside(&self, message: GivenUp) -> Result<(), Fault> {
        let now = self.durable.now();
        self.durable
            .write(move |tx| Box::pin(async move { messages::put_aside(tx, message, now).await }))
            .await
    }
}

/// Takes events in, but for those that are there already.
pub(crate) async fn store(
    tx: &DatabaseTransaction,
    envelopes: &[Envelope],
    now: Timestamp,
) -> Result<(), Fault> {
    // One order for all that write at once, so that two replicas to which the same events come do
    // not wait for each other.
    let mut ordered: Vec<&Envelope> = envelopes.iter().collect();
    ordered.sort_by(|a, b| (&a.source, a.position).cmp(&(&b.source, b.position)));
    let rows = ordered
        .into_iter()
        .map(|envelope| received(envelope, now))
        .collect::<Result<Vec<_>, Fault>>()?;
    inbox::Entity::insert_many(rows)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await
        .map_err(unstored)?;
    Ok(())
}

/// An event that can't be kept is its sender's fault; all else is the database's, and passes.
fn unstored(error: DbErr) -> Fault {
    if refuses_the_values(&error) {
        let message = format!("the database can't keep it: {error}");
        return Fault::new(ErrorKind::InvalidInput, EVENT_NOT_STORABLE, message);
    }
    db_fault(error)
}

fn received(envelope: &Envelope, now: Timestamp) -> Result<inbox::ActiveModel, Fault> {
    let now = now.as_microsecond();
    Ok(inbox::ActiveModel {
        serial: NotSet,
        event_id: Set(envelope.id),
        event_type: Set(envelope.event_type.clone()),
        aggregate: Set(envelope.aggregate.clone()),
        aggregate_id: Set(envelope.aggregate_id),
        aggregate_sequence: Set(envelope.aggregate_sequence),
        envelope: Set(serde_json::to_value(envelope).map_err(json_fault("an envelope"))?),
        state: Set("pending".to_owned()),
        attempts: Set(0),
        next_attempt_at: Set(now),
        received_at: Set(now),
        handled_at: Set(None),
        note: Set(None),
    })
}
