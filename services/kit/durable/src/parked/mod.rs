//! What waits for an operator: events and jobs that could not be handled, and messages of which no event
//! could be made (R10).
//!
//! An operator retries an item or discards it with a note, as a request like any other: once for a
//! `request_id`, with its audit row in the same transaction. Of two who try at once the number of
//! rows lets one win. What an event or a job carried is not shown (R19).

mod events;
mod jobs;
pub(crate) mod messages;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, UpdateResult};
use serde_json::json;
use uuid::Uuid;
use visits_core::parked::{ParkedItem, ParkedKind, ParkedState, WaitingEvent};
use visits_core::{ErrorKind, Fault, Page};

use crate::cause::Cause;
use crate::durable::Durable;
use crate::fault::db_fault;
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
            items.extend(events::page(self.reads(), page).await?);
        }
        if wants(ParkedKind::Job) {
            items.extend(jobs::page(self.reads(), page).await?);
        }
        if wants(ParkedKind::Message) {
            items.extend(messages::page(self.reads(), page).await?);
        }
        let mut items = page.of(items, ParkedItem::part);
        for item in &mut items {
            item.behind = events::count_behind(self.reads(), item).await?;
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
        item.behind = events::count_behind(self.reads(), &item).await?;
        let behind = events::behind(self.reads(), &item, limit).await?;
        Ok((item, behind))
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
}

async fn find(reads: &impl ConnectionTrait, id: Uuid) -> Result<Option<ParkedItem>, Fault> {
    if let Some(event) = events::find(reads, id).await? {
        return Ok(Some(event));
    }
    if let Some(job) = jobs::find(reads, id).await? {
        return Ok(Some(job));
    }
    messages::find(reads, id).await
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
        (ParkedKind::Event, Decision::Retry) => events::retry(step, id).await?,
        (ParkedKind::Event, Decision::Discard { note }) => {
            events::discard(step, &item, note).await?
        }
        (ParkedKind::Job, Decision::Retry) => jobs::retry(step, id).await?,
        (ParkedKind::Job, Decision::Discard { note }) => jobs::discard(step, id, note).await?,
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

/// Writes what was decided of a row, if it is still parked: of two who decide at once one finds it so, and
/// the number of rows tells the other.
async fn if_parked<E: EntityTrait>(
    step: &Step,
    row: Expr,
    state: E::Column,
    change: E::ActiveModel,
) -> Result<UpdateResult, Fault> {
    E::update_many()
        .set(change)
        .filter(row)
        .filter(state.eq(PARKED))
        .exec(step.tx())
        .await
        .map_err(db_fault)
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
