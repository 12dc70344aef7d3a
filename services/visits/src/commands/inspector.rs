//! `visits inspector`: the register of inspectors, by code and never by name.

use clap::Subcommand;
use visits_core::Role;
use visits_proto::scheduling::v1 as pb;
use visits_proto::scheduling::v1::scheduling_service_client::SchedulingServiceClient;

use super::Context;
use crate::client;
use crate::failure::Failure;
use crate::output::{Column, column};

/// What to do with inspectors.
#[derive(Debug, Subcommand)]
pub enum InspectorCommand {
    /// Enter an inspector
    #[command(after_help = "Example:\n  visits inspector add HMI-001 --region south-east")]
    Add {
        /// The code
        code: String,
        /// The Ofsted region they work in
        #[arg(long)]
        region: String,
    },
    /// List the inspectors, by code
    #[command(after_help = "\
Example:
  visits inspector list --filter 'ofsted_region = \"south-east\"'")]
    List {
        /// Terms joined by AND, such as ofsted_region = "south-east"
        #[arg(long, default_value = "")]
        filter: String,
        /// name, or "name desc"
        #[arg(long, default_value = "")]
        order_by: String,
    },
}

const INSPECTOR: [Column; 3] = [
    column("INSPECTOR", "/name"),
    column("REGION", "/ofstedRegion"),
    column("ENTERED", "/createTime"),
];

pub(super) async fn run(context: &Context, command: InspectorCommand) -> Result<(), Failure> {
    let channel = client::connect(&context.global, Role::Scheduler).await?;
    let mut client = SchedulingServiceClient::new(channel);
    match command {
        InspectorCommand::Add { code, region } => {
            let request = pb::CreateInspectorRequest {
                inspector_id: code,
                ofsted_region: region,
                request_id: client::request_id(&context.global)?,
            };
            let inspector = client.create_inspector(request).await?;
            context.output.show(inspector.get_ref(), &INSPECTOR)
        }
        InspectorCommand::List { filter, order_by } => {
            let mut found = Vec::new();
            let mut page_token = String::new();
            loop {
                let request = pb::ListInspectorsRequest {
                    page_size: 500,
                    page_token,
                    filter: filter.clone(),
                    order_by: order_by.clone(),
                };
                let page = client.list_inspectors(request).await?.into_inner();
                found.extend(page.inspectors);
                page_token = page.next_page_token;
                if page_token.is_empty() {
                    break;
                }
            }
            context.output.list("inspectors", &found, &INSPECTOR)
        }
    }
}
