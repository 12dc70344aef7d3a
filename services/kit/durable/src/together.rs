//! Changes that a step makes at its end, in one round trip where the database can.
//!
//! PostgreSQL is another process, and takes several changes as one statement (`WITH … INSERT …`).
//! SQLite is in this process, where a round trip costs nothing: it gets them one after the other.

use sea_orm::sea_query::{
    CommonTableExpression, Expr, ExprTrait, Func, InsertStatement, Query, SelectStatement,
    SubQueryStatement, UpdateStatement, WithClause,
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
        with.cte(part(format!("change_{number}"), change));
    }
    let made = tx.execute(&with.query(last)).await.map_err(db_fault)?;
    Ok(made.rows_affected())
}

/// The aggregates that a step saves, and their versions; as [`make`], on PostgreSQL, what else it
/// says. How many rows were saved, and how many `last` touched.
pub(crate) async fn save_and_make(
    tx: &DatabaseTransaction,
    saves: Vec<UpdateStatement>,
    changes: Vec<Change>,
    last: Option<UpdateStatement>,
) -> Result<(u64, u64), Fault> {
    let mut with = WithClause::new();
    let mut saved = Expr::value(0_i64);
    for (number, save) in saves.into_iter().enumerate() {
        let name = format!("save_{number}");
        saved = saved.add(rows_of(&name));
        with.cte(part(name, Change::Update(counted(save))));
    }
    for (number, change) in changes.into_iter().enumerate() {
        with.cte(part(format!("change_{number}"), change));
    }
    let ended = match last {
        Some(last) => {
            with.cte(part("last".to_owned(), Change::Update(counted(last))));
            rows_of("last")
        }
        None => Expr::value(0_i64),
    };
    let count: SelectStatement = Query::select()
        .expr_as(saved, "saved")
        .expr_as(ended, "ended")
        .take();
    let row = tx.query_one(&with.query(count)).await.map_err(db_fault)?;
    let row = row.ok_or_else(|| crate::durable::not_a_row("a count"))?;
    let number = |name| {
        let number = row.try_get::<i64>("", name).map_err(db_fault)?;
        Ok::<u64, Fault>(u64::try_from(number).unwrap_or(0))
    };
    Ok((number("saved")?, number("ended")?))
}

fn part(name: String, change: Change) -> CommonTableExpression {
    let mut part = CommonTableExpression::new();
    part.table_name(name).query(change);
    part
}

/// Lets the statement around it count the rows that it touches.
fn counted(mut update: UpdateStatement) -> UpdateStatement {
    let one = Query::returning().expr(Expr::cust("1 AS touched"));
    update.returning(one);
    update
}

fn rows_of(name: &str) -> Expr {
    let count = Query::select()
        .expr(Func::count(Expr::cust("*")))
        .from(name.to_owned())
        .take();
    Expr::SubQuery(None, Box::new(count.into()))
}
