//! `visits call`: the calls to schools on the school day before a visit (M13).

use clap::Subcommand;
use visits_core::Role;
use visits_proto::scheduling::v1 as pb;
use visits_proto::scheduling::v1::scheduling_service_client::SchedulingServiceClient;

use super::Context;
use crate::client;
use crate::failure::Failure;
use crate::output::{Column, column};

/// What to do with calls.
#[derive(Debug, Subcommand)]
pub enum CallCommand {
    /// The schools that are to be called
    #[command(after_help = "\
Examples:
  visits call due
  visits call due --date 2020-10-12
  visits call due --as hmi --id HMI-001")]
    Due {
        /// The call day, as 2020-10-12; today in England if not given
        #[arg(long, default_value = "")]
        date: String,
    },
}

const ROW: [Column; 7] = [
    column("CALL", "/call/dueTime"),
    column("CALL STATE", "/call/state"),
    column("NEXT ATTEMPT", "/call/nextAttemptTime"),
    column("SCHOOL", "/school"),
    column("VISIT", "/name"),
    column("VISIT DATE", "/visitDate"),
    column("LEAD", "/lead"),
];

pub(super) async fn run(context: &Context, command: CallCommand) -> Result<(), Failure> {
    let CallCommand::Due { date } = command;
    let channel = client::connect(&context.global, Role::Scheduler).await?;
    let mut client = SchedulingServiceClient::new(channel);
    let mut found = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListCallsDueRequest {
            date: date.clone(),
            page_size: 500,
            page_token,
            ..pb::ListCallsDueRequest::default()
        };
        let page = client.list_calls_due(request).await?.into_inner();
        found.extend(page.visits);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    context.output.list("visits", &found, &ROW)
}
