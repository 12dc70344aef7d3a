//! Takes what comes over the bus into the inbox: durably, and each event once.

use async_trait::async_trait;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    DbErr, EntityTrait,
};
use visits_bus::{Envelope, Receiver};
use visits_core::{ErrorKind, Fault, Timestamp, kill_point};

use crate::durable::{Durable, json_fault};
use crate::entity::inbox;
use crate::fault::{db_fault, refuses_the_values};

/// Takes events in for one service.
pub(crate) struct InboxReceiver {
    durable: Durable,
}

impl InboxReceiver {
    pub(crate) fn new(durable: Durable) -> Self {
        Self { durable }
    }
}

#[async_trait]
impl Receiver for InboxReceiver {
    async fn receive(&self, envelopes: &[Envelope]) -> Result<(), Fault> {
        let now = self.durable.now();
        // One order for all that write at once, so that two replicas to which the same events come
        // do not wait for each other.
        let mut ordered: Vec<&Envelope> = envelopes.iter().collect();
        ordered.sort_by(|a, b| (&a.source, a.position).cmp(&(&b.source, b.position)));
        let rows = ordered
            .into_iter()
            .map(|envelope| received(envelope, now))
            .collect::<Result<Vec<_>, Fault>>()?;
        self.durable
            .write(move |tx| {
                Box::pin(async move {
                    inbox::Entity::insert_many(rows)
                        .on_conflict(OnConflict::new().do_nothing().to_owned())
                        .exec_without_returning(tx)
                        .await
                        .map_err(unstored)?;
                    kill_point("inbox.receive.before_commit");
                    Ok(())
                })
            })
            .await?;
        kill_point("inbox.receive.after_commit");
        self.durable.announce_commit();
        Ok(())
    }
}

/// An event that can't be kept is its sender's fault; all else is the database's, and passes.
fn unstored(error: DbErr) -> Fault {
    if refuses_the_values(&error) {
        let message = format!("the database can't keep it: {error}");
        return Fault::new(ErrorKind::InvalidInput, "EVENT_NOT_STORABLE", message);
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
