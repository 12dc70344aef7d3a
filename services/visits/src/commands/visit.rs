//! `visits visit`: planned visits.

use clap::{Args, Subcommand, ValueEnum};
use visits_core::Role;
use visits_proto::common::v1::Mode;
use visits_proto::scheduling::v1 as pb;
use visits_proto::scheduling::v1::scheduling_service_client::SchedulingServiceClient;

use super::{Context, names};
use crate::client;
use crate::failure::Failure;
use crate::output::{Column, column};

/// What to do with visits.
#[derive(Debug, Subcommand)]
pub enum VisitCommand {
    /// Plan a visit of one day; the call to the school falls on the school day before
    #[command(after_help = "\
Examples:
  visits visit plan --school 123166 --date 2020-10-13 --mode on-site --lead HMI-001 --with HMI-002
  visits visit plan --school 123166 --date 2020-10-13 --mode remote --lead HMI-001 \\
      --team-size-reason \"small school\"")]
    Plan(PlanArgs),
    /// Show one visit
    #[command(after_help = "\
Examples:
  visits visit show 0192f0c1-…
  visits visit show 0192f0c1-… --output json | jq .contextPack")]
    Show {
        /// visits/{uuid}, or the UUID
        visit: String,
    },
    /// List visits, oldest first unless asked otherwise
    #[command(after_help = "\
Examples:
  visits visit list --filter 'state = PLANNED AND region = \"south-east\"' --output csv
  visits visit list --order-by 'visit_date desc'")]
    List {
        /// Terms joined by AND over state, visit_date, school, region and flagged
        #[arg(long, default_value = "")]
        filter: String,
        /// By name or visit_date, each with " desc" or without, comma-separated
        #[arg(long, default_value = "")]
        order_by: String,
        /// How many at most
        #[arg(long, default_value_t = 500)]
        limit: usize,
    },
}

/// The plan of a visit.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The school's URN
    #[arg(long)]
    school: String,
    /// The one day of the visit, as 2020-10-13
    #[arg(long)]
    date: String,
    /// How it is held
    #[arg(long, value_enum)]
    mode: ModeArg,
    /// The inspector who leads, such as HMI-001
    #[arg(long)]
    lead: String,
    /// The other inspectors: one as a rule
    #[arg(long = "with", value_delimiter = ',')]
    others: Vec<String>,
    /// Why the team is not two
    #[arg(long, default_value = "")]
    team_size_reason: String,
}

/// How a visit is held.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ModeArg {
    /// At the school
    OnSite,
    /// By telephone or video
    Remote,
}

const ROW: [Column; 7] = [
    column("VISIT", "/name"),
    column("DATE", "/visitDate"),
    column("STATE", "/state"),
    column("SCHOOL", "/school"),
    column("MODE", "/mode"),
    column("TEAM", "/inspectors"),
    column("REGION", "/region"),
];

const ONE: [Column; 18] = [
    column("VISIT", "/name"),
    column("SCHOOL", "/school"),
    column("DATE", "/visitDate"),
    column("STARTS", "/plannedStartTime"),
    column("MODE", "/mode"),
    column("STATE", "/state"),
    column("TEAM", "/inspectors"),
    column("TEAM SIZE", "/teamSizeReason"),
    column("REGION", "/region"),
    column("CALL", "/call/dueTime"),
    column("CALL STATE", "/call/state"),
    column("CALENDAR", "/call/calendarUsed"),
    column("HOME TIME", "/homeTime/from"),
    column("DEPARTURE", "/plannedDeparture"),
    column("STARTED", "/startedTime"),
    column("COMPLETED", "/completedTime"),
    column("CONVERTED", "/convertedTime"),
    column("ETAG", "/etag"),
];

pub(super) async fn run(context: &Context, command: VisitCommand) -> Result<(), Failure> {
    let channel = client::connect(&context.global, Role::Scheduler).await?;
    let mut client = SchedulingServiceClient::new(channel);
    match command {
        VisitCommand::Plan(args) => {
            let request = plan(args, client::request_id(&context.global)?);
            let visit = client.plan_visit(request).await?;
            context.output.show(visit.get_ref(), &ONE)
        }
        VisitCommand::Show { visit } => {
            let name = names::full("visits", &visit);
            let visit = client.get_visit(pb::GetVisitRequest { name }).await?;
            context.output.show(visit.get_ref(), &ONE)
        }
        VisitCommand::List {
            filter,
            order_by,
            limit,
        } => {
            let mut found = Vec::new();
            let mut page_token = String::new();
            while found.len() < limit {
                let request = pb::ListVisitsRequest {
                    page_size: i32::try_from((limit - found.len()).min(500)).unwrap_or(500),
                    page_token,
                    filter: filter.clone(),
                    order_by: order_by.clone(),
                };
                let page = client.list_visits(request).await?.into_inner();
                found.extend(page.visits);
                page_token = page.next_page_token;
                if page_token.is_empty() {
                    break;
                }
            }
            context.output.list("visits", &found, &ROW)
        }
    }
}

fn plan(args: PlanArgs, request_id: String) -> pb::PlanVisitRequest {
    pb::PlanVisitRequest {
        school: names::full("schools", &args.school),
        visit_date: args.date,
        mode: i32::from(match args.mode {
            ModeArg::OnSite => Mode::OnSite,
            ModeArg::Remote => Mode::Remote,
        }),
        lead: names::full("inspectors", &args.lead),
        inspectors: args
            .others
            .iter()
            .map(|code| names::full("inspectors", code))
            .collect(),
        team_size_reason: args.team_size_reason,
        form_version: String::new(),
        request_id,
    }
}
