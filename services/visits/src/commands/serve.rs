//! `visits serve`: every service in this process, until it is told to stop.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use visits_core::RandomIds;
use visits_runtime::{lifecycle, telemetry};

use super::Context;
use crate::cli::ServeArgs;
use crate::clock::{self, KeptClock};
use crate::config::{self, ServerConfig};
use crate::failure::Failure;
use crate::host::{Host, HostOptions};
use crate::output::note;

const KEEP_EVERY: Duration = Duration::from_secs(10);

pub(super) async fn run(context: &Context, args: ServeArgs) -> Result<(), Failure> {
    let global = &context.global;
    let settings = config::load(global.config.as_deref())?;
    config::check(&settings)?;
    let server: ServerConfig = settings.section("server")?;
    let level = if global.verbose > 0 {
        global.log_level()
    } else {
        &server.log
    };
    telemetry::init(level)?;
    // Before anything else, so that a signal during the start is not missed.
    let signal = tokio::spawn(lifecycle::stop_signal());

    let address = args.listen.map_or(server.listen.clone(), |a| a.to_string());
    let listener = TcpListener::bind(&address)
        .await
        .map_err(|error| Failure::internal(format!("can't listen on {address}: {error}")))?;
    let port = listener
        .local_addr()
        .map_err(|error| Failure::internal(format!("can't listen on {address}: {error}")))?;
    let clock = Arc::new(KeptClock::open(clock::open(&global.clock)?, &global.data));
    let host = Host::open(HostOptions {
        data: global.data.clone(),
        settings,
        clock: clock.clone(),
        ids: Arc::new(RandomIds),
    })
    .await?;
    clock.keep()?;
    let keeping = tokio::spawn(keep(clock.clone()));
    host.listen(listener);
    host.spawn_workers();
    context
        .output
        .text(&format!("listening on http://{port}"))?;
    if !global.quiet {
        welcome(context, &port.to_string());
    }
    let served = host
        .until_stopped(async move {
            match signal.await {
                Ok(Ok(name)) => tracing::info!(signal = name, "stopping"),
                Ok(Err(fault)) => tracing::error!("no signals, stopping: {fault}"),
                Err(_) => {}
            }
        })
        .await;
    keeping.abort();
    clock.keep()?;
    host.close().await?;
    Ok(served?)
}

/// Writes the time down now and then, so that it never moves back across a restart (R20).
async fn keep(clock: Arc<KeptClock>) {
    let mut interval = tokio::time::interval(KEEP_EVERY);
    loop {
        interval.tick().await;
        if let Err(fault) = clock.keep() {
            tracing::warn!("the time can't be written down: {fault}");
        }
    }
}

fn welcome(context: &Context, port: &str) {
    let global = &context.global;
    let folder = global.data.display();
    let data = if global.data.as_os_str() == "visits-data" {
        String::new()
    } else {
        format!(" --data {folder}")
    };
    let server = if port == "127.0.0.1:7400" {
        String::new()
    } else {
        format!(" --server http://{port}")
    };
    note(&format!(
        "data in {folder}\n\
         get a token with:    visits token{data} --as duty-desk\n\
         follow the cases:    visits case watch{data}{server}\n\
         stop with:           Ctrl-C"
    ));
}
