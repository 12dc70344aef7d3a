//! Loads one workflow system at a time and prints what it saw as one JSON object.
//!
//! `tests/load/run` starts the systems and calls this; README.md says what is compared.

mod command;
mod figures;
mod floor;
mod scheduling;
mod sink;
mod suites;
mod systems;
mod unary;

use std::io::Write as _;

use clap::Parser as _;

use crate::command::{Arguments, Command};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let figures = match Arguments::parse().command {
        Command::Floor(floor) => return floor::serve(&floor).await,
        Command::Scheduling(scheduling) => return scheduling::serve(&scheduling).await,
        Command::Prepare(target) => suites::prepare(&target).await?,
        Command::Ready(target) => suites::ready(&target).await?,
        Command::Latency { target, workflows } => suites::latency(&target, workflows).await?,
        Command::Saturate {
            target,
            users,
            seconds,
        } => suites::saturate(&target, users, seconds).await?,
        Command::Timers {
            target,
            timers,
            lead_seconds,
        } => suites::timers(&target, timers, lead_seconds).await?,
    };
    writeln!(std::io::stdout(), "{figures}")?;
    // What is still connected is of no interest.
    std::process::exit(0)
}
