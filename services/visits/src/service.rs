//! The binary of one service: `visits-escalation serve`, and what a container needs besides.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::cli::{Cli, ClientArgs, ClockArgs, Command, Global, HealthArgs, OnlyArgs, ServeArgs};
use crate::commands::config::ConfigCommand;
use crate::output::Format;

/// One service of Interim Visits, in a process of its own (docs/backbone.md).
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, arg_required_else_help = true)]
struct ServiceCli {
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
    /// Log more: -v info, -vv debug.
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Which clock.
    #[command(flatten)]
    clock: ClockArgs,
    #[command(subcommand)]
    command: ServiceCommand,
}

#[derive(Debug, Subcommand)]
enum ServiceCommand {
    /// Run the service until SIGTERM
    Serve {
        /// Where to listen; port 0 takes a free one. Default: the configuration's server.listen.
        #[arg(long)]
        listen: Option<std::net::SocketAddr>,
    },
    /// Bring its database up to date and stop
    Migrate,
    /// The configuration of this process
    #[command(subcommand)]
    Config(ConfigOf),
    /// Whether the service on this machine serves: exit code 0, else 1
    Health,
}

#[derive(Debug, Subcommand)]
enum ConfigOf {
    /// Say every problem of the configuration, or that there is none
    Check,
    /// Every value, with where it comes from; secrets hidden
    Print,
}

/// Runs the command line of the binary that holds `service` alone, to its end.
pub fn service_main(service: &'static str) -> ExitCode {
    let name = format!("visits-{service}");
    let command = ServiceCli::command()
        .display_name(name.clone())
        .bin_name(name);
    match ServiceCli::from_arg_matches(&command.get_matches()) {
        Ok(parsed) => crate::report_outcome(parsed.into_cli(service)),
        Err(error) => error.exit(),
    }
}

impl ServiceCli {
    /// The same in the words of the whole command line.
    fn into_cli(self, service: &str) -> Cli {
        let only = OnlyArgs::one(service);
        let command = match self.command {
            ServiceCommand::Serve { listen } => Command::Serve(ServeArgs {
                listen,
                example: false,
                only,
            }),
            ServiceCommand::Migrate => Command::Migrate(only),
            ServiceCommand::Config(ConfigOf::Check) => Command::Config(ConfigCommand::Check(only)),
            ServiceCommand::Config(ConfigOf::Print) => Command::Config(ConfigCommand::Print(only)),
            ServiceCommand::Health => Command::Health(HealthArgs { own: true }),
        };
        let global = Global {
            output: self.output,
            utc: false,
            quiet: false,
            verbose: self.verbose,
            data: self.data,
            config: self.config,
            client: ClientArgs {
                server: String::new(),
                token: None,
                role: None,
                id: None,
                request_id: None,
                timeout: 30,
            },
            clock: self.clock,
        };
        Cli { global, command }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_of_a_service_is_consistent() {
        ServiceCli::command().debug_assert();
    }

    #[test]
    fn a_service_binary_serves_its_service_only() {
        let parsed = ServiceCli::try_parse_from(["visits-letters", "serve"]).expect("parsed");
        let Command::Serve(args) = parsed.into_cli("letters").command else {
            panic!("serve is serve");
        };
        assert_eq!(args.only.services, ["letters"]);
    }
}
