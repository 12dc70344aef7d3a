//! A task that one process does at a time: a lease that the database gives out (R5).
//!
//! The lease is taken or renewed inside the transaction that does the work, so a holder that lost
//! it can't write. It is free when its time has run out, and before that as soon as the database
//! has no session of its holder any more: a killed process is not waited for. That sign may be
//! wrong about a holder that is only cut off for a moment; the lease's row is the truth: its holder is an
//! instance, new at each start, and is asked for in the transaction of the work, so that one that was
//! passed over loses its lease and nothing else (docs/decisions/0015). The term counts the takeovers.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbBackend,
    EntityTrait, ExprTrait, QueryFilter, sea_query::Expr,
};
use uuid::Uuid;
use visits_core::{Fault, SignedDuration, Timestamp, kill_point_of};

use crate::database::session_name;
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
    // Nearly always it is ours already.
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
    let free = leases::ActiveModel {
        name: Set(name.to_owned()),
        holder: Set(holder),
        term: Set(1),
        expires_at: Set((now + LEASE).as_microsecond()),
    };
    let made = leases::Entity::insert(free)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await
        .map_err(db_fault)?;
    if made == 1 {
        return Ok(true);
    }
    let taken = leases::Entity::update_many()
        .col_expr(leases::Column::Holder, Expr::value(holder))
        .col_expr(leases::Column::Term, Expr::col(leases::Column::Term).add(1))
        .col_expr(
            leases::Column::ExpiresAt,
            Expr::value((now + LEASE).as_microsecond()),
        )
        .filter(leases::Column::Name.eq(name))
        .filter(free_at(now, tx.get_database_backend()))
        .exec(tx)
        .await
        .map_err(db_fault)?;
    kill_point_of("lease.take.after", || name.to_owned());
    Ok(taken.rows_affected == 1)
}

/// Its time has run out, or its holder has no session here any more. On SQLite nobody but this
/// process holds anything.
fn free_at(now: Timestamp, backend: DbBackend) -> Condition {
    let over = Condition::any().add(leases::Column::ExpiresAt.lt(now.as_microsecond()));
    if backend != DbBackend::Postgres {
        return over;
    }
    // Of a session of another role, too, everybody may see the name.
    over.add(Expr::cust(format!(
        "NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() \
         AND application_name = '{}' || leases.holder::text)",
        session_name("")
    )))
}
