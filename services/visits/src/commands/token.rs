//! `visits token`: a token of the development issuer.

use clap::Args;
use visits_core::SignedDuration;

use super::Context;
use crate::deployment::Deployment;
use crate::failure::Failure;
use crate::{client, clock, config, folder};

/// What a token is to say.
#[derive(Debug, Args)]
#[command(after_help = "\
The role and the principal come from --as and --id:
  visits token --as hmi --id HMI-001
  export VISITS_TOKEN=$(visits token --as duty-desk)
  visits token --as regional-director --id RD-SOUTH-EAST --lifetime 1h

The key is the configuration's tokens.key, else in the data folder (token.key); this makes it if
there is none yet. For development only: whoever has the key can be anybody.")]
pub struct TokenArgs {
    /// How long it is good for, such as 30m or 12h
    #[arg(long, default_value = "12h")]
    lifetime: SignedDuration,
}

pub(super) fn run(context: &Context, args: &TokenArgs) -> Result<(), Failure> {
    let global = &context.global;
    let Some(role) = global.client.role else {
        return Err(Failure::invalid(
            "--as",
            "is required: duty-desk, hmi, scheduler, regional-director, publisher, researcher, \
             auditor or operator",
        ));
    };
    if !(SignedDuration::from_secs(1)..=SignedDuration::from_hours(24 * 31))
        .contains(&args.lifetime)
    {
        return Err(Failure::invalid("--lifetime", "must be from 1s to 31 days"));
    }
    let actor = client::actor(role.role(), global.client.id.as_deref())?;
    let settings = config::load(global.config.as_deref(), &[])?;
    let issuer = Deployment::keys(&settings)?.issuer(&folder::make(&global.data)?)?;
    let now = clock::open(&global.clock)?.now();
    context
        .output
        .text(&issuer.sign(&actor, args.lifetime, now)?)
}
