//! Ready or not: before the databases answer and while they don't, health says NOT_SERVING. The
//! broker is no part of it: without it streams and calls go on, and events wait in the outbox (R8).
//! Whether it takes them is a name of its own in health, `bus`: degraded, and not out of service.

use std::path::Path;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use visits_core::{ErrorKind, Fault};
use visits_durable::Durable;
use visits_runtime::{Server, not_ready};

use crate::deployment::Deployment;
use crate::services;

/// The name under which health says whether the bus takes what these services say.
pub(crate) const BUS: &str = "bus";
const TRY_EVERY: Duration = Duration::from_secs(1);
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// So many looks without an answer, one after the other, and the database has gone.
const MISSES_MAX: u32 = 3;

/// Brings the databases up to date, waiting until they answer. Meanwhile `listener` says that this
/// process is not ready.
///
/// # Errors
/// `Fatal` if a database can't be brought up to date, or the listener fails.
pub(crate) async fn wait_for_databases(
    deployment: &Deployment,
    data: &Path,
    listener: TcpListener,
) -> Result<(), Fault> {
    let names: Vec<_> = deployment
        .held
        .iter()
        .map(|service| services::grpc_name(service))
        .collect();
    let ready = CancellationToken::new();
    let stop = ready.clone();
    let saying = tokio::spawn(async move { not_ready::serve(listener, &names, stop).await });
    // Whatever ends this wait, nobody goes on saying "not ready".
    let _ends = ready.clone().drop_guard();
    loop {
        match services::migrate(deployment, data).await {
            Ok(()) => break,
            Err(fault) if fault.kind == ErrorKind::Transient => {
                tracing::warn!("not ready, will be tried again: {fault}");
                tokio::time::sleep(TRY_EVERY).await;
            }
            Err(fault) => return Err(fault),
        }
    }
    ready.cancel();
    saying
        .await
        .unwrap_or_else(|error| Err(Fault::fatal(format!("server task: {error}"))))
}

/// What is known of one database: it has gone once it has failed to answer several times in a row,
/// and is back with its first answer. One slow answer stops no traffic.
#[derive(Debug, Default)]
struct Answers {
    missed_in_a_row: u32,
}

impl Answers {
    fn serves(&self) -> bool {
        self.missed_in_a_row < MISSES_MAX
    }

    /// Takes in one look; whether the service serves now, if that has changed.
    fn look(&mut self, answered: bool) -> Option<bool> {
        let before = self.serves();
        self.missed_in_a_row = if answered {
            0
        } else {
            self.missed_in_a_row.saturating_add(1)
        };
        let now = self.serves();
        (now != before).then_some(now)
    }
}

/// Reports for ever which databases answer.
pub(crate) async fn watch(server: &Server, durables: &[Durable]) {
    let mut interval = tokio::time::interval(LOOK_EVERY);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut known: Vec<Answers> = durables.iter().map(|_| Answers::default()).collect();
    loop {
        interval.tick().await;
        for (durable, known) in durables.iter().zip(&mut known) {
            let answered = tokio::time::timeout(LOOK_EVERY, durable.answers()).await;
            let Some(serves) = known.look(answered.unwrap_or(false)) else {
                continue;
            };
            let service = durable.service();
            if serves {
                tracing::info!(service, "the database answers again");
            } else {
                tracing::error!(
                    service,
                    "the database has not answered {MISSES_MAX} times in a row: not serving"
                );
            }
            server.report(services::grpc_name(service), serves).await;
        }
        let all = known.iter().all(Answers::serves);
        server.report("", all).await;
        server
            .report(BUS, durables.iter().all(Durable::bus_takes))
            .await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_has_gone_after_several_misses_in_a_row_and_is_back_with_one_answer() {
        let mut database = Answers::default();
        assert!(database.serves(), "until something is missed");
        for _ in 0..10 {
            // A slow answer now and then, however often.
            assert_eq!(database.look(false), None);
            assert_eq!(database.look(false), None);
            assert_eq!(database.look(true), None);
        }
        let looks = [false, false, false, false, true, true, false];
        let said = looks.map(|answered| database.look(answered));
        let (gone, back) = (Some(false), Some(true));
        assert_eq!(said, [None, None, gone, None, back, None, None]);
        assert!(database.serves());
    }
}
