//! What waits for an operator: events and jobs that could not be handled, and messages of which no event
//! could be made (R10).
//!
//! An operator retries an item or discards it with a note, as a request like any other: once for a
//! `request_id`, with its audit row in the same transaction. Of two who try at once the number of
//! rows lets one win. What an event or a job carried is not shown (R19).

pub(crate) mod messages;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, UpdateResult,
};
use serde_json::json;
use uuid::Uuid;
use visits_core::clock::from_micros;
use visits_core::parked::{ParkedItem, ParkedKind, ParkedState, WaitingEvent};
use visits_core::{ErrorKind, Fault, Page};

use crate::cause::Cause;
use crate::durable::Durable;
use crate::entity::{inbox, inbox_progress, jobs};
use crate::fault::db_fault;
use crate::inbox::advance;
use crate::jobs::is_parked;
use crate::keyset::{self, Sorted};
use crate::work::Step;

/// The reason of a fault that says: somebody has retried or discarded this item before.
pub const PARKED_ITEM_GONE: &str = "PARKED_ITEM_GONE";

const PARKED: &str = "parked";
/// What is shown of a fault's words; the log has the rest.
const MESSAGE_CHARS_MAX: usize = 500;

/// What an operator decides about a parked item.
#[derive(Clone)]
enum Decision {
    Retry,
    Discard { note: String },
}

impl Durable {
    /// A page of the items that wait for an operator, of that kind or all.
    ///
    /// # Errors
    /// `Transient` if the database can't be read.
    pub async fn parked(
        &self,
        kind: Option<ParkedKind>,
        page: &Page,
    ) -> Result<Vec<ParkedItem>, Fault> {
        let wants = |one| kind.is_none_or(|kind| kind == one);
        let mut items = Vec::new();
        if wants(ParkedKind::Event) {
            items.extend(self.parked_events(page).await?);
        }
        if wants(ParkedKind::Job) {
            items.extend(self.parked_jobs(page).await?);
        }
        if wants(ParkedKind::Message) {
            items.extend(messages::page(self.reads(), page).await?);
        }
        let mut items = page.of(items, ParkedItem::part);
        for item in &mut items {
            item.behind = self.count_behind(item).await?;
        }
        Ok(items)
    }

    /// One item that waits for an operator, and the first `limit` events that wait for it.
    ///
    /// # Errors
    /// `NotFound` if nothing of that id is parked.
    pub async fn parked_item(
        &self,
        id: Uuid,
        limit: u64,
    ) -> Result<(ParkedItem, Vec<WaitingEvent>), Fault> {
        let item = find(self.reads(), id).await?;
        let mut item = item
            .filter(|item| item.state == ParkedState::Parked)
            .ok_or_else(|| Fault::not_found(self.parked_name(id)))?;
        item.behind = self.count_behind(&item).await?;
        let Some(behind) = behind(&item) else {
            return Ok((item, Vec::new()));
        };
        let rows = inbox::Entity::find()
            .filter(behind)
            .order_by_asc(inbox::Column::AggregateSequence)
            .limit(limit)
            .all(self.reads())
            .await
            .map_err(db_fault)?;
        Ok((item, rows.into_iter().map(waiting).collect()))
    }

    /// Lets the item be tried again, at once and with its attempts counted anew.
    ///
    /// # Errors
    /// `NotFound` if there is none of that id, [`PARKED_ITEM_GONE`] if it is not parked any more.
    pub async fn retry_parked(&self, cause: Cause, id: Uuid) -> Result<ParkedItem, Fault> {
        self.decide_on(cause, id, Decision::Retry).await
    }

    /// Gives the item up: it is never tried again, and what waited for it goes on. `note` says
    /// why, for the audit.
    ///
    /// # Errors
    /// As [`Durable::retry_parked`].
    pub async fn discard_parked(
        &self,
        cause: Cause,
        id: Uuid,
        note: String,
    ) -> Result<ParkedItem, Fault> {
        self.decide_on(cause, id, Decision::Discard { note }).await
    }

    async fn decide_on(
        &self,
        cause: Cause,
        id: Uuid,
        decision: Decision,
    ) -> Result<ParkedItem, Fault> {
        let name = self.parked_name(id);
        self.unit_of_work(cause, move |step| {
            Box::pin(async move { decide(step, &name, id, decision).await })
        })
        .await
    }

    fn parked_name(&self, id: Uuid) -> String {
        format!("services/{}/parkedItems/{id}", self.service())
    }

    async fn parked_events(&self, page: &Page) -> Result<Vec<ParkedItem>, Fault> {
        let query = inbox::Entity::find().filter(inbox::Column::State.eq(PARKED));
        let query = keyset::page(query, page, |field| match field {
            "park_time" => Sorted::number(inbox::Column::NextAttemptAt),
            _ => Sorted::id(inbox::Column::EventId),
        })?;
        let rows = query.all(self.reads()).await.map_err(db_fault)?;
        Ok(rows.into_iter().map(event).collect())
    }

    async fn parked_jobs(&self, page: &Page) -> Result<Vec<ParkedItem>, Fault> {
        let query = jobs::Entity::find().filter(is_parked());
        let query = keyset::page(query, page, |field| match field {
            "park_time" => Sorted::number(jobs::Column::NextAttemptAt),
            _ => Sorted::id(jobs::Column::Id),
        })?;
        let rows = query.all(self.reads()).await.map_err(db_fault)?;
        Ok(rows.into_iter().map(job).collect())
    }

    async fn count_behind(&self, item: &ParkedItem) -> Result<u64, Fault> {
        let Some(behind) = behind(item) else {
            return Ok(0);
        };
        let waiting = inbox::Entity::find().filter(behind);
        waiting.count(self.reads()).await.map_err(db_fault)
    }
}

/// The later events of the same aggregate: they wait for their predecessor. Jobs have no order.
fn behind(item: &ParkedItem) -> Option<Condition> {
    let (aggregate, id) = item.aggregate.as_ref()?;
    let condition = Condition::all()
        .add(inbox::Column::State.eq("pending"))
        .add(inbox::Column::Aggregate.eq(aggregate))
        .add(inbox::Column::AggregateId.eq(*id))
        .add(inbox::Column::AggregateSequence.gt(item.sequence));
    Some(condition)
}

async fn find(reads: &impl ConnectionTrait, id: Uuid) -> Result<Option<ParkedItem>, Fault> {
    let heard = inbox::Entity::find()
        .filter(inbox::Column::EventId.eq(id))
        .one(reads)
        .await
        .map_err(db_fault)?;
    if let Some(row) = heard {
        return Ok(Some(event(row)));
    }
    let armed = jobs::Entity::find_by_id(id)
        .one(reads)
        .await
        .map_err(db_fault)?;
    match armed {
        Some(row) => Ok(Some(job(row))),
        None => messages::find(reads, id).await,
    }
}

async fn decide(
    step: &Step,
    name: &str,
    id: Uuid,
    decision: Decision,
) -> Result<ParkedItem, Fault> {
    let found = find(step.tx(), id).await?;
    let mut item = found.ok_or_else(|| Fault::not_found(name))?;
    let written = match (item.kind, &decision) {
        (ParkedKind::Event, Decision::Retry) => retry_event(step, id).await?,
        (ParkedKind::Event, Decision::Discard { note }) => discard_event(step, &item, note).await?,
        (ParkedKind::Job, Decision::Retry) => retry_job(step, id).await?,
        (ParkedKind::Job, Decision::Discard { note }) => discard_job(step, id, note).await?,
        (ParkedKind::Message, Decision::Retry) => messages::retry(step, id).await?,
        (ParkedKind::Message, Decision::Discard { note }) => {
            messages::discard(step, id, note).await?
        }
    };
    if written.rows_affected != 1 {
        let message = "it is not parked any more: somebody has retried or discarded it";
        return Err(
            Fault::new(ErrorKind::WrongState, PARKED_ITEM_GONE, message).with("resource", name)
        );
    }
    let (state, action, note) = match decision {
        Decision::Retry => (ParkedState::Retried, "parked_item_retried", None),
        Decision::Discard { note } => (ParkedState::Discarded, "parked_item_discarded", Some(note)),
    };
    let detail = json!({
        "code": item.code,
        "subject": item.subject,
        "sequence": item.sequence,
        "attempts": item.attempts,
        "reason": item.reason,
        "note": note,
    });
    step.audit(action, name, detail).await?;
    item.state = state;
    Ok(item)
}

async fn retry_event(step: &Step, id: Uuid) -> Result<UpdateResult, Fault> {
    let change = inbox::ActiveModel {
        state: Set("pending".to_owned()),
        attempts: Set(0),
        next_attempt_at: Set(step.now().as_microsecond()),
        note: Set(None),
        ..Default::default()
    };
    update_event(step, id, change).await
}

/// Closes the event and lets the next of its aggregate be handled.
async fn discard_event(step: &Step, item: &ParkedItem, note: &str) -> Result<UpdateResult, Fault> {
    let change = inbox::ActiveModel {
        state: Set("discarded".to_owned()),
        handled_at: Set(Some(step.now().as_microsecond())),
        note: Set(Some(note.to_owned())),
        ..Default::default()
    };
    let written = update_event(step, item.id, change).await?;
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

async fn update_event(
    step: &Step,
    id: Uuid,
    change: inbox::ActiveModel,
) -> Result<UpdateResult, Fault> {
    inbox::Entity::update_many()
        .set(change)
        .filter(inbox::Column::EventId.eq(id))
        .filter(inbox::Column::State.eq(PARKED))
        .exec(step.tx())
        .await
        .map_err(db_fault)
}

async fn retry_job(step: &Step, id: Uuid) -> Result<UpdateResult, Fault> {
    let change = jobs::ActiveModel {
        state: Set("armed".to_owned()),
        attempts: Set(0),
        next_attempt_at: Set(step.now().as_microsecond()),
        token: Set(None),
        lease_until: Set(None),
        note: Set(None),
        ..Default::default()
    };
    update_job(step, id, change).await
}

async fn discard_job(step: &Step, id: Uuid, note: &str) -> Result<UpdateResult, Fault> {
    let change = jobs::ActiveModel {
        state: Set("discarded".to_owned()),
        finished_at: Set(Some(step.now().as_microsecond())),
        note: Set(Some(note.to_owned())),
        ..Default::default()
    };
    update_job(step, id, change).await
}

async fn update_job(
    step: &Step,
    id: Uuid,
    change: jobs::ActiveModel,
) -> Result<UpdateResult, Fault> {
    jobs::Entity::update_many()
        .set(change)
        .filter(jobs::Column::Id.eq(id))
        .filter(jobs::Column::State.eq(PARKED))
        .exec(step.tx())
        .await
        .map_err(db_fault)
}

fn event(row: inbox::Model) -> ParkedItem {
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

fn job(row: jobs::Model) -> ParkedItem {
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

fn state(row: &str) -> ParkedState {
    match row {
        PARKED => ParkedState::Parked,
        "discarded" => ParkedState::Discarded,
        _ => ParkedState::Retried,
    }
}

/// A note of a fault as its reason and its words.
fn last_fault(note: Option<&str>) -> (String, String) {
    let (reason, message) = note
        .and_then(|note| note.split_once(": "))
        .unwrap_or_default();
    let message = message.chars().take(MESSAGE_CHARS_MAX).collect();
    (reason.to_owned(), message)
}

fn waiting(row: inbox::Model) -> WaitingEvent {
    WaitingEvent {
        id: row.event_id,
        event_type: row.event_type,
        sequence: row.aggregate_sequence,
        received_at: from_micros(row.received_at),
    }
}
