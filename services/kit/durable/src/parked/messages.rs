//! What the broker gave up: a message that is no event, or none that could be kept.
//!
//! It is kept as it came, so that it can be tried again once it can be read. Nobody is shown what it
//! says (R19): its size and its SHA-256 tell one from another. Who gives it up throws its words away.

use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DerivePartialModel,
    EntityTrait, PaginatorTrait, QueryFilter, UpdateResult,
};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use visits_bus::{EVENT_UNREADABLE, Envelope, GivenUp};
use visits_core::clock::from_micros;
use visits_core::parked::{ParkedItem, ParkedKind};
use visits_core::{ErrorKind, Fault, Page, Timestamp};

use super::{PARKED, if_parked, last_fault, state};
use crate::entity::parked_messages::{ActiveModel, Column, Entity};
use crate::fault::db_fault;
use crate::keyset::{self, Sorted};
use crate::receive;
use crate::work::Step;

/// Of a larger one only size and hash are kept: none of ours is as large.
const BODY_MAX: usize = 1024 * 1024;

/// Since when one waits that comes again.
const SINCE: &str = "CASE parked_messages.state WHEN 'parked' THEN parked_messages.parked_at \
    ELSE excluded.parked_at END";

/// What is shown of one: its body stays where it is.
#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
struct Shown {
    id: Uuid,
    sent_as: String,
    sha256: String,
    size: i64,
    state: String,
    times: i32,
    received_at: i64,
    parked_at: i64,
    note: Option<String>,
}

/// Puts it aside; the same once more is the same item.
pub(crate) async fn put_aside(
    tx: &DatabaseTransaction,
    message: GivenUp,
    now: Timestamp,
) -> Result<(), Fault> {
    let now = now.as_microsecond();
    let mut hash = Sha256::new();
    hash.update(&message.body);
    let sha256 = hex::encode(hash.finalize());
    let size = message.body.len();
    let row = ActiveModel {
        id: Set(id_of(&message.sent_as, &message.body)),
        sent_as: Set(message.sent_as),
        sha256: Set(sha256),
        size: Set(i64::try_from(size).unwrap_or(i64::MAX)),
        body: Set((size <= BODY_MAX).then_some(message.body)),
        state: Set(PARKED.to_owned()),
        times: Set(1),
        received_at: Set(now),
        parked_at: Set(now),
        closed_at: Set(None),
        note: Set(Some(format!("{}: {}", message.why.reason, message.why))),
    };
    let mut again = OnConflict::column(Column::Id);
    again
        .update_columns([Column::Body, Column::State, Column::ClosedAt, Column::Note])
        .value(Column::ParkedAt, Expr::cust(SINCE))
        .value(Column::Times, Expr::col((Entity, Column::Times)).add(1));
    Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(tx)
        .await
        .map_err(db_fault)?;
    Ok(())
}

/// From what it is: a copy has the same.
fn id_of(sent_as: &str, body: &[u8]) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(sent_as.as_bytes());
    hash.update([0]);
    hash.update(body);
    let hash = hash.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

pub(super) async fn page(
    reads: &impl ConnectionTrait,
    page: &Page,
) -> Result<Vec<ParkedItem>, Fault> {
    let query = Entity::find().filter(Column::State.eq(PARKED));
    let query = keyset::page(query, page, |field| match field {
        "park_time" => Sorted::number(Column::ParkedAt),
        _ => Sorted::id(Column::Id),
    })?;
    let rows = query.into_partial_model::<Shown>().all(reads).await;
    Ok(rows.map_err(db_fault)?.into_iter().map(item).collect())
}

pub(super) async fn find(
    reads: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<ParkedItem>, Fault> {
    let found = Entity::find_by_id(id).into_partial_model::<Shown>();
    Ok(found.one(reads).await.map_err(db_fault)?.map(item))
}

pub(crate) async fn count(reads: &impl ConnectionTrait) -> Result<u64, Fault> {
    let parked = Entity::find().filter(Column::State.eq(PARKED));
    parked.count(reads).await.map_err(db_fault)
}

/// Reads it once more, and takes it in as the event that it is.
pub(super) async fn retry(step: &Step, id: Uuid) -> Result<UpdateResult, Fault> {
    let found = Entity::find_by_id(id).one(step.tx()).await;
    let found = found.map_err(db_fault)?.filter(|row| row.state == PARKED);
    if let Some(row) = found {
        let body = row.body.ok_or_else(too_large)?;
        let envelope = Envelope::read(&body).map_err(still)?;
        let stored = receive::store(step.tx(), &[envelope], step.now()).await;
        stored.map_err(still)?;
    }
    close(step, id, "retried", None).await
}

fn too_large() -> Fault {
    let words = "it is larger than any event, and was not kept";
    Fault::new(ErrorKind::WrongState, EVENT_UNREADABLE, words)
}

/// What kept it from being an event still does: the request is sound.
fn still(fault: Fault) -> Fault {
    match fault.kind {
        ErrorKind::InvalidInput => {
            let words = format!("it still can't be taken in: {fault}");
            Fault::new(ErrorKind::WrongState, fault.reason, words)
        }
        _ => fault,
    }
}

pub(super) async fn discard(step: &Step, id: Uuid, note: &str) -> Result<UpdateResult, Fault> {
    close(step, id, "discarded", Some(note.to_owned())).await
}

async fn close(
    step: &Step,
    id: Uuid,
    state: &str,
    note: Option<String>,
) -> Result<UpdateResult, Fault> {
    let change = ActiveModel {
        state: Set(state.to_owned()),
        body: Set(None),
        closed_at: Set(Some(step.now().as_microsecond())),
        note: Set(note),
        ..Default::default()
    };
    if_parked::<Entity>(step, Column::Id.eq(id), Column::State, change).await
}

fn item(row: Shown) -> ParkedItem {
    let (reason, message) = last_fault(row.note.as_deref());
    ParkedItem {
        id: row.id,
        kind: ParkedKind::Message,
        state: state(&row.state),
        code: row.sent_as,
        subject: format!("{} bytes, sha256:{:.16}…", row.size, row.sha256),
        aggregate: None,
        sequence: 0,
        attempts: row.times,
        received_at: from_micros(row.received_at),
        parked_at: from_micros(row.parked_at),
        reason,
        message,
        behind: 0,
    }
}
