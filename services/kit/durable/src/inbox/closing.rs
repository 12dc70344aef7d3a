//! How an event is closed, and the next of its aggregate comes up.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use uuid::Uuid;
use visits_bus::Envelope;
use visits_core::{ErrorKind, Fault, Timestamp};

use super::ALREADY_HANDLED;
use crate::entity::{inbox, inbox_progress};
use crate::fault::db_fault;

pub(crate) fn already_handled() -> Fault {
    Fault::new(
        ErrorKind::AlreadyExists,
        ALREADY_HANDLED,
        "it was handled before",
    )
}

/// Marks the event handled, in the transaction of its effect.
pub(crate) async fn admit(
    tx: &DatabaseTransaction,
    envelope: &Envelope,
    now: Timestamp,
) -> Result<(), Fault> {
    finish(tx, envelope, "done", None, now).await
}

/// Closes the event, and lets the next of its aggregate be handled.
pub(super) async fn finish(
    tx: &DatabaseTransaction,
    envelope: &Envelope,
    state: &'static str,
    note: Option<String>,
    now: Timestamp,
) -> Result<(), Fault> {
    mark_closed(tx, envelope.id, state, note, now).await?;
    advance(
        tx,
        &envelope.aggregate,
        envelope.aggregate_id,
        envelope.aggregate_sequence,
    )
    .await
}

pub(super) async fn mark_closed(
    tx: &DatabaseTransaction,
    event_id: Uuid,
    state: &'static str,
    note: Option<String>,
    now: Timestamp,
) -> Result<(), Fault> {
    let marked = inbox::Entity::update_many()
        .set(inbox::ActiveModel {
            state: Set(state.to_owned()),
            handled_at: Set(Some(now.as_microsecond())),
            note: Set(note),
            ..Default::default()
        })
        .filter(inbox::Column::EventId.eq(event_id))
        .filter(inbox::Column::State.eq("pending"))
        .exec(tx)
        .await
        .map_err(db_fault)?;
    if marked.rows_affected == 1 {
        Ok(())
    } else {
        Err(already_handled())
    }
}

/// Lets the event after `sequence` be the next of its aggregate.
pub(crate) async fn advance(
    tx: &DatabaseTransaction,
    aggregate: &str,
    aggregate_id: Uuid,
    sequence: i64,
) -> Result<(), Fault> {
    let progress = inbox_progress::ActiveModel {
        aggregate: Set(aggregate.to_owned()),
        aggregate_id: Set(aggregate_id),
        last_sequence: Set(sequence),
    };
    inbox_progress::Entity::insert(progress)
        .on_conflict(
            OnConflict::columns([
                inbox_progress::Column::Aggregate,
                inbox_progress::Column::AggregateId,
            ])
            .update_column(inbox_progress::Column::LastSequence)
            .to_owned(),
        )
        .exec_without_returning(tx)
        .await
        .map_err(db_fault)?;
    Ok(())
}

/// What was handled meanwhile, by the step itself or by a replica, is closed.
pub(super) fn unless_handled(closed: Result<(), Fault>) -> Result<(), Fault> {
    match closed {
        Err(fault) if fault.reason == ALREADY_HANDLED => Ok(()),
        closed => closed,
    }
}
