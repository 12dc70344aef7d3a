//! The `visits` command: every service in one process on SQLite and the in-process bus, one of them
//! among other processes (as the `visits-…` binaries are), and the operator's command line, which
//! is a gRPC client like any other.
//!
//! No business rule lives here. What the commands print: data on stdout, everything else on
//! stderr; exit codes are in [`failure::Failure::exit_code`] and in `visits --help`.

mod buses;
mod checkpoints;
pub mod cli;
pub mod client;
pub mod clock;
mod commands;
pub mod config;
mod console;
pub mod demo;
pub mod deployment;
pub mod failure;
mod figures;
mod folder;
pub mod host;
pub mod operations;
pub mod output;
mod readiness;
mod reasons;
mod service;
mod services;

use std::process::ExitCode;

use clap::Parser as _;
use visits_core::kill_point::{KILL_POINT_VARIABLE, arm_kill_point};

use crate::cli::{Cli, Command};
use crate::failure::Failure;
use crate::output::Format;

pub use crate::console::console_main;
pub use crate::service::service_main;

/// Runs the command line of this process to its end.
pub fn main() -> ExitCode {
    report_outcome(Cli::parse())
}

fn report_outcome(cli: Cli) -> ExitCode {
    let format = cli.global.output.unwrap_or_default();
    match run(cli) {
        Ok(code) => code,
        Err(failure) => report(&failure, format),
    }
}

fn report(failure: &Failure, format: Format) -> ExitCode {
    failure.print(format, &mut std::io::stderr());
    ExitCode::from(failure.exit_code())
}

/// Lets a test end this process at a named point (docs/decisions/0014). Never in silence: nobody
/// shall find out afterwards that a real process was armed.
fn arm_to_die() -> Result<(), Failure> {
    let Ok(point) = std::env::var(KILL_POINT_VARIABLE) else {
        return Ok(());
    };
    output::note(&format!(
        "INSECURE, FOR TESTS ONLY: {KILL_POINT_VARIABLE} lets this process die at {point}"
    ));
    arm_kill_point(&point).map_err(|problem| Failure::invalid(KILL_POINT_VARIABLE, problem))
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::internal(format!("can't start: {error}")))?;
    let Cli { global, command } = cli;
    if matches!(command, Command::Serve(_) | Command::Migrate(_)) {
        arm_to_die()?;
    }
    if !matches!(command, Command::Serve(_)) {
        visits_runtime::telemetry::init(global.log_level())?;
    }
    // What serves stops in its own order (R12); every other command just ends at Ctrl-C.
    let serves = matches!(command, Command::Serve(_));
    let outcome = runtime.block_on(async {
        let work = commands::run(global, command);
        if serves {
            return work.await;
        }
        tokio::select! {
            outcome = work => outcome,
            _ = tokio::signal::ctrl_c() => Err(Failure::Interrupted),
        }
    });
    // A command that was interrupted may have left a blocking read behind; nobody waits for it.
    runtime.shutdown_background();
    outcome
}
