//! Changes that a step makes at its end, in one round trip where the database can.
//!
//! PostgreSQL is another process, and takes several changes as one statement (`WITH … INSERT …`).
//! SQLite is in this process, where a round trip costs nothing: it gets them one after the other.

use sea_orm::sea_query::{
    CommonTableExpression, InsertStatement, SubQueryStatement, UpdateStatement, WithClause,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};
use visits_core::Fault;

use crate::fault::db_fault;

/// One change.
pub(crate) enum Change {
    /// New rows.
    Insert(InsertStatement),
    /// Rows that are there already.
    Update(UpdateStatement),
}

impl Change {
    async fn make(&self, tx: &DatabaseTransaction) -> Result<u64, DbErr> {
        let made = match self {
            Self::Insert(insert) => tx.execute(insert).await?,
            Self::Update(update) => tx.execute(update).await?,
        };
        Ok(made.rows_affected())
    }
}

impl From<Change> for SubQueryStatement {
    fn from(change: Change) -> Self {
        match change {
            Change::Insert(insert) => insert.into(),
            Change::Update(update) => update.into(),
        }
    }
}

/// Makes `first` and then `last`; how many rows `last` touched. No two may touch the same row, and
/// none sees what another does: PostgreSQL makes them at once.
pub(crate) async fn make(
    tx: &DatabaseTransaction,
    first: Vec<Change>,
    last: Change,
) -> Result<u64, Fault> {
    if tx.get_database_backend() != DbBackend::Postgres || first.is_empty() {
        for change in first {
            change.make(tx).await.map_err(db_fault)?;
        }
        return last.make(tx).await.map_err(db_fault);
    }
    let mut with = WithClause::new();
    for (number, change) in first.into_iter().enumerate() {
        let mut part = CommonTableExpression::new();
        part.table_name(format!("change_{number}")).query(change);
        with.cte(part);
    }
    let made = tx.execute(&with.query(last)).await.map_err(db_fault)?;
    Ok(made.rows_affected())
}
