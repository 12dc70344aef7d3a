//! What a step says to the outside: rows written in its transaction, sent by the relay.

use prost::Name;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect,
};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;
use visits_bus::Envelope;
use visits_core::{Fault, Timestamp, clock::from_micros};

use crate::entity::outbox;
use crate::fault::db_fault;

/// Which aggregate speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AggregateRef {
    /// Its kind: `escalation.case`.
    pub kind: &'static str,
    /// Which one.
    pub id: Uuid,
    /// Its resource name: `cases/0192…`.
    pub subject: String,
    /// The visit that it belongs to, or its own subject.
    pub correlation_id: String,
}

/// A public event about to be said: the message as proto-JSON, and when it happened.
#[derive(Clone, Debug, PartialEq)]
pub struct PublicEvent {
    event_type: String,
    data: Value,
    occurred_at: Timestamp,
}

impl PublicEvent {
    /// The event of a contract's message.
    pub fn new<M: Name + Serialize>(message: &M, occurred_at: Timestamp) -> Self {
        Self {
            event_type: M::full_name(),
            // Generated messages hold nothing that JSON can't.
            data: serde_json::to_value(message).unwrap_or(Value::Null),
            occurred_at,
        }
    }

    /// The full name of its message.
    #[must_use]
    pub fn event_type(&self) -> &str {
        &self.event_type
    }
}

/// By whom and when it was said.
pub(crate) struct Said {
    pub(crate) id: Uuid,
    pub(crate) actor: String,
    pub(crate) causation_id: Option<Uuid>,
    pub(crate) recorded_at: Timestamp,
}

pub(crate) async fn append(
    tx: &DatabaseTransaction,
    of: &AggregateRef,
    event: PublicEvent,
    said: Said,
) -> Result<(), Fault> {
    // The aggregate's own row is locked by this step, so nobody else numbers its events now (B5).
    let last: Option<Option<i64>> = outbox::Entity::find()
        .select_only()
        .column_as(outbox::Column::AggregateSequence.max(), "last")
        .filter(outbox::Column::Aggregate.eq(of.kind))
        .filter(outbox::Column::AggregateId.eq(of.id))
        .into_tuple()
        .one(tx)
        .await
        .map_err(db_fault)?;
    let row = outbox::ActiveModel {
        serial: NotSet,
        id: Set(said.id),
        position: Set(None),
        event_type: Set(event.event_type),
        subject: Set(of.subject.clone()),
        aggregate: Set(of.kind.to_owned()),
        aggregate_id: Set(of.id),
        aggregate_sequence: Set(last.flatten().unwrap_or(0) + 1),
        correlation_id: Set(of.correlation_id.clone()),
        causation_id: Set(said.causation_id),
        actor: Set(said.actor),
        traceparent: Set(visits_trace::Trace::current().traceparent()),
        data: Set(event.data),
        occurred_at: Set(event.occurred_at.as_microsecond()),
        recorded_at: Set(said.recorded_at.as_microsecond()),
        published_at: Set(None),
    };
    outbox::Entity::insert(row)
        .exec_without_returning(tx)
        .await
        .map_err(db_fault)?;
    Ok(())
}

/// The envelope of a row that has its place in the feed.
pub(crate) fn envelope(service: &str, row: outbox::Model) -> Envelope {
    Envelope {
        id: row.id,
        event_type: row.event_type,
        source: format!("/services/{service}"),
        subject: row.subject,
        aggregate: row.aggregate,
        aggregate_id: row.aggregate_id,
        aggregate_sequence: row.aggregate_sequence,
        position: row.position.unwrap_or(0),
        correlation_id: row.correlation_id,
        causation_id: row.causation_id,
        actor: row.actor,
        occurred_at: from_micros(row.occurred_at),
        recorded_at: from_micros(row.recorded_at),
        traceparent: row.traceparent,
        data: row.data,
    }
}
