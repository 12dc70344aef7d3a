//! What a step says to the outside: rows written in its transaction, sent by the relay.

use std::collections::HashMap;

use prost::Name;
use sea_orm::ColumnTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Func, InsertStatement, Query};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;
use visits_bus::Envelope;
use visits_core::{Timestamp, clock::from_micros};

use crate::entity::outbox;

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

/// An event that a step says.
#[derive(Debug)]
pub(crate) struct Saying {
    pub(crate) id: Uuid,
    pub(crate) of: AggregateRef,
    pub(crate) event: PublicEvent,
    pub(crate) traceparent: Option<String>,
}

/// By whom, why and when a step says what it says.
#[derive(Clone, Copy)]
pub(crate) struct Speaker<'a> {
    pub(crate) actor: &'a str,
    pub(crate) causation_id: Option<Uuid>,
    pub(crate) recorded_at: Timestamp,
}

const COLUMNS: [outbox::Column; 13] = [
    outbox::Column::Id,
    outbox::Column::EventType,
    outbox::Column::Subject,
    outbox::Column::Aggregate,
    outbox::Column::AggregateId,
    outbox::Column::AggregateSequence,
    outbox::Column::CorrelationId,
    outbox::Column::CausationId,
    outbox::Column::Actor,
    outbox::Column::Traceparent,
    outbox::Column::Data,
    outbox::Column::OccurredAt,
    outbox::Column::RecordedAt,
];

/// The rows of what one step says, in its order.
pub(crate) fn rows(said: Vec<Saying>, speaker: Speaker<'_>) -> InsertStatement {
    let mut insert = Query::insert();
    insert.into_table(outbox::Entity).columns(COLUMNS);
    let mut said_before: HashMap<(&'static str, Uuid), i64> = HashMap::new();
    for Saying {
        id,
        of,
        event,
        traceparent,
    } in said
    {
        let nth = said_before.entry((of.kind, of.id)).or_default();
        *nth += 1;
        insert.values_panic([
            id.into(),
            event.event_type.into(),
            of.subject.into(),
            of.kind.into(),
            of.id.into(),
            last_sequence(of.kind, of.id).add(*nth),
            of.correlation_id.into(),
            speaker.causation_id.into(),
            speaker.actor.into(),
            traceparent.into(),
            event.data.into(),
            event.occurred_at.as_microsecond().into(),
            speaker.recorded_at.as_microsecond().into(),
        ]);
    }
    insert
}

/// How many events the aggregate has said before this step. Its own row is locked by the step, so
/// nobody else numbers its events now (B5).
fn last_sequence(aggregate: &str, id: Uuid) -> Expr {
    let last = Query::select()
        .expr(Func::coalesce([
            outbox::Column::AggregateSequence.max(),
            Expr::value(0_i64),
        ]))
        .from(outbox::Entity)
        .and_where(outbox::Column::Aggregate.eq(aggregate))
        .and_where(outbox::Column::AggregateId.eq(id))
        .take();
    Expr::SubQuery(None, Box::new(last.into()))
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
