//! `visits demo`: a term of visits on real schools, told as it goes.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

/// What the demo may be told.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  visits demo
  visits demo --seed 7 --data /tmp/term
  visits demo --output json | tail -1 | jq .")]
pub struct DemoArgs {
    /// The seed of everything that chance decides: the same seed tells the same story
    #[arg(long, default_value_t = 2020)]
    pub seed: u64,
    /// How many completed visits the national picture counts
    #[arg(long, default_value_t = 120)]
    pub visits: u32,
    /// Where its data goes; the folder must be new or of an earlier demo
    #[arg(skip)]
    pub data: PathBuf,
    /// Whether it ends with one JSON object of the figures
    #[arg(skip)]
    pub json: bool,
}

/// Plays the term.
///
/// # Errors
/// If the data folder can't be used, or a service refuses what the story needs.
pub async fn run(args: DemoArgs) -> anyhow::Result<ExitCode> {
    anyhow::bail!("the demo is not written yet (seed {})", args.seed)
}
