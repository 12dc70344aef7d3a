//! The feed: what the service has said, by position. Streams read here, bus or no bus (R8).

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::sync::watch;
use uuid::Uuid;
use visits_bus::Envelope;
use visits_core::Fault;

use crate::durable::Durable;
use crate::entity::{counters, outbox};
use crate::fault::db_fault;
use crate::outbox::envelope;
use crate::sequencer;

const EPOCH: &str = "feed_epoch";
const PAGE_MAX: u64 = 200;

/// One event of the feed, at its position.
pub type FeedEntry = Envelope;

/// A reader of the feed.
#[derive(Clone, Debug)]
pub struct Feed {
    durable: Durable,
}

impl Feed {
    pub(crate) fn new(durable: Durable) -> Self {
        Self { durable }
    }

    /// The position of the newest event; 0 before the first.
    pub async fn latest(&self) -> Result<i64, Fault> {
        sequencer::feed_position(self.durable.reads()).await
    }

    /// The events of `aggregate` after `position`, oldest first; at most 200. An empty answer says
    /// that there is none yet.
    pub async fn after(&self, position: i64, aggregate: &str) -> Result<Vec<FeedEntry>, Fault> {
        let rows = outbox::Entity::find()
            .filter(outbox::Column::Position.gt(position))
            .filter(outbox::Column::Aggregate.eq(aggregate))
            .order_by_asc(outbox::Column::Position)
            .limit(PAGE_MAX)
            .all(self.durable.reads())
            .await
            .map_err(db_fault)?;
        let service = self.durable.service();
        Ok(rows.into_iter().map(|row| envelope(service, row)).collect())
    }

    /// Changes when the feed grows. Its value is the newest position.
    #[must_use]
    pub fn head(&self) -> watch::Receiver<i64> {
        self.durable.feed_head()
    }

    /// Names this database's feed: positions of another one mean nothing here (R14).
    pub async fn epoch(&self) -> Result<Uuid, Fault> {
        if let Some(epoch) = self.stored_epoch().await? {
            return Ok(epoch);
        }
        let epoch = self.durable.new_id();
        self.durable
            .write(move |tx| {
                Box::pin(async move {
                    let row = counters::ActiveModel {
                        name: Set(EPOCH.to_owned()),
                        value: Set(0),
                        text: Set(Some(epoch.to_string())),
                    };
                    counters::Entity::insert(row)
                        .on_conflict(
                            sea_orm::sea_query::OnConflict::new()
                                .do_nothing()
                                .to_owned(),
                        )
                        .exec_without_returning(tx)
                        .await
                        .map_err(db_fault)
                })
            })
            .await?;
        Ok(self.stored_epoch().await?.unwrap_or(epoch))
    }

    async fn stored_epoch(&self) -> Result<Option<Uuid>, Fault> {
        let row = sequencer::counter(self.durable.reads(), EPOCH).await?;
        Ok(row.text.and_then(|text| text.parse().ok()))
    }
}
