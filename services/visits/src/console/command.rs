//! The command line of `visits-console`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use visits_core::Fault;
use visits_runtime::web::Web;
use visits_runtime::{lifecycle, telemetry};

use super::{Alone, open};
use crate::cli::ClockArgs;
use crate::failure::Failure;
use crate::output::{Format, Output, column};
use crate::{config, folder};

/// Longer than a console that lives ever takes to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The duty desk's console, in a process of its own (docs/console.md).
#[derive(Debug, Parser)]
#[command(
    name = "visits-console",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
struct ConsoleCli {
    /// The folder for what is not in a database.
    #[arg(
        long,
        global = true,
        env = "VISITS_DATA",
        default_value = "visits-data"
    )]
    data: PathBuf,
    /// A configuration file.
    #[arg(long, global = true, env = "VISITS_CONFIG")]
    config: Option<PathBuf>,
    /// The form of the output.
    #[arg(long, short, global = true, value_enum)]
    output: Option<Format>,
    /// Which clock.
    #[command(flatten)]
    clock: ClockArgs,
    #[command(subcommand)]
    command: ConsoleCommand,
}

#[derive(Debug, Subcommand)]
enum ConsoleCommand {
    /// Serve the console until SIGTERM; its database is brought up to date first
    Serve,
    /// The configuration of this process
    #[command(subcommand)]
    Config(ConfigOf),
    /// Whether the console on this machine serves: exit code 0, else 1
    Health,
}

#[derive(Debug, Subcommand)]
enum ConfigOf {
    /// Say every problem of the configuration, or that there is none
    Check,
    /// Every value, with where it comes from; secrets hidden
    Print,
}

/// Runs the command line of the binary that holds the console alone, to its end.
pub fn console_main() -> ExitCode {
    let cli = ConsoleCli::parse();
    let format = cli.output.unwrap_or_default();
    match run(&cli) {
        Ok(code) => code,
        Err(failure) => crate::report(&failure, format),
    }
}

fn run(cli: &ConsoleCli) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::internal(format!("can't start: {error}")))?;
    let outcome = runtime.block_on(async {
        match &cli.command {
            ConsoleCommand::Serve => serve(cli).await.map(|()| ExitCode::SUCCESS),
            ConsoleCommand::Config(of) => configuration(cli, of).map(|()| ExitCode::SUCCESS),
            ConsoleCommand::Health => health(cli).await,
        }
    });
    runtime.shutdown_background();
    outcome
}

async fn serve(cli: &ConsoleCli) -> Result<(), Failure> {
    let settings = config::load(cli.config.as_deref(), &[])?;
    let alone = Alone::read(&settings)?;
    telemetry::init(&alone.server.log)?;
    // Before anything else, so that a signal during the start is not missed.
    let mut signal = tokio::spawn(lifecycle::stop_signal());
    let going_away = CancellationToken::new();
    let data = folder::make(&cli.data)?;
    let opened = tokio::select! {
        opened = open(alone, &data, &cli.clock, &going_away) => opened?,
        _ = &mut signal => return Ok(()),
    };
    let output = Output::new(cli.output.unwrap_or_default(), false);
    output.text(&format!("console on {}", opened.address))?;
    let stop = going_away.clone();
    tokio::spawn(async move {
        match signal.await {
            Ok(Ok(name)) => tracing::info!(signal = name, "stopping"),
            _ => tracing::error!("no signals, stopping"),
        }
        stop.cancel();
    });
    Ok(opened.console.serve(opened.listener, opened.drain).await?)
}

fn configuration(cli: &ConsoleCli, of: &ConfigOf) -> Result<(), Failure> {
    let settings = config::load(cli.config.as_deref(), &[])?;
    let output = Output::new(cli.output.unwrap_or_default(), false);
    match of {
        ConfigOf::Check => {
            Alone::read(&settings)?;
            let fine = json!({ "values": settings.lines().len(), "problems": 0 });
            let columns = [column("VALUES", "/values"), column("PROBLEMS", "/problems")];
            output.show(&fine, &columns)
        }
        ConfigOf::Print => {
            let lines: Vec<_> = settings
                .lines()
                .iter()
                .map(|line| json!({"path": line.path, "value": line.value, "source": line.source}))
                .collect();
            let columns = [
                column("PATH", "/path"),
                column("VALUE", "/value"),
                column("SOURCE", "/source"),
            ];
            output.list("settings", &lines, &columns)
        }
    }
}

/// There is no other tool in a container: the binary asks itself.
async fn health(cli: &ConsoleCli) -> Result<ExitCode, Failure> {
    let settings = config::load(cli.config.as_deref(), &[])?;
    let console: visits_console::Config = settings.section(visits_console::Config::SECTION)?;
    let mut at: SocketAddr = console
        .listen
        .parse()
        .map_err(|_| Failure::invalid("console.listen", "must be an address and a port"))?;
    if at.ip().is_unspecified() {
        at.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let request = axum::http::Request::get(format!("http://{at}/ready")).body(Vec::new());
    let request = request.map_err(|error| Fault::fatal(error.to_string()))?;
    let asked = tokio::time::timeout(PATIENCE, Web::new("")?.send(request)).await;
    let serves = matches!(asked, Ok(Ok(answer)) if answer.status().is_success());
    let output = Output::new(cli.output.unwrap_or_default(), false);
    let shown = json!({ "console": at.to_string(), "serves": serves });
    let columns = [column("CONSOLE", "/console"), column("SERVES", "/serves")];
    output.show(&shown, &columns)?;
    Ok(if serves {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_of_the_console_is_consistent() {
        ConsoleCli::command().debug_assert();
    }
}
