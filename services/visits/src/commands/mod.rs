//! One file a noun.

pub(crate) mod audit;
pub(crate) mod call;
pub(crate) mod case;
mod checkpoints;
pub(crate) mod config;
pub(crate) mod duty;
pub(crate) mod events;
pub(crate) mod form;
mod health;
pub(crate) mod insight;
pub(crate) mod inspector;
pub(crate) mod letter;
mod migrate;
mod names;
pub(crate) mod parked;
pub(crate) mod school;
mod serve;
pub(crate) mod token;
pub(crate) mod visit;

use std::process::ExitCode;

use crate::cli::{Command, Global};
use crate::demo;
use crate::failure::Failure;
use crate::output::{Format, Output};

/// What every verb has: where its output goes, and the arguments that hold for all.
pub(crate) struct Context {
    pub(crate) global: Global,
    pub(crate) output: Output,
}

pub(crate) async fn run(global: Global, command: Command) -> Result<ExitCode, Failure> {
    let output = Output::new(global.output.unwrap_or_default(), global.utc);
    let context = Context { global, output };
    match command {
        Command::Serve(args) => Box::pin(serve::run(&context, args)).await?,
        Command::Demo(args) => return play(context, args).await,
        Command::Token(args) => token::run(&context, &args)?,
        Command::School(command) => school::run(&context, command).await?,
        Command::Inspector(command) => inspector::run(&context, command).await?,
        Command::Visit(command) => visit::run(&context, command).await?,
        Command::Call(command) => call::run(&context, command).await?,
        Command::Case(command) => case::run(&context, command).await?,
        Command::Duty(command) => duty::run(&context, command).await?,
        Command::Letter(command) => letter::run(&context, command).await?,
        Command::Insight(command) => insight::run(&context, command).await?,
        Command::Form(command) => form::run(&context, command).await?,
        Command::Parked(command) => parked::run(&context, command).await?,
        Command::Audit(command) => audit::run(&context, command).await?,
        Command::Events(command) => events::run(&context, &command)?,
        Command::Config(command) => config::run(&context, &command)?,
        Command::Migrate(only) => migrate::run(&context, &only).await?,
        Command::Health(args) => return health::run(&context, &args).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn play(context: Context, mut args: demo::DemoArgs) -> Result<ExitCode, Failure> {
    args.json = matches!(context.output.format(), Format::Json | Format::Ndjson);
    args.data = if context.global.data.as_os_str() == "visits-data" {
        "visits-demo".into()
    } else {
        context.global.data
    };
    demo::run(args).await.map_err(|error| {
        error
            .downcast::<Failure>()
            .unwrap_or_else(|error| Failure::internal(format!("{error:#}")))
    })
}
