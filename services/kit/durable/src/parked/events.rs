//! Events that could not be handled. The later ones of the same aggregate wait for them.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, UpdateResult,
};
use uuid::Uuid;
use visits_core::clock::from_micros;
use visits_core::parked::{ParkedItem, ParkedKind, WaitingEvent};
use visits_core::{Fault, Page};

use super::{PARKED, if_parked, last_fault, state};
use crate::entity::inbox::{ActiveModel, Column, Entity, Model};
use crate::entity::inbox_progress;
use crate::fault::db_fault;
use crate::inbox::advance;
use crate::keyset::{self, Sorted};
use crate::work::Step;

pub(super) async fn page(
    reads: &impl ConnectionTrait,
    page: &Page,
) -> Result<Vec<ParkedItem>, Fault> {
    let query = Entity::find().filter(Column::State.eq(PARKED));
    let query = keyset::page(query, page, |field| match field {
        "park_time" => Sorted::number(Column::NextAttemptAt),
        _ => Sorted::id(Column::EventId),
    })?;
    let rows = query.all(reads).await.map_err(db_fault)?;
    Ok(rows.into_iter().map(item).collect())
}

pub(super) async fn find(
    reads: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<ParkedItem>, Fault> {
    let found = Entity::find().filter(Column::EventId.eq(id));
    Ok(found.one(reads).await.map_err(db_fault)?.map(item))
}

/// The first `limit` events that wait for the item.
pub(super) async fn behind(
    reads: &impl ConnectionTrait,
    item: &ParkedItem,
    limit: u64,
) -> Result<Vec<WaitingEvent>, Fault> {
    let Some(later) = later(item) else {
        return Ok(Vec::new());
    };
    let rows = Entity::find()
        .filter(later)
        .order_by_asc(Column::AggregateSequence)
        .limit(limit)
        .all(reads)
        .await
        .map_err(db_fault)?;
    Ok(rows.into_iter().map(waiting).collect())
}

/// How many events wait for the item.
pub(super) async fn count_behind(
    reads: &impl ConnectionTrait,
    item: &ParkedItem,
) -> Result<u64, Fault> {
    let Some(later) = later(item) else {
        return Ok(0);
    };
    let waiting = Entity::find().filter(later);
    waiting.count(reads).await.map_err(db_fault)
}

/// The later events of the same aggregate: they wait for their predecessor. Jobs have no order.
fn later(item: &ParkedItem) -> Option<Condition> {
    let (aggregate, id) = item.aggregate.as_ref()?;
    let condition = Condition::all()
        .add(Column::State.eq("pending"))
        .add(Column::Aggregate.eq(aggregate))
        .add(Column::AggregateId.eq(*id))
        .add(Column::AggregateSequence.gt(item.sequence));
    Some(condition)
}

pub(super) async fn retry(step: &Step, id: Uuid) -> Result<UpdateResult, Fault> {
    let change = ActiveModel {
        state: Set("pending".to_owned()),
        attempts: Set(0),
        next_attempt_at: Set(step.now().as_microsecond()),
        note: Set(None),
        ..Default::default()
    };
    update(step, id, change).await
}

/// Closes the event and lets the next of its aggregate be handled.
pub(super) async fn discard(
    step: &Step,
    item: &ParkedItem,
    note: &str,
) -> Result<UpdateResult, Fault> {
    let change = ActiveModel {
        state: Set("discarded".to_owned()),
        handled_at: Set(Some(step.now().as_microsecond())),
        note: Set(Some(note.to_owned())),
        ..Default::default()
    };
    let written = update(step, item.id, change).await?;
    let Some((aggregate, id)) = item.aggregate.as_ref() else {
        return Ok(written);
    };
    let progress = inbox_progress::Entity::find_by_id((aggregate.clone(), *id))
        .one(step.tx())
        .await
        .map_err(db_fault)?;
    let last = progress.map_or(0, |progress| progress.last_sequence);
    if written.rows_affected == 1 && last < item.sequence {
        advance(step.tx(), aggregate, *id, item.sequence).await?;
    }
    Ok(written)
}

async fn update(step: &Step, id: Uuid, change: ActiveModel) -> Result<UpdateResult, Fault> {
    if_parked::<Entity>(step, Column::EventId.eq(id), Column::State, change).await
}

fn item(row: Model) -> ParkedItem {
    let (reason, message) = last_fault(row.note.as_deref());
    // The subject is one of the envelope's ids; what the event says (`data`) is not touched.
    let subject = row.envelope["subject"].as_str().unwrap_or_default();
    ParkedItem {
        id: row.event_id,
        kind: ParkedKind::Event,
        state: state(&row.state),
        code: row.event_type,
        subject: subject.to_owned(),
        aggregate: Some((row.aggregate, row.aggregate_id)),
        sequence: row.aggregate_sequence,
        attempts: row.attempts,
        received_at: from_micros(row.received_at),
        parked_at: from_micros(row.next_attempt_at),
        reason,
        message,
        behind: 0,
    }
}

fn waiting(row: Model) -> WaitingEvent {
    WaitingEvent {
        id: row.event_id,
        event_type: row.event_type,
        sequence: row.aggregate_sequence,
        received_at: from_micros(row.received_at),
    }
}
