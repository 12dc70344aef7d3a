//! A task that one process does at a time: a lease with a term that the database issues (R5).
//!
//! The lease is taken or renewed inside the transaction that does the work, so a holder that lost
//! it can't write.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, ExprTrait,
    QueryFilter, sea_query::Expr,
};
use uuid::Uuid;
use visits_core::{Fault, SignedDuration, Timestamp, kill_point_of};

use crate::entity::leases;
use crate::fault::db_fault;

/// Short enough that the timers of a killed process are taken over within five seconds.
const LEASE: SignedDuration = SignedDuration::from_secs(4);

/// Whether `holder` has the lease `name` for the rest of this transaction.
pub(crate) async fn hold(
    tx: &DatabaseTransaction,
    name: &'static str,
    holder: Uuid,
    now: Timestamp,
) -> Result<bool, Fault> {
    let free = leases::ActiveModel {
        name: Set(name.to_owned()),
        holder: Set(holder),
        term: Set(1),
        expires_at: Set((now + LEASE).as_microsecond()),
    };
    leases::Entity::insert(free)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await
        .map_err(db_fault)?;
    let held = leases::Entity::update_many()
        .col_expr(
            leases::Column::ExpiresAt,
            Expr::value((now + LEASE).as_microsecond()),
        )
        .filter(leases::Column::Name.eq(name))
        .filter(leases::Column::Holder.eq(holder))
        .exec(tx)
        .await
        .map_err(db_fault)?;
    kill_point_of("lease.renew.after", || name.to_owned());
    if held.rows_affected == 1 {
        return Ok(true);
    }
    let taken = leases::Entity::update_many()
        .col_expr(leases::Column::Holder, Expr::value(holder))
        .col_expr(leases::Column::Term, Expr::col(leases::Column::Term).add(1))
        .col_expr(
            leases::Column::ExpiresAt,
            Expr::value((now + LEASE).as_microsecond()),
        )
        .filter(
            Condition::all()
                .add(leases::Column::Name.eq(name))
                .add(leases::Column::ExpiresAt.lt(now.as_microsecond())),
        )
        .exec(tx)
        .await
        .map_err(db_fault)?;
    kill_point_of("lease.take.after", || name.to_owned());
    Ok(taken.rows_affected == 1)
}
