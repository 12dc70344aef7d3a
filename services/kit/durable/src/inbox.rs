//! What the service heard: stored durably on receipt, handled once, in order for each aggregate.
//!
//! Both buses end here. A row is `pending` until the effect's own transaction makes it `done`
//! (R11); its aggregate's events are taken strictly one after the other, an older one is ignored,
//! a gap is waited out. What can't be handled is `parked`, for an operator to see (R10).

mod closing;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use sea_orm::sea_query::{Expr, Query, SimpleExpr};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, PaginatorTrait as _,
    QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;
use visits_bus::Envelope;
use visits_core::{ErrorKind, Fault, Timestamp, kill_point_of};

use crate::beside::Beside;
use crate::durable::{Durable, json_fault};
use crate::entity::{inbox, inbox_progress};
use crate::fault::db_fault;
use crate::trace;
use crate::worker::{Verdict, Worker, one_try, retry_at, verdict};

pub(crate) use closing::{admit, advance, already_handled};
use closing::{finish, mark_closed, unless_handled};

/// The reason of a fault that says: this event or job was handled before, nothing is to be done.
pub const ALREADY_HANDLED: &str = "ALREADY_HANDLED";

const BATCH_MAX: u64 = 100;
const AT_ONCE_MAX: u32 = 3;
/// Longer than any handler takes: its statements and its calls have limits of their own.
const PATIENCE: Duration = Duration::from_secs(30);

/// Turns one type of another service's events into a command of ours.
#[async_trait]
pub trait Consumer: Send + Sync + 'static {
    /// Its name in causes and audit rows: `recording.visit_ready`.
    fn name(&self) -> &'static str;
    /// The full name of the message that it hears.
    fn event_type(&self) -> String;
    /// How long one try may take: one that hangs must not keep everything else waiting.
    fn patience(&self) -> Duration {
        PATIENCE
    }
    /// Handles the event, ending in a unit of work with [`crate::Cause::Event`]; or returns
    /// without one if there is nothing to do.
    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault>;
}

/// Whether one before it of the same aggregate is parked. However many wait like that, none of them is
/// read again and again.
fn waits_for_an_operator() -> SimpleExpr {
    let parked = Query::select()
        .expr(Expr::val(1))
        .from_as(inbox::Entity, "parked")
        .and_where(Expr::cust("parked.state = 'parked'"))
        .and_where(Expr::cust("parked.aggregate = inbox.aggregate"))
        .and_where(Expr::cust("parked.aggregate_id = inbox.aggregate_id"))
        .and_where(Expr::cust(
            "parked.aggregate_sequence < inbox.aggregate_sequence",
        ))
        .take();
    Expr::exists(parked)
}

/// A row that was taken, and whether that has changed anything.
type Taken = (i64, Result<bool, Fault>);

/// Lets go of the rows that have been taken to an end; whether any has changed anything.
fn ended(beside: &mut Beside<'_, Taken>, taken: &mut HashSet<i64>) -> Result<bool, Fault> {
    let mut outcome = Ok(false);
    for (serial, change) in beside.ended() {
        taken.remove(&serial);
        outcome = match (outcome, change) {
            (Ok(before), Ok(now)) => Ok(before || now),
            (Err(fault), _) | (_, Err(fault)) => Err(fault),
        };
    }
    outcome
}

/// Handles what the inbox holds.
pub(crate) struct InboxWorker {
    durable: Durable,
    consumers: HashMap<String, Arc<dyn Consumer>>,
}

impl InboxWorker {
    pub(crate) fn new(durable: Durable, consumers: &[Arc<dyn Consumer>]) -> Self {
        let consumers = consumers
            .iter()
            .map(|consumer| (consumer.event_type(), consumer.clone()))
            .collect();
        Self { durable, consumers }
    }

    async fn last_sequence(&self, row: &inbox::Model) -> Result<i64, Fault> {
        let key = (row.aggregate.clone(), row.aggregate_id);
        let progress = inbox_progress::Entity::find_by_id(key)
            .one(self.durable.loop_reads())
            .await
            .map_err(db_fault)?;
        Ok(progress.map_or(0, |progress| progress.last_sequence))
    }

    /// What is to be tried now, a batch from the row after `serial` on.
    async fn due(&self, serial: i64) -> Result<Vec<inbox::Model>, Fault> {
        inbox::Entity::find()
            .filter(inbox::Column::State.eq("pending"))
            .filter(inbox::Column::NextAttemptAt.lte(self.durable.now().as_microsecond()))
            .filter(inbox::Column::Serial.gt(serial))
            .filter(waits_for_an_operator().not())
            .order_by_asc(inbox::Column::Serial)
            .limit(BATCH_MAX)
            .all(self.durable.loop_reads())
            .await
            .map_err(db_fault)
    }

    /// Takes what is due, batch after batch, until something has changed; whether it has. Rows that are
    /// `taken` are in somebody's hands beside.
    async fn take_some<'a>(
        &'a self,
        beside: &mut Beside<'a, Taken>,
        taken: &mut HashSet<i64>,
    ) -> Result<bool, Fault> {
        let mut after = 0;
        loop {
            let mut changed = ended(beside, taken)?;
            let due = self.due(after).await?;
            let Some(last) = due.last().map(|row| row.serial) else {
                return Ok(changed);
            };
            for row in due {
                let serial = row.serial;
                if taken.insert(serial) {
                    let taking = async move { (serial, self.take(row).await) };
                    beside.run(taking.boxed()).await;
                    changed |= ended(beside, taken)?;
                }
            }
            if changed {
                return Ok(true);
            }
            // All of these wait for what comes before them; others must not wait for these.
            after = last;
        }
    }

    /// Whether anything changed.
    async fn take(&self, row: inbox::Model) -> Result<bool, Fault> {
        let last = self.last_sequence(&row).await?;
        if row.aggregate_sequence > last + 1 {
            return Ok(false); // a gap: what comes before it is on its way, or parked
        }
        let envelope: Envelope =
            serde_json::from_value(row.envelope.clone()).map_err(json_fault("an envelope"))?;
        if row.aggregate_sequence <= last {
            self.ignore(envelope.id).await?;
            return Ok(true);
        }
        let Some(consumer) = self.consumers.get(&row.event_type) else {
            self.close(envelope, "noted", None).await?;
            return Ok(true);
        };
        let envelope = Arc::new(envelope);
        kill_point_of("inbox.apply.before", || envelope.event_type.clone());
        let heard = trace::heard(&self.durable, consumer.name(), &envelope);
        let handling = self.handle(consumer.as_ref(), &envelope);
        let outcome = heard.within(handling).await;
        kill_point_of("inbox.apply.after", || envelope.event_type.clone());
        self.settle(row, consumer.name(), &envelope, outcome)
            .await?;
        kill_point_of("inbox.settle.after", || envelope.event_type.clone());
        Ok(true)
    }

    async fn handle(&self, consumer: &dyn Consumer, envelope: &Arc<Envelope>) -> Result<(), Fault> {
        let mut tries = 0;
        loop {
            let outcome = one_try(consumer.patience(), consumer.handle(envelope.clone())).await;
            tries += 1;
            match outcome {
                Err(fault) if fault.kind == ErrorKind::Conflict && tries < AT_ONCE_MAX => {}
                outcome => return outcome,
            }
        }
    }

    async fn settle(
        &self,
        row: inbox::Model,
        consumer: &'static str,
        envelope: &Arc<Envelope>,
        outcome: Result<(), Fault>,
    ) -> Result<(), Fault> {
        let attempts = row.attempts + 1;
        match verdict(outcome, attempts) {
            Verdict::Done(note) => self.close((**envelope).clone(), "done", note).await,
            Verdict::Retry(fault) => {
                let at = retry_at(self.durable.now(), attempts, row.event_id);
                self.mark(row.event_id, "pending", attempts, at, &fault)
                    .await
            }
            Verdict::Park(fault) => {
                tracing::error!(
                    consumer,
                    event.id = %row.event_id,
                    event.r#type = row.event_type,
                    reason = fault.reason,
                    "event parked: {fault}"
                );
                let now = self.durable.now();
                self.mark(row.event_id, "parked", attempts, now, &fault)
                    .await
            }
        }
    }

    async fn close(
        &self,
        envelope: Envelope,
        state: &'static str,
        note: Option<String>,
    ) -> Result<(), Fault> {
        let now = self.durable.now();
        let closed = self
            .durable
            .write(move |tx| Box::pin(async move { finish(tx, &envelope, state, note, now).await }))
            .await;
        unless_handled(closed)
    }

    /// Closes an event that is older than what was handled. Its aggregate stays where it is, or where
    /// a replica has brought it meanwhile.
    async fn ignore(&self, event_id: Uuid) -> Result<(), Fault> {
        let now = self.durable.now();
        let note = Some("older than what was handled".to_owned());
        let closed = self
            .durable
            .write(move |tx| {
                Box::pin(async move { mark_closed(tx, event_id, "ignored", note, now).await })
            })
            .await;
        unless_handled(closed)
    }

    async fn mark(
        &self,
        event_id: Uuid,
        state: &'static str,
        attempts: i32,
        next_attempt_at: Timestamp,
        fault: &Fault,
    ) -> Result<(), Fault> {
        let note = format!("{}: {fault}", fault.reason);
        self.durable
            .write(move |tx| {
                Box::pin(async move {
                    inbox::Entity::update_many()
                        .set(inbox::ActiveModel {
                            state: Set(state.to_owned()),
                            attempts: Set(attempts),
                            next_attempt_at: Set(next_attempt_at.as_microsecond()),
                            note: Set(Some(note)),
                            ..Default::default()
                        })
                        .filter(inbox::Column::EventId.eq(event_id))
                        .filter(inbox::Column::State.eq("pending"))
                        .exec(tx)
                        .await
                        .map_err(db_fault)?;
                    Ok(())
                })
            })
            .await
    }
}

#[async_trait]
impl Worker for InboxWorker {
    fn name(&self) -> &'static str {
        "inbox"
    }

    /// Handles what is due, one after the other, until nothing of a batch can be. What takes long goes on
    /// beside the next ones; the later ones of its aggregate wait for it.
    async fn tick(&self) -> Result<bool, Fault> {
        let mut beside = Beside::new();
        let mut taken = HashSet::new();
        let (mut worked, mut failed) = (false, None);
        loop {
            let found = self.take_some(&mut beside, &mut taken).await;
            let changed = *found.as_ref().unwrap_or(&false);
            worked |= changed;
            failed = found.err().or(failed);
            if beside.is_empty() {
                return failed.map_or(Ok(worked), Err);
            }
            if !changed {
                beside.until_left(beside.len() - 1).await;
            }
        }
    }
}

/// How many events have waited since before that, and not for an operator: for one that comes before
/// them and never came (a binding that somebody took away, a queue that was emptied), or to be tried again.
pub(crate) async fn waiting_since(
    reads: &impl ConnectionTrait,
    before: Timestamp,
) -> Result<u64, Fault> {
    let waiting = inbox::Entity::find()
        .filter(inbox::Column::State.eq("pending"))
        .filter(inbox::Column::ReceivedAt.lt(before.as_microsecond()))
        .filter(waits_for_an_operator().not());
    waiting.count(reads).await.map_err(db_fault)
}

/// How many events wait, and how many are parked.
pub(crate) async fn counts(reads: &impl ConnectionTrait) -> Result<(u64, u64), Fault> {
    let count = |state: &'static str| {
        inbox::Entity::find()
            .filter(inbox::Column::State.eq(state))
            .count(reads)
    };
    Ok((
        count("pending").await.map_err(db_fault)?,
        count("parked").await.map_err(db_fault)?,
    ))
}
