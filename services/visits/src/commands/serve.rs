//! `serve`: the services of this process, until it is told to stop.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use visits_core::{Fault, RandomIds, kill_point};
use visits_runtime::settings::Settings;
use visits_runtime::{help, lifecycle, telemetry};

use super::Context;
use crate::cli::ServeArgs;
use crate::clock::{self, KeptClock};
use crate::config::{self, ServerConfig};
use crate::deployment::Deployment;
use crate::failure::Failure;
use crate::host::{Host, HostOptions};
use crate::output::note;
use crate::{folder, readiness};

const KEEP_EVERY: Duration = Duration::from_secs(10);

pub(super) async fn run(context: &Context, args: ServeArgs) -> Result<(), Failure> {
    let global = &context.global;
    let settings = config::load(global.config.as_deref(), &args.only.services)?;
    config::check(&settings)?;
    let server: ServerConfig = settings.section("server")?;
    let level = if global.verbose > 0 {
        global.log_level()
    } else {
        &server.log
    };
    telemetry::init(level)?;
    // Before anything else, so that a signal during the start is not missed.
    let mut signal = tokio::spawn(lifecycle::stop_signal());

    let address = args.listen.map_or(server.listen.clone(), |a| a.to_string());
    let unusable =
        |error: std::io::Error| Failure::internal(format!("can't listen on {address}: {error}"));
    let listener = TcpListener::bind(&address).await.map_err(unusable)?;
    let port = listener.local_addr().map_err(unusable)?;
    help::page_at(server.help_page(&port));
    let opened = tokio::select! {
        opened = open(context, settings, &listener) => opened?,
        _ = &mut signal => return Ok(()),
    };
    let Opened {
        host,
        clock,
        following,
    } = opened;
    clock.keep()?;
    let keeping = tokio::spawn(keep(clock.clone()));
    kill_point("serve.open.after");
    host.listen(listener);
    host.spawn_workers();
    kill_point("serve.listen.after");
    context
        .output
        .text(&format!("listening on http://{port}"))?;
    if !global.quiet && host.services().len() > 1 {
        welcome(context, &port.to_string());
    }
    let served = host.until_stopped(stopped(signal)).await;
    kill_point("shutdown.drain.after");
    keeping.abort();
    if let Some(following) = following {
        following.abort();
    }
    clock.keep()?;
    host.close().await?;
    kill_point("shutdown.close.after");
    Ok(served?)
}

/// What a serving process has.
struct Opened {
    host: Host,
    clock: Arc<KeptClock>,
    /// Asks the database for its time.
    following: Option<JoinHandle<()>>,
}

/// Opens the host as soon as its databases answer; until then `listener` says "not ready".
async fn open(
    context: &Context,
    settings: Settings,
    listener: &TcpListener,
) -> Result<Opened, Failure> {
    let global = &context.global;
    let deployment = Deployment::read(&settings)?;
    let data = folder::make(&global.data)?;
    let clock_database = deployment.clock_database();
    if clock_database.is_some() {
        readiness::wait_for_databases(&deployment, &data, twin(listener)?).await?;
    }
    let (clock, following) = clock::of_process(&global.clock, clock_database).await?;
    let clock = Arc::new(KeptClock::open(clock, &data));
    let host = Host::open(HostOptions {
        data,
        settings,
        clock: clock.clone(),
        ids: Arc::new(RandomIds),
    })
    .await?;
    Ok(Opened {
        host,
        clock,
        following,
    })
}

/// The same port once more: connections that nobody accepts in between wait for the next who does.
fn twin(listener: &TcpListener) -> Result<TcpListener, Fault> {
    use std::os::fd::AsFd as _;
    let twin = listener
        .as_fd()
        .try_clone_to_owned()
        .map(std::net::TcpListener::from)
        .and_then(TcpListener::from_std);
    twin.map_err(|error| Fault::fatal(format!("can't share the listener: {error}")))
}

async fn stopped(signal: JoinHandle<Result<&'static str, Fault>>) {
    match signal.await {
        Ok(Ok(name)) => tracing::info!(signal = name, "stopping"),
        Ok(Err(fault)) => tracing::error!("no signals, stopping: {fault}"),
        Err(_) => {}
    }
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
