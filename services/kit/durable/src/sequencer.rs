//! Gives committed events their place in the feed, and committed audit rows theirs in the chain.
//!
//! Places are given *after* the commit by one leased holder, dense and for ever (R8): a number
//! taken inside a transaction can become visible after a higher one, and a reader that asks for
//! "higher than the last" would pass it by.

use async_trait::async_trait;
use sea_orm::sea_query::{CaseStatement, Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use visits_core::{Fault, kill_point};

use crate::audit;
use crate::durable::Durable;
use crate::entity::{counters, outbox};
use crate::fault::db_fault;
use crate::lease;
use crate::worker::Worker;

const BATCH_MAX: u64 = 500;
/// Rows that one statement gives their places: one a row would be a round trip a row, while the
/// sequencer holds its lease.
pub(crate) const PLACED_AT_ONCE: usize = 100;
const LEASE_NAME: &str = "sequencer";
const POSITION: &str = "feed_position";

pub(crate) struct Sequencer {
    durable: Durable,
}

impl Sequencer {
    pub(crate) fn new(durable: Durable) -> Self {
        Self { durable }
    }
}

#[async_trait]
impl Worker for Sequencer {
    fn name(&self) -> &'static str {
        "sequencer"
    }

    async fn tick(&self) -> Result<bool, Fault> {
        // A look without the write lock first: most ticks find nothing.
        let waiting = outbox::Entity::find()
            .filter(outbox::Column::Position.is_null())
            .select_only()
            .column(outbox::Column::Serial)
            .into_tuple::<i64>()
            .one(self.durable.reads())
            .await
            .map_err(db_fault)?
            .is_some();
        if !waiting && !audit::is_waiting(self.durable.reads()).await? {
            // Another process may have placed what our streams wait for.
            self.durable.look_at_feed_head().await;
            return Ok(false);
        }
        let (holder, now) = (self.durable.instance(), self.durable.now());
        let outcome = self
            .durable
            .write(move |tx| {
                Box::pin(async move {
                    if !lease::hold(tx, LEASE_NAME, holder, now).await? {
                        return Ok(None);
                    }
                    kill_point("sequencer.lease.after");
                    let head = place_events(tx).await?;
                    kill_point("sequencer.place.after");
                    audit::chain(tx).await?;
                    kill_point("sequencer.commit.before");
                    Ok(Some(head))
                })
            })
            .await?;
        kill_point("sequencer.commit.after");
        if let Some(head) = outcome {
            self.durable.announce_feed_head(head);
            if waiting {
                self.durable.announce_commit();
            }
            return Ok(true);
        }
        self.durable.look_at_feed_head().await;
        Ok(false)
    }
}

/// The value of a counter, 0 if it was never set.
pub(crate) async fn counter(
    tx: &impl sea_orm::ConnectionTrait,
    name: &str,
) -> Result<counters::Model, Fault> {
    let row = counters::Entity::find_by_id(name.to_owned())
        .one(tx)
        .await
        .map_err(db_fault)?;
    Ok(row.unwrap_or_else(|| counters::Model {
        name: name.to_owned(),
        value: 0,
        text: None,
    }))
}

pub(crate) async fn set_counter(
    tx: &DatabaseTransaction,
    row: counters::Model,
) -> Result<(), Fault> {
    let row = counters::ActiveModel {
        name: Set(row.name),
        value: Set(row.value),
        text: Set(row.text),
    };
    counters::Entity::insert(row)
        .on_conflict(
            OnConflict::column(counters::Column::Name)
                .update_columns([counters::Column::Value, counters::Column::Text])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await
        .map_err(db_fault)?;
    Ok(())
}

/// The last place that was given.
pub(crate) async fn feed_position(tx: &impl sea_orm::ConnectionTrait) -> Result<i64, Fault> {
    Ok(counter(tx, POSITION).await?.value)
}

async fn place_events(tx: &DatabaseTransaction) -> Result<i64, Fault> {
    let mut last = counter(tx, POSITION).await?;
    let waiting: Vec<i64> = outbox::Entity::find()
        .select_only()
        .column(outbox::Column::Serial)
        .filter(outbox::Column::Position.is_null())
        .order_by_asc(outbox::Column::Serial)
        .limit(BATCH_MAX)
        .into_tuple()
        .all(tx)
        .await
        .map_err(db_fault)?;
    for chunk in waiting.chunks(PLACED_AT_ONCE) {
        let mut places = CaseStatement::new();
        for serial in chunk {
            last.value += 1;
            let is_it = outbox::Column::Serial.eq(*serial);
            places = places.case(is_it, Expr::value(last.value));
        }
        outbox::Entity::update_many()
            .col_expr(outbox::Column::Position, places.into())
            .filter(outbox::Column::Serial.is_in(chunk.iter().copied()))
            .exec(tx)
            .await
            .map_err(db_fault)?;
    }
    let head = last.value;
    set_counter(tx, last).await?;
    Ok(head)
}
