//! When a process stops: SIGTERM or SIGINT.

use tokio::signal::unix::{SignalKind, signal};
use visits_core::Fault;

/// Waits for SIGTERM or SIGINT and names which it was.
///
/// # Errors
/// `Fatal` if the process can't listen for signals.
pub async fn stop_signal() -> Result<&'static str, Fault> {
    let listen = |kind| signal(kind).map_err(|error| Fault::fatal(format!("signals: {error}")));
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => Ok("SIGTERM"),
        _ = interrupt.recv() => Ok("SIGINT"),
    }
}
