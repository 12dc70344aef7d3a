//! Ready or not: before the databases answer and while they don't, health says NOT_SERVING. The
//! broker is no part of it: without it streams and calls go on, and events wait in the outbox (R8).

use std::path::Path;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use visits_core::{ErrorKind, Fault};
use visits_durable::Durable;
use visits_runtime::{Server, not_ready};

use crate::deployment::Deployment;
use crate::services;

const TRY_EVERY: Duration = Duration::from_secs(1);
const LOOK_EVERY: Duration = Duration::from_secs(2);

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

/// Reports for ever which databases answer.
pub(crate) async fn watch(server: &Server, durables: &[Durable]) {
    let mut interval = tokio::time::interval(LOOK_EVERY);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut before = vec![true; durables.len()];
    loop {
        interval.tick().await;
        for (durable, before) in durables.iter().zip(&mut before) {
            let answers = tokio::time::timeout(LOOK_EVERY, durable.answers()).await;
            let answers = answers.unwrap_or(false);
            if answers == *before {
                continue;
            }
            *before = answers;
            let service = durable.service();
            if answers {
                tracing::info!(service, "the database answers again");
            } else {
                tracing::error!(service, "the database does not answer: not serving");
            }
            server.report(services::grpc_name(service), answers).await;
        }
        let all = before.iter().all(|answers| *answers);
        server.report("", all).await;
    }
}
