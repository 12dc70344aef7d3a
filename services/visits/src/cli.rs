//! The command line: nouns and verbs (R-CLI-1).

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use visits_core::Role;

use crate::commands::{
    audit::AuditCommand, call::CallCommand, case::CaseCommand, config::ConfigCommand,
    duty::DutyCommand, events::EventsCommand, form::FormCommand, insight::InsightCommand,
    inspector::InspectorCommand, letter::LetterCommand, parked::ParkedCommand,
    school::SchoolCommand, token::TokenArgs, visit::VisitCommand,
};
use crate::demo::DemoArgs;
use crate::output::Format;
use crate::services::NAMES;

const EXIT_CODES: &str = "\
Examples:
  visits demo                                        see interim visits live their lives, in a minute
  visits serve                                       every service, one port, data in ./visits-data
  visits school import schools.csv --source gias
  visits visit plan --school 123166 --date 2026-12-08 --mode on-site --lead HMI-001 --with HMI-002
  visits call due
  visits case watch --as duty-desk

Exit codes:
  0 done   1 a fault of ours   2 wrong usage   3 invalid argument   4 not found
  5 denied, or no valid token   6 refused in this state, or changed meanwhile
  7 unavailable   8 deadline passed   9 partly done   130 interrupted

Data goes to stdout, everything else to stderr. With --output json an error is a google.rpc.Status
as JSON on stderr; match on its reason.";

/// Interim Visits: Ofsted's visits to schools in the autumn term 2020.
#[derive(Debug, Parser)]
#[command(name = "visits", version, about, after_help = EXIT_CODES)]
#[command(propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What holds for every command.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// The form of the output.
    #[arg(long, short, global = true, value_enum)]
    pub output: Option<Format>,
    /// Show times in UTC instead of the time in England.
    #[arg(long, global = true)]
    pub utc: bool,
    /// Say less on stderr: no progress, no remarks.
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Log more: -v info, -vv debug.
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// The folder of the data and of the development key.
    #[arg(
        long,
        global = true,
        env = "VISITS_DATA",
        default_value = "visits-data"
    )]
    pub data: PathBuf,
    /// A configuration file.
    #[arg(long, global = true, env = "VISITS_CONFIG")]
    pub config: Option<PathBuf>,
    /// How to reach the server and as whom.
    #[command(flatten)]
    pub client: ClientArgs,
    /// Which clock.
    #[command(flatten)]
    pub clock: ClockArgs,
}

impl Global {
    /// What is logged unless the environment's `RUST_LOG` says otherwise.
    #[must_use]
    pub const fn log_level(&self) -> &'static str {
        match self.verbose {
            0 => "warn",
            1 => "info",
            _ => "debug",
        }
    }
}

/// How to reach the server and as whom.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Server and caller")]
pub struct ClientArgs {
    /// The server's address.
    #[arg(
        long,
        global = true,
        env = "VISITS_SERVER",
        default_value = "http://127.0.0.1:7400"
    )]
    pub server: String,
    /// A bearer token; else one is signed with the development key of the data folder.
    #[arg(long, global = true, env = "VISITS_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// Whom a signed token speaks for, whatever --token says; each command has a role that fits it.
    #[arg(long = "as", global = true, value_enum)]
    pub role: Option<RoleArg>,
    /// The principal of a signed token, such as HMI-001 or RD-SOUTH-EAST.
    #[arg(long, global = true)]
    pub id: Option<String>,
    /// Repeats an earlier change under its request id instead of making a new one.
    #[arg(long, global = true)]
    pub request_id: Option<uuid::Uuid>,
    /// How many seconds to wait for an answer.
    #[arg(long, global = true, default_value_t = 30)]
    pub timeout: u64,
}

/// Which clock: a driven one is for tests of several processes (R20).
#[derive(Clone, Debug, Default, Args)]
pub struct ClockArgs {
    /// A file that holds the present instant.
    #[arg(long, global = true, hide = true, requires = "insecure_driven_clock")]
    pub clock_file: Option<PathBuf>,
    /// Says that this is no real deployment.
    #[arg(long, global = true, hide = true)]
    pub insecure_driven_clock: bool,
}

/// The roles that a development token can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RoleArg {
    /// An operator of the duty desk.
    DutyDesk,
    /// One of Her Majesty's Inspectors.
    Hmi,
    /// Keeps the registers and plans visits.
    Scheduler,
    /// A Regional Director or a deputy.
    RegionalDirector,
    /// Publishes letters.
    Publisher,
    /// An accredited researcher.
    Researcher,
    /// Reads the audit.
    Auditor,
    /// Keeps the system running: sees, retries and discards what is parked.
    Operator,
}

impl RoleArg {
    /// The role.
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::DutyDesk => Role::DutyDesk,
            Self::Hmi => Role::Hmi,
            Self::Scheduler => Role::Scheduler,
            Self::RegionalDirector => Role::RegionalDirector,
            Self::Publisher => Role::Publisher,
            Self::Researcher => Role::Researcher,
            Self::Auditor => Role::Auditor,
            Self::Operator => Role::Operator,
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run every service in this process, on one port
    #[command(after_help = "\
Examples:
  visits serve
  visits serve --example --data visits-example
  visits serve --listen 127.0.0.1:0 --data /srv/visits
  visits serve --only escalation --config /etc/visits.toml")]
    Serve(ServeArgs),
    /// Play a term of visits on real schools, in a minute
    Demo(DemoArgs),
    /// Sign a token with the development key
    Token(TokenArgs),
    /// The register of schools
    #[command(subcommand)]
    School(SchoolCommand),
    /// The register of inspectors
    #[command(subcommand)]
    Inspector(InspectorCommand),
    /// Planned visits
    #[command(subcommand)]
    Visit(VisitCommand),
    /// Calls to schools on the school day before a visit
    #[command(subcommand)]
    Call(CallCommand),
    /// Concerns and what became of them
    #[command(subcommand)]
    Case(CaseCommand),
    /// The duty desk's shifts, and who has which case
    #[command(subcommand)]
    Duty(DutyCommand),
    /// Letters to parents
    #[command(subcommand)]
    Letter(LetterCommand),
    /// The national picture
    #[command(subcommand)]
    Insight(InsightCommand),
    /// Versions of the visit form
    #[command(subcommand)]
    Form(FormCommand),
    /// What could not be handled, or not even read, and waits for an operator
    #[command(subcommand)]
    Parked(ParkedCommand),
    /// What was done, refused and read, and whether the chain of it holds
    #[command(subcommand)]
    Audit(AuditCommand),
    /// What the services tell each other
    #[command(subcommand)]
    Events(EventsCommand),
    /// The configuration of this process
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Bring the databases up to date and stop
    #[command(after_help = "\
Examples:
  visits migrate --data /srv/visits
  visits migrate --only escalation --config /etc/visits.toml")]
    Migrate(OnlyArgs),
    /// Whether a server serves: exit code 0, else 1
    #[command(after_help = "Example:\n  visits health --server http://127.0.0.1:7403")]
    Health(HealthArgs),
}

/// What `serve` needs.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where to listen; port 0 takes a free one. Default: the configuration's server.listen.
    #[arg(long)]
    pub listen: Option<std::net::SocketAddr>,
    /// Begin a new data folder with an invented visit under way, to try things out with.
    #[arg(long, conflicts_with = "services")]
    pub example: bool,
    /// Which services.
    #[command(flatten)]
    pub only: OnlyArgs,
}

/// Which services.
#[derive(Clone, Debug, Default, Args)]
pub struct OnlyArgs {
    /// Only this service (repeat it for more); the others are in other processes. Default: the
    /// configuration's server.services.
    #[arg(long = "only", value_name = "SERVICE", value_parser = PossibleValuesParser::new(NAMES))]
    pub services: Vec<String>,
}

impl OnlyArgs {
    /// One service.
    #[must_use]
    pub fn one(service: &str) -> Self {
        Self {
            services: vec![service.to_owned()],
        }
    }
}

/// Whose health.
#[derive(Clone, Debug, Default, Args)]
pub struct HealthArgs {
    /// Ask where this process' own configuration listens, instead of `--server`.
    #[arg(skip)]
    pub own: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_verb_has_an_example_in_its_help() {
        let mut without = Vec::new();
        let mut waiting = vec![Cli::command()];
        while let Some(command) = waiting.pop() {
            waiting.extend(command.get_subcommands().cloned());
            let help = command.get_after_help().map(ToString::to_string);
            let is_noun = command.has_subcommands();
            if !is_noun && !help.unwrap_or_default().contains("visits ") {
                without.push(command.get_name().to_owned());
            }
        }
        assert_eq!(without, Vec::<String>::new());
    }

    #[test]
    fn a_driven_clock_needs_the_insecure_flag() {
        let parsed = Cli::try_parse_from(["visits", "migrate", "--clock-file", "f"]);
        assert!(parsed.is_err());
        let parsed = Cli::try_parse_from([
            "visits",
            "migrate",
            "--clock-file",
            "f",
            "--insecure-driven-clock",
        ]);
        assert!(parsed.is_ok());
    }

    #[test]
    fn every_role_of_a_person_can_be_asked_for_and_no_service() {
        for value in RoleArg::value_variants() {
            let name = value.to_possible_value().expect("name");
            assert_eq!(name.get_name(), value.role().name());
        }
        assert!(RoleArg::from_str("service", true).is_err());
    }
}
