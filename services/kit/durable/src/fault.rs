//! A database driver's error, classified once (docs/architecture.md): never a blanket conversion.

use sea_orm::{DbErr, RuntimeErr, SqlErr};
use visits_core::Fault;

/// Of a code of PostgreSQL, by the standard.
const SQLSTATE_LENGTH: usize = 5;

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
            let code = inner.as_database_error().and_then(|error| error.code());
            let text = inner.to_string();
            code.is_some_and(|code| is_passing_state(&code))
                || ["database is locked", "database table is locked"]
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

/// Whether PostgreSQL says that it is the values that it can't keep (class 22): no other try and no other
/// database would. SQLite keeps whatever text it gets.
pub(crate) fn refuses_the_values(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner))) =
        error
    else {
        return false;
    };
    let code = inner.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code.len() == SQLSTATE_LENGTH && code.starts_with("22"))
}

/// PostgreSQL's own words for "not now": the connection (08), the transaction lost against another
/// (40, deadlocks among them), no room (53), told to end or out of time (57), waited too long for
/// a lock, sat idle inside a transaction, or came to a server that is not yet the primary. SQLite's
/// codes are shorter than a SQLSTATE.
fn is_passing_state(code: &str) -> bool {
    code.len() == SQLSTATE_LENGTH
        && (["08", "40", "53", "57"]
            .iter()
            .any(|class| code.starts_with(class))
            || ["55P03", "25P03", "25006"].contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_postgresql_may_do_the_next_time_passes_and_what_it_refuses_does_not() {
        for passing in [
            "40P01", "40001", "55P03", "25P03", "57P01", "57014", "53300", "08006", "25006",
        ] {
            assert!(is_passing_state(passing), "{passing}");
        }
        // A constraint, a table that is not there, and SQLite's "disk full" and "busy, snapshot".
        for lasting in ["23505", "42P01", "13", "517", "5"] {
            assert!(!is_passing_state(lasting), "{lasting}");
        }
    }
}
