//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};

/// What to do.
#[derive(Debug, Parser)]
#[command(about = "Loads one workflow system and prints its figures as JSON")]
pub struct Arguments {
    /// Which.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serves the floor: the least program that keeps the workflow's promises
    Floor(FloorArgs),
    /// Stands in for scheduling before the escalation service
    Scheduling(SchedulingArgs),
    /// Enters what a system needs before its first workflow
    Prepare(Target),
    /// Waits until a system takes a workflow
    Ready(Target),
    /// One client, one workflow after another: how long each answer and each event takes
    Latency {
        /// The system.
        #[command(flatten)]
        target: Target,
        /// How many workflows.
        #[arg(long, default_value_t = 200)]
        workflows: u32,
    },
    /// Many users who don't wait for the end of what they begin
    Saturate {
        /// The system.
        #[command(flatten)]
        target: Target,
        /// How many.
        #[arg(long, default_value_t = 64)]
        users: u32,
        /// For how long they begin workflows.
        #[arg(long, default_value_t = 8)]
        seconds: u64,
    },
    /// Many timers that are due at one instant
    Timers {
        /// The system.
        #[command(flatten)]
        target: Target,
        /// How many.
        #[arg(long, default_value_t = 10_000)]
        timers: u32,
        /// From the first that is armed to the instant.
        #[arg(long, default_value_t = 30)]
        lead_seconds: u32,
    },
}

/// What kind of system it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Ours: the escalation service.
    Visits,
    /// The floor, over gRPC.
    Floor,
    /// A peer behind a small HTTP front.
    Http,
    /// Restate's ingress.
    Restate,
}

/// Where a system is.
#[derive(Clone, Debug, Args)]
pub struct Target {
    /// What kind it is.
    #[arg(long)]
    pub kind: Kind,
    /// Where it answers.
    #[arg(long)]
    pub address: String,
    /// The broker.
    #[arg(long)]
    pub bus: String,
    /// The file with the key of its tokens, for ours.
    #[arg(long, default_value = "")]
    pub key_file: String,
}

/// The floor.
#[derive(Debug, Args)]
pub struct FloorArgs {
    /// Its database.
    #[arg(long)]
    pub database: String,
    /// The broker.
    #[arg(long)]
    pub bus: String,
    /// Where it answers.
    #[arg(long)]
    pub listen: std::net::SocketAddr,
    /// Connections to the database.
    #[arg(long, default_value_t = 24)]
    pub connections: u32,
}

/// The stand-in.
#[derive(Debug, Args)]
pub struct SchedulingArgs {
    /// Where it answers.
    #[arg(long)]
    pub listen: std::net::SocketAddr,
}
