//! Jobs that could not be done. Nothing waits for them: jobs have no order.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, UpdateResult,
};
use uuid::Uuid;
use visits_core::clock::from_micros;
use visits_core::parked::{ParkedItem, ParkedKind};
use visits_core::{Fault, Page};

use super::{if_parked, last_fault, state};
use crate::entity::jobs::{ActiveModel, Column, Entity, Model};
use crate::fault::db_fault;
use crate::jobs::is_parked;
use crate::keyset::{self, Sorted};
use crate::work::Step;

pub(super) async fn page(
    reads: &impl ConnectionTrait,
    page: &Page,
) -> Result<Vec<ParkedItem>, Fault> {
    let query = Entity::find().filter(is_parked());
    let query = keyset::page(query, page, |field| match field {
        "park_time" => Sorted::number(Column::NextAttemptAt),
        _ => Sorted::id(Column::Id),
    })?;
    let rows = query.all(reads).await.map_err(db_fault)?;
    Ok(rows.into_iter().map(item).collect())
}

pub(super) async fn find(
    reads: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<ParkedItem>, Fault> {
    let found = Entity::find_by_id(id);
    Ok(found.one(reads).await.map_err(db_fault)?.map(item))
}

pub(super) async fn retry(step: &Step, id: Uuid) -> Result<UpdateResult, Fault> {
    let change = ActiveModel {
        state: Set("armed".to_owned()),
        attempts: Set(0),
        next_attempt_at: Set(step.now().as_microsecond()),
        token: Set(None),
        lease_until: Set(None),
        note: Set(None),
        ..Default::default()
    };
    update(step, id, change).await
}

pub(super) async fn discard(step: &Step, id: Uuid, note: &str) -> Result<UpdateResult, Fault> {
    let change = ActiveModel {
        state: Set("discarded".to_owned()),
        finished_at: Set(Some(step.now().as_microsecond())),
        note: Set(Some(note.to_owned())),
        ..Default::default()
    };
    update(step, id, change).await
}

async fn update(step: &Step, id: Uuid, change: ActiveModel) -> Result<UpdateResult, Fault> {
    if_parked::<Entity>(step, Column::Id.eq(id), Column::State, change).await
}

fn item(row: Model) -> ParkedItem {
    let (reason, message) = last_fault(row.note.as_deref());
    ParkedItem {
        id: row.id,
        kind: ParkedKind::Job,
        state: state(&row.state),
        code: row.kind,
        subject: row.subject,
        aggregate: None,
        sequence: row.generation,
        attempts: row.attempts,
        received_at: from_micros(row.created_at),
        parked_at: from_micros(row.next_attempt_at),
        reason,
        message,
        behind: 0,
    }
}
