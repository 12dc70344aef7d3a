//! Gives committed events their place in the feed, and committed audit rows theirs in the chain.
//!
//! Places are given *after* the commit by one leased holder, dense and for ever (R8): a number
//! taken inside a transaction can become visible after a higher one, and a reader that asks for
//! "higher than the last" would pass it by.

use async_trait::async_trait;
use sea_orm::sea_query::{Expr, OnConflict, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    QueryFilter, Statement,
};
use visits_core::{Fault, kill_point};

use crate::audit;
use crate::durable::Durable;
use crate::entity::{counters, outbox};
use crate::fault::db_fault;
use crate::lease;
use crate::worker::Worker;

const BATCH_MAX: i64 = 500;
const LEASE_NAME: &str = "sequencer";
const POSITION: &str = "feed_position";
/// The counter with the length of the audit's chain and its last hash.
pub(crate) const CHAIN: &str = "audit_chain";

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
        if !self.is_anything_waiting().await? {
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
                    let [mut feed, mut chain] = counters(tx, [POSITION, CHAIN]).await?;
                    let placed = place_events(tx, feed.value).await?;
                    feed.value += placed;
                    let head = feed.value;
                    kill_point("sequencer.place.after");
                    let linked = audit::link_waiting(tx, &mut chain).await?;
                    set_counters(tx, vec![feed, chain]).await?;
                    kill_point("sequencer.commit.before");
                    Ok(Some((head, placed + linked)))
                })
            })
            .await?;
        kill_point("sequencer.commit.after");
        if let Some((head, placed)) = outcome {
            self.durable.announce_places(head);
            return Ok(placed > 0);
        }
        self.durable.look_at_feed_head().await;
        Ok(false)
    }
}

impl Sequencer {
    /// Whether an event or an audit row has no place yet, in one question.
    async fn is_anything_waiting(&self) -> Result<bool, Fault> {
        let events = Query::select()
            .expr(Expr::value(1))
            .from(outbox::Entity)
            .and_where(outbox::Column::Position.is_null())
            .take();
        let audit = audit::waiting_query();
        let either = Condition::any()
            .add(Expr::exists(events))
            .add(Expr::exists(audit));
        let ask = Query::select().expr_as(either, "waiting").take();
        let row = self
            .durable
            .loop_reads()
            .query_one(&ask)
            .await
            .map_err(db_fault)?;
        row.map_or(Ok(false), |row| row.try_get("", "waiting"))
            .map_err(db_fault)
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
    Ok(row.unwrap_or_else(|| never_set(name)))
}

/// The values of counters, in this order; 0 of one that was never set.
async fn counters<const N: usize>(
    tx: &DatabaseTransaction,
    names: [&'static str; N],
) -> Result<[counters::Model; N], Fault> {
    let mut found = counters::Entity::find()
        .filter(counters::Column::Name.is_in(names))
        .all(tx)
        .await
        .map_err(db_fault)?;
    Ok(names.map(|name| {
        let place = found.iter().position(|row| row.name == name);
        place.map_or_else(|| never_set(name), |place| found.swap_remove(place))
    }))
}

fn never_set(name: &str) -> counters::Model {
    counters::Model {
        name: name.to_owned(),
        value: 0,
        text: None,
    }
}

pub(crate) async fn set_counter(
    tx: &DatabaseTransaction,
    row: counters::Model,
) -> Result<(), Fault> {
    set_counters(tx, vec![row]).await
}

async fn set_counters(tx: &DatabaseTransaction, rows: Vec<counters::Model>) -> Result<(), Fault> {
    let rows = rows.into_iter().map(|row| counters::ActiveModel {
        name: Set(row.name),
        value: Set(row.value),
        text: Set(row.text),
    });
    counters::Entity::insert_many(rows)
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

/// Gives the events that have none their places after `last`, in the order of their rows; how many
/// they were. One statement, whose text is the same for any number of them.
async fn place_events(tx: &DatabaseTransaction, last: i64) -> Result<i64, Fault> {
    let place = Statement::from_sql_and_values(
        tx.get_database_backend(),
        "UPDATE outbox SET position = placed.place FROM (\
             SELECT serial, $1 + row_number() OVER (ORDER BY serial) AS place FROM (\
                 SELECT serial FROM outbox WHERE position IS NULL ORDER BY serial LIMIT $2\
             ) AS waiting\
         ) AS placed WHERE outbox.serial = placed.serial",
        [last.into(), BATCH_MAX.into()],
    );
    let placed = tx.execute_raw(place).await.map_err(db_fault)?;
    Ok(i64::try_from(placed.rows_affected()).unwrap_or(0))
}
