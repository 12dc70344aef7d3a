//! `visits config`: is it right, and where does each value come from?

use clap::Subcommand;
use serde_json::json;

use super::Context;
use crate::cli::OnlyArgs;
use crate::config;
use crate::failure::Failure;
use crate::output::column;

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Say every problem of the configuration, or that there is none
    #[command(after_help = "Example:\n  visits config check --config /etc/visits.toml")]
    Check(OnlyArgs),
    /// Every value, with where it comes from; secrets hidden
    #[command(after_help = "\
Examples:
  visits config print
  VISITS__SERVER__LISTEN=0.0.0.0:7400 visits config print | grep server
  visits config print --output csv")]
    Print(OnlyArgs),
}

pub(super) fn run(context: &Context, command: &ConfigCommand) -> Result<(), Failure> {
    let (ConfigCommand::Check(only) | ConfigCommand::Print(only)) = command;
    let settings = config::load(context.global.config.as_deref(), &only.services)?;
    match command {
        ConfigCommand::Check(_) => {
            config::check(&settings)?;
            let values = settings.lines().len();
            let fine = json!({ "values": values, "problems": 0 });
            let columns = [column("VALUES", "/values"), column("PROBLEMS", "/problems")];
            context.output.show(&fine, &columns)
        }
        ConfigCommand::Print(_) => {
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
            context.output.list("settings", &lines, &columns)
        }
    }
}
