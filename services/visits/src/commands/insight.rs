//! `visits insight`: the national picture.

use clap::Subcommand;
use comfy_table::{Table, presets};
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use visits_core::Role;
use visits_proto::insights::v1 as pb;
use visits_proto::insights::v1::insights_service_client::InsightsServiceClient;

use super::{Context, names};
use crate::client::{self, Bearer};
use crate::failure::Failure;
use crate::output::{Column, Format, column, note};

/// What to do with the national picture.
#[derive(Debug, Subcommand)]
pub enum InsightCommand {
    /// Make a release: a dated picture that never changes and supersedes the one before
    #[command(after_help = "\
Examples:
  visits insight release --through 2020-10-16 --frame 2020-09 --title \"Interim visits: October 2020\"
  visits insight release --through 2020-10-16 --frame 2020-09 --title October --output csv > tables.csv")]
    Release {
        /// The last day whose completed visits are in the picture
        #[arg(long)]
        through: String,
        /// The coding frame whose codes are counted
        #[arg(long)]
        frame: String,
        /// What the release is called
        #[arg(long)]
        title: String,
    },
}

const RELEASE: [Column; 11] = [
    column("RELEASE", "/name"),
    column("NUMBER", "/number"),
    column("TITLE", "/title"),
    column("THROUGH", "/throughDate"),
    column("FRAME", "/frame"),
    column("SCHOOLS VISITED", "/schoolsVisited"),
    column("SCHOOLS CODED", "/schoolsCoded"),
    column("CONVERTED", "/conversion/rateText"),
    column("SUPERSEDES", "/supersedes"),
    column("SHA-256", "/contentDigest"),
    column("MADE", "/createTime"),
];

type Client = InsightsServiceClient<InterceptedService<Channel, Bearer>>;

pub(super) async fn run(context: &Context, command: InsightCommand) -> Result<(), Failure> {
    let InsightCommand::Release {
        through,
        frame,
        title,
    } = command;
    let channel = client::connect(&context.global, Role::Researcher).await?;
    let mut client = InsightsServiceClient::new(channel);
    let request = pb::CreateReleaseRequest {
        request_id: client::request_id(&context.global)?,
        title,
        through_date: through,
        frame: names::full("codingFrames", &frame),
    };
    let release = client.create_release(request).await?.into_inner();
    match context.output.format() {
        Format::Csv => csv(context, &mut client, &release).await,
        Format::Table => {
            context.output.show(&release, &RELEASE)?;
            tables(context, &mut client, &release).await
        }
        Format::Json | Format::Ndjson => context.output.show(&release, &RELEASE),
    }
}

async fn csv(context: &Context, client: &mut Client, release: &pb::Release) -> Result<(), Failure> {
    for name in &release.tables {
        let request = pb::ExportReleaseCsvRequest { name: name.clone() };
        let export = client.export_release_csv(request).await?.into_inner();
        note(&format!("{}: {}", release.name, export.file_name));
        context.output.text(export.csv.trim_end())?;
    }
    Ok(())
}

async fn tables(
    context: &Context,
    client: &mut Client,
    release: &pb::Release,
) -> Result<(), Failure> {
    for name in &release.tables {
        let request = pb::GetReleaseTableRequest { name: name.clone() };
        let table = client.get_release_table(request).await?.into_inner();
        context.output.text(&printed(&table))?;
    }
    Ok(())
}

fn printed(table: &pb::ReleaseTable) -> String {
    let mut grid = Table::new();
    grid.load_style(presets::NOTHING).set_header(&table.columns);
    for row in &table.rows {
        grid.add_row(row.cells.iter().map(|cell| &cell.text));
    }
    let lines: Vec<String> = grid
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    let mut text = format!("\n{}\n{}", table.title, lines.join("\n"));
    for remark in &table.notes {
        text.push_str(&format!("\n  {remark}"));
    }
    text
}
