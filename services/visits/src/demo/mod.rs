//! `visits demo`: a term of visits on real schools, told as it goes.
//!
//! The services run as they do in production, in this process and on files; only time is driven.
//! The play reaches them through gRPC with a signed token for each role, like any caller, and no
//! business rule lives in it: what it says was refused, a service refused.

pub mod answered;
pub mod answers;
pub mod case;
pub mod cast;
pub mod data;
pub mod elsewhere;
pub mod ending;
pub mod example;
pub mod figures;
pub mod folder;
pub mod pages;
pub mod play;
pub mod progress;
pub mod stage;
pub mod steps;
pub mod stories;
pub mod teller;
pub mod watch;
pub mod words;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use sha2::{Digest as _, Sha256};
use visits_core::{Clock as _, SystemClock, Timestamp};

use self::data::Extract;
use self::figures::Figures;
use self::stage::Stage;
use self::teller::{Audience, Teller};

/// What the demo may be told.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  visits demo
  visits demo --seed 7 --data /tmp/term
  visits demo --output json 2>/dev/null | jq .visits_completed

The data stays in the folder ./visits-demo, or the one that --data names, for you to look at.")]
pub struct DemoArgs {
    /// The seed of everything that chance decides: the same seed tells the same story
    #[arg(long, default_value_t = 2020)]
    pub seed: u64,
    /// How many completed visits the national picture counts, besides those of the stories
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(8..=250))]
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
    let clock = SystemClock::new();
    let began = clock.now();
    let audience = if args.json {
        Audience::Stderr
    } else {
        Audience::Stdout
    };
    let (_, mut figures) = perform(&args, Extract::Whole, audience).await?;
    figures.duration_seconds = seconds(began, clock.now());
    let mut stderr = std::io::stderr();
    writeln!(
        stderr,
        "\n   Told in {:.1} seconds.",
        figures.duration_seconds
    )?;
    if args.json {
        let line = serde_json::to_string(&figures)?;
        writeln!(std::io::stdout(), "{line}")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Plays the term for `audience` and gives back the story and its figures.
///
/// # Errors
/// As [`run`].
pub async fn perform(
    args: &DemoArgs,
    extract: Extract,
    audience: Audience,
) -> anyhow::Result<(Teller, Figures)> {
    let mut stage = Stage::open(&args.data, args.seed, audience).await?;
    let played = play::play(&mut stage, extract, args.visits as usize).await?;
    ending::at_rest(&mut stage).await?;
    ending::count(&mut stage).await?;
    ending::try_next(&mut stage, &played);
    let (teller, mut figures) = stage.close().await?;
    figures.story_sha256 = hex::encode(Sha256::digest(teller.text()));
    Ok((teller, figures))
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}
