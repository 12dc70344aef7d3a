//! Work in a task of its own, which the caller's cancellation can't reach (R1).

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sea_orm::DatabaseTransaction;
use visits_core::Fault;

use crate::database::begin;
use crate::durable::Durable;
use crate::fault::db_fault;
use crate::silence::Pool;

/// It uses a connection of `pool`, and doesn't wait for ever for what comes over it.
pub(crate) async fn in_own_task<T: Send + 'static>(
    pool: &Pool,
    work: impl Future<Output = Result<T, Fault>> + Send + 'static,
) -> Result<T, Fault> {
    // A panic parks the item that caused it; the worker or server goes on.
    let pool = pool.clone();
    let work: BoxFuture<'static, _> = Box::pin(async move { pool.outcome(work).await });
    let work = visits_trace::carried(AssertUnwindSafe(work).catch_unwind());
    let caught = tokio::spawn(work).await;
    match caught {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => Err(Fault::fatal(format!(
            "a step panicked: {}",
            panic_text(panic.as_ref())
        ))),
        Err(_) => Err(Fault::transient("the process is stopping")),
    }
}

impl Durable {
    /// A transaction of the kit's own: sequencer, relay, inbox, job claims.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a DatabaseTransaction) -> BoxFuture<'a, Result<T, Fault>>
            + Send
            + 'static,
    {
        self.write_in(&self.pools().loops, work).await
    }

    /// A transaction of the kit's own, on a connection of that pool.
    pub(crate) async fn write_in<T, F>(&self, pool: &Pool, work: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a DatabaseTransaction) -> BoxFuture<'a, Result<T, Fault>>
            + Send
            + 'static,
    {
        let own = pool.clone();
        in_own_task(pool, async move {
            let tx = begin(&own).await?;
            let outcome = work(&tx).await?;
            tx.commit().await.map_err(db_fault)?;
            Ok(outcome)
        })
        .await
    }
}

pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
