//! The chain of the audit, held against its hashes again (R18): from its beginning, or from a row whose
//! place and hash somebody wrote down; whole, or piece by piece.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use visits_core::Fault;
use visits_core::audited::{AuditVerdict, ChainPoint};

use crate::audit::link;
use crate::durable::Durable;
use crate::entity::audit::{Column, Entity, Model};
use crate::fault::db_fault;
use crate::sequencer::{CHAIN, counter};

/// Rows that are in memory at a time.
const READ_AT_ONCE: u64 = 500;

impl Durable {
    /// Reads the whole chain again.
    ///
    /// # Errors
    /// `Transient` if the database can't be read.
    pub async fn verify_audit(&self) -> Result<AuditVerdict, Fault> {
        self.verify_audit_after(ChainPoint::default(), u64::MAX)
            .await
    }

    /// Reads at most `limit` rows of the chain again, after the row that `reached` names.
    ///
    /// # Errors
    /// `Transient` if the database can't be read.
    pub async fn verify_audit_after(
        &self,
        mut reached: ChainPoint,
        limit: u64,
    ) -> Result<AuditVerdict, Fault> {
        // Asked for first: rows that get their place while this reads are for the next time.
        let end = counter(self.reads(), CHAIN).await?.value;
        if !self.audit_holds(&reached).await? {
            let place = reached.place;
            return Ok(verdict(reached, Some(place), end));
        }
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let last = end.min(reached.place.saturating_add(limit));
        while reached.place < last {
            let rows = self.rows_of_chain(reached.place, last).await?;
            let next = reached.place + 1;
            if rows.is_empty() {
                return Ok(verdict(reached, Some(next), end));
            }
            for row in rows {
                let place = reached.place + 1;
                let hash = link(&reached.hash, place, &row);
                if row.position != Some(place) || row.hash.as_deref() != Some(&hash) {
                    return Ok(verdict(reached, Some(place), end));
                }
                reached = ChainPoint { place, hash };
            }
        }
        Ok(verdict(reached, None, end))
    }

    /// The last row of the chain.
    ///
    /// # Errors
    /// `Transient` if the database can't be read.
    pub async fn audit_head(&self) -> Result<ChainPoint, Fault> {
        let chain = counter(self.reads(), CHAIN).await?;
        Ok(ChainPoint {
            place: chain.value,
            hash: chain.text.unwrap_or_default(),
        })
    }

    /// Whether the row that was written down is there, and has that hash.
    ///
    /// # Errors
    /// `Transient` if the database can't be read.
    pub async fn audit_holds(&self, written: &ChainPoint) -> Result<bool, Fault> {
        if written.place == 0 {
            return Ok(written.hash.is_empty());
        }
        let row = Entity::find()
            .filter(Column::Position.eq(written.place))
            .one(self.reads())
            .await
            .map_err(db_fault)?;
        Ok(row.is_some_and(|row| row.hash.as_deref() == Some(&written.hash)))
    }

    async fn rows_of_chain(&self, after: i64, last: i64) -> Result<Vec<Model>, Fault> {
        Entity::find()
            .filter(Column::Position.gt(after))
            .filter(Column::Position.lte(last))
            .order_by_asc(Column::Position)
            .limit(READ_AT_ONCE)
            .all(self.reads())
            .await
            .map_err(db_fault)
    }
}

fn verdict(reached: ChainPoint, broken_at: Option<i64>, end: i64) -> AuditVerdict {
    AuditVerdict {
        more: broken_at.is_none() && reached.place < end,
        rows: broken_at.unwrap_or(reached.place),
        broken_at,
        head: reached.hash,
    }
}
