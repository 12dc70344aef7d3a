//! What the bus has lost goes out again (X15).
//!
//! A broker confirms an event once it keeps it, and then only the broker knows how far it got. So the
//! relay sets a mark with whatever keeps our events, and looks for it again and again. A broker that
//! has lost events has lost the mark with them: everything that was ever said goes out again, beside
//! what is new, and who has heard it knows it by its id. The outbox is the feed and keeps every event,
//! so that nothing has to be known about who has heard what. A queue that is new, for a service that
//! hears something for the first time, has no mark either: that service hears everything from the
//! beginning, as it must (R11).
//!
//! Two rows say how far this is, so that another process, or the next life of this one, goes on:
//! `bus_mark` has the mark and up to which position all goes out again, `bus_resent` how far that is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use tokio::sync::Mutex;
use tokio::time::Instant;
use uuid::Uuid;
use visits_bus::{Envelope, EventBus};
use visits_core::Fault;

use crate::durable::Durable;
use crate::entity::{counters, outbox};
use crate::fault::db_fault;
use crate::lease;
use crate::outbox::envelope;
use crate::relay::LEASE_NAME;
use crate::sequencer::{self, counter, set_counter};

/// How soon a loss is noticed.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// So much goes out again with each look at what is new, which never waits for longer.
const BATCH_MAX: u64 = 100;
const MARK: &str = "bus_mark";
const RESENT: &str = "bus_resent";
/// Instead of a position while the mark is not set yet: nobody knows yet up to where.
const NOT_SET_YET: i64 = -1;

/// Looks after one service's events on a bus that can lose them.
pub(crate) struct Resend {
    durable: Durable,
    bus: Arc<dyn EventBus>,
    next_look: Mutex<Option<Instant>>,
    /// Whether something is left to be sent again, as far as this process knows.
    is_left: AtomicBool,
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
struct State {
    mark: Option<Uuid>,
    until: i64,
    resent: i64,
}

impl Resend {
    pub(crate) fn new(durable: Durable, bus: Arc<dyn EventBus>) -> Self {
        Self {
            durable,
            bus,
            next_look: Mutex::default(),
            is_left: AtomicBool::default(),
        }
    }

    /// Whether there is something to do, or to look for.
    pub(crate) async fn is_due(&self) -> bool {
        if !self.bus.can_forget() {
            return false;
        }
        let next = *self.next_look.lock().await;
        self.is_left.load(Ordering::Relaxed) || next.is_none_or(|next| next <= Instant::now())
    }

    /// Looks, if it is time, and sends a part of what is left; whether there was any.
    pub(crate) async fn go_on(&self) -> Result<bool, Fault> {
        if !self.is_due().await {
            return Ok(false);
        }
        self.look().await?;
        let state = self.state().await?;
        let rows = self.left_of(state).await?;
        let Some(last) = rows.last().and_then(|row| row.position) else {
            if self.is_left.swap(false, Ordering::Relaxed) {
                let service = self.durable.service();
                tracing::info!(service, "everything that was said has been sent again");
            }
            return Ok(false);
        };
        let service = self.durable.service();
        let envelopes: Vec<Envelope> = rows.into_iter().map(|row| envelope(service, row)).collect();
        self.bus.publish_all(&envelopes).await?;
        self.durable.cuts().pass("resent")?;
        self.note(state, last).await?;
        Ok(true)
    }

    async fn state(&self) -> Result<State, Fault> {
        let reads = self.durable.loop_reads();
        let mark = counter(reads, MARK).await?;
        let resent = counter(reads, RESENT).await?;
        Ok(State {
            mark: mark.text.and_then(|text| text.parse().ok()),
            until: mark.value,
            resent: resent.value,
        })
    }

    /// Whether the mark is still there. If not, everything has to go out again.
    async fn look(&self) -> Result<(), Fault> {
        let mut next_look = self.next_look.lock().await;
        if next_look.is_some_and(|next| next > Instant::now()) {
            return Ok(());
        }
        *next_look = Some(Instant::now() + LOOK_EVERY);
        let state = self.state().await?;
        if let Some(mark) = state.mark.filter(|_| state.until != NOT_SET_YET)
            && self.bus.remembers(mark).await?
        {
            let is_left = state.resent < state.until;
            self.is_left.store(is_left, Ordering::Relaxed);
            return Ok(());
        }
        self.begin(state.mark).await
    }

    /// The loss is written down first, then the mark is set, then it is written down up to where all
    /// goes out again: to the newest position of *that* moment, for whatever gets its place later is
    /// published after the mark was set. Cut short anywhere, it begins anew.
    async fn begin(&self, before: Option<Uuid>) -> Result<(), Fault> {
        let mark = self.durable.new_id();
        self.write_down(mark, NOT_SET_YET).await?;
        self.durable.cuts().pass("mark_unset")?;
        self.bus.set_mark(mark, before).await?;
        self.durable.cuts().pass("mark_set")?;
        let head = sequencer::feed_position(self.durable.loop_reads()).await?;
        self.write_down(mark, head).await?;
        if before.is_some() && head > 0 {
            tracing::error!(
                service = self.durable.service(),
                events = head,
                "the broker, or one of its queues, has lost what it had confirmed: everything that \
                 was said is sent again"
            );
        }
        self.is_left.store(head > 0, Ordering::Relaxed);
        Ok(())
    }

    async fn write_down(&self, mark: Uuid, until: i64) -> Result<(), Fault> {
        let (holder, now) = (self.durable.instance(), self.durable.now());
        self.durable
            .write(move |tx| {
                Box::pin(async move {
                    if !lease::hold(tx, LEASE_NAME, holder, now).await? {
                        return Err(Fault::transient("another process is the relay now"));
                    }
                    set(tx, MARK, until, mark).await?;
                    set(tx, RESENT, 0, mark).await
                })
            })
            .await
    }

    async fn left_of(&self, state: State) -> Result<Vec<outbox::Model>, Fault> {
        outbox::Entity::find()
            .filter(outbox::Column::Position.gt(state.resent))
            .filter(outbox::Column::Position.lte(state.until))
            .order_by_asc(outbox::Column::Position)
            .limit(BATCH_MAX)
            .all(self.durable.loop_reads())
            .await
            .map_err(db_fault)
    }

    /// Notes how far it is, unless everything has to go out again from the beginning meanwhile.
    async fn note(&self, state: State, last: i64) -> Result<(), Fault> {
        let Some(mark) = state.mark else {
            return Ok(());
        };
        self.durable
            .write(move |tx| {
                Box::pin(async move {
                    counters::Entity::update_many()
                        .col_expr(counters::Column::Value, Expr::value(last))
                        .filter(counters::Column::Name.eq(RESENT))
                        .filter(counters::Column::Text.eq(mark.to_string()))
                        .filter(counters::Column::Value.eq(state.resent))
                        .exec(tx)
                        .await
                        .map_err(db_fault)?;
                    Ok(())
                })
            })
            .await
    }
}

async fn set(tx: &DatabaseTransaction, name: &str, value: i64, mark: Uuid) -> Result<(), Fault> {
    let row = counters::Model {
        name: name.to_owned(),
        value,
        text: Some(mark.to_string()),
    };
    set_counter(tx, row).await
}
