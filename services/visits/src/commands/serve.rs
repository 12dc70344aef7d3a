//! `serve`: the services of this process, until it is told to stop.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use visits_console::Config;
use visits_core::{Clock as _, Fault, RandomIds, kill_point};
use visits_runtime::auth::Identity;
use visits_runtime::settings::Settings;
use visits_runtime::telemetry::Export;
use visits_runtime::{help, lifecycle, telemetry};

use super::Context;
use crate::cli::ServeArgs;
use crate::clock::{self, KeptClock};
use crate::config::{self, ServerConfig, TelemetryConfig};
use crate::console::base_address;
use crate::demo::example;
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
    let export = export(&settings, &server)?;
    // Before anything else, so that a signal during the start is not missed.
    let mut signal = tokio::spawn(lifecycle::stop_signal());

    let address = args.listen.map_or(server.listen.clone(), |a| a.to_string());
    let unusable =
        |error: std::io::Error| Failure::internal(format!("can't listen on {address}: {error}"));
    let listener = TcpListener::bind(&address).await.map_err(unusable)?;
    let port = listener.local_addr().map_err(unusable)?;
    kill_point("serve.bind.after");
    help::page_at(server.help_page(&port));
    let console_listener = console_port(&settings).await?;
    let opened = tokio::select! {
        opened = open(context, &args, settings, &listener) => opened?,
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
    let offered = commands(context, &port.to_string());
    let console = console(&host, console_listener, &offered).await?;
    host.spawn_workers();
    kill_point("serve.listen.after");
    context
        .output
        .text(&format!("listening on http://{port}"))?;
    if let Some(address) = console {
        // Whoever started us may have read the first line and no more.
        let _ = context.output.text(&format!("console on {address}"));
    }
    if !global.quiet && host.services().len() > 1 {
        welcome(context, &offered);
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
    if let Some(export) = export {
        export.finish().await;
    }
    Ok(served?)
}

/// Sends spans and figures to the collector, if one is configured, under the name of what this
/// process holds.
fn export(settings: &Settings, server: &ServerConfig) -> Result<Option<Export>, Failure> {
    let telemetry: TelemetryConfig = settings.section("telemetry")?;
    if telemetry.otlp_endpoint.is_empty() {
        return Ok(None);
    }
    let name = match server.held().as_slice() {
        [only] => format!("visits-{only}"),
        _ => "visits".to_owned(),
    };
    Ok(Some(Export::start(&telemetry.otlp_endpoint, &name)?))
}

/// Where the console is to be served, if it is: by the process that holds all services. Its
/// development sign-in is for the embedded default alone.
async fn console_port(settings: &Settings) -> Result<Option<ConsolePort>, Failure> {
    let config: Config = settings.section(Config::SECTION)?;
    let deployment = Deployment::read(settings)?;
    let identity: Identity = settings.section(Identity::SECTION)?;
    let can_sign_in = deployment.is_alone() || identity.is_given();
    if config.listen.is_empty() || !deployment.holds_all() || !can_sign_in {
        return Ok(None);
    }
    let wanted = &config.listen;
    let unusable = |error| Failure::internal(format!("can't listen on {wanted}: {error}"));
    let listener = match TcpListener::bind(wanted).await {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            let Some(host) = loopback(wanted) else {
                return Err(unusable(error));
            };
            TcpListener::bind((host, 0)).await.map_err(unusable)?
        }
        listener => listener.map_err(unusable)?,
    };
    Ok(Some(ConsolePort { listener, config }))
}

struct ConsolePort {
    listener: TcpListener,
    config: Config,
}

fn loopback(address: &str) -> Option<IpAddr> {
    let address: SocketAddr = address.parse().ok()?;
    Some(address.ip()).filter(IpAddr::is_loopback)
}

/// Serves the console and says where people find it.
async fn console(
    host: &Host,
    port: Option<ConsolePort>,
    commands: &Commands,
) -> Result<Option<String>, Failure> {
    let Some(ConsolePort {
        listener,
        mut config,
    }) = port
    else {
        return Ok(None);
    };
    let Commands {
        program,
        data,
        server,
    } = commands;
    config.command = Some(format!("{program}{data}{server}"));
    let unusable = |error| Failure::internal(format!("the console's port: {error}"));
    let address = base_address(&config, listener.local_addr().map_err(unusable)?);
    host.listen_console(listener, config).await?;
    Ok(Some(address))
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
    args: &ServeArgs,
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
    if args.example && deployment.is_alone() {
        example::prepare(&data, settings.clone(), clock.now())
            .await
            .map_err(|error| Failure::internal(format!("the example: {error:#}")))?;
    }
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
    let signal = signal.await;
    kill_point("shutdown.signal.after");
    match signal {
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

/// How the command line is called to reach this process, and to sign with its key.
struct Commands {
    program: String,
    data: String,
    server: String,
}

fn commands(context: &Context, port: &str) -> Commands {
    let folder = &context.global.data;
    let data = if folder.as_os_str() == "visits-data" {
        String::new()
    } else {
        format!(" --data {}", folder.display())
    };
    let server = if port == "127.0.0.1:7400" {
        String::new()
    } else {
        format!(" --server http://{port}")
    };
    Commands {
        // As it was called: where that worked, the next command works too.
        program: std::env::args()
            .next()
            .unwrap_or_else(|| "visits".to_owned()),
        data,
        server,
    }
}

fn welcome(context: &Context, Commands { data, server, .. }: &Commands) {
    let folder = context.global.data.display();
    note(&format!(
        "data in {folder}\n\
         get a token with:    visits token{data} --as duty-desk\n\
         follow the cases:    visits case watch{data}{server}\n\
         stop with:           Ctrl-C"
    ));
}
