//! A database driver's error, classified once (docs/architecture.md): never a blanket conversion.

use sea_orm::{DbErr, RuntimeErr, SqlErr};
use visits_core::Fault;

/// What a driver's error means to the caller. Constraint violations are faults of ours unless the
/// store that knows the constraint says otherwise first.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
pub fn db_fault(error: DbErr) -> Fault {
    if is_passing(&error) {
        return Fault::transient(format!("the database did not answer: {error}"));
    }
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(what)) => {
            Fault::fatal(format!("a unique constraint that no store foresaw: {what}"))
        }
        _ => Fault::fatal(format!("the database refused: {error}")),
    }
}

/// Whether `error` says that a row of that key is there already.
pub fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// Busy, locked, cut off or waiting for a connection too long: may pass in a moment.
fn is_passing(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)) => {
            let text = inner.to_string();
            [
                "database is locked",
                "database table is locked",
                "could not serialize",
                "deadlock detected",
            ]
            .iter()
            .any(|sign| text.contains(sign))
                || matches!(
                    **inner,
                    sea_orm::sqlx::Error::Io(_)
                        | sea_orm::sqlx::Error::PoolTimedOut
                        | sea_orm::sqlx::Error::PoolClosed
                )
        }
        _ => false,
    }
}
