//! Work in a task of its own, which the caller's cancellation can't reach (R1).

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use visits_core::Fault;

pub(crate) async fn in_own_task<T: Send + 'static>(
    work: impl Future<Output = Result<T, Fault>> + Send + 'static,
) -> Result<T, Fault> {
    // A panic parks the item that caused it; the worker or server goes on.
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

pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
