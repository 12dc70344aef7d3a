//! `visits events`: what the services tell each other, for those who want to listen.

use clap::Subcommand;
use prost::Message as _;
use prost_types::FileDescriptorSet;
use visits_bus::asyncapi;
use visits_core::Fault;

use super::Context;
use crate::failure::Failure;

/// What to say about the events.
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// The AsyncAPI document of every public event, as JSON: exchange, queues, messages
    #[command(after_help = "Example:\n  visits events asyncapi >docs/asyncapi.json")]
    Asyncapi,
}

pub(super) fn run(context: &Context, command: &EventsCommand) -> Result<(), Failure> {
    let EventsCommand::Asyncapi = command;
    let unreadable = |error| Fault::fatal(format!("the contracts can't be read: {error}"));
    let contracts = FileDescriptorSet::decode(visits_proto::DESCRIPTORS).map_err(unreadable)?;
    let document = asyncapi::document(&contracts)?;
    context.output.text(&format!("{document:#}"))
}
