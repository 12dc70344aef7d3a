//! `visits insight`: the national picture.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use visits_core::Role;
use visits_insights::domain::frame::{Code, CodeKind};
use visits_insights::frame_file;
use visits_proto::insights::v1 as pb;
use visits_proto::insights::v1::insights_service_client::InsightsServiceClient;

use super::{Context, names};
use crate::client::{self, CallerChannel};
use crate::failure::Failure;
use crate::output::{Column, Format, column, count, note};

/// What to do with the national picture.
#[derive(Debug, Subcommand)]
pub enum InsightCommand {
    /// Import a version of the coding frame; importing the same again changes nothing
    #[command(after_help = "\
Example:
  visits insight import-frame services/insights/frames/2020-09.toml")]
    ImportFrame {
        /// The frame as TOML
        file: PathBuf,
    },
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

const FRAME: [Column; 5] = [
    column("FRAME", "/name"),
    column("TITLE", "/title"),
    column("EFFECTIVE FROM", "/effectiveDate"),
    column("IMPORTED", "/createTime"),
    column("IMPORTED BY", "/importer"),
];

const RELEASE: [Column; 11] = [
    column("RELEASE", "/name"),
    column("NUMBER", "/number"),
    column("TITLE", "/title"),
    column("THROUGH", "/throughDate"),
    column("FRAME", "/frame"),
    count("SCHOOLS VISITED", "/schoolsVisited"),
    count("SCHOOLS CODED", "/schoolsCoded"),
    column("CONVERTED", "/conversion/rateText"),
    column("SUPERSEDES", "/supersedes"),
    column("SHA-256", "/contentDigest"),
    column("MADE", "/createTime"),
];

type Client = InsightsServiceClient<CallerChannel>;

pub(super) async fn run(context: &Context, command: InsightCommand) -> Result<(), Failure> {
    match command {
        InsightCommand::ImportFrame { file } => import_frame(context, &file).await,
        InsightCommand::Release {
            through,
            frame,
            title,
        } => {
            let request = pb::CreateReleaseRequest {
                request_id: String::new(),
                title,
                through_date: through,
                frame: names::full("codingFrames", &frame),
            };
            release(context, request).await
        }
    }
}

async fn import_frame(context: &Context, file: &Path) -> Result<(), Failure> {
    let text = tokio::fs::read_to_string(file).await.map_err(|error| {
        Failure::invalid("file", format!("{} can't be read: {error}", file.display()))
    })?;
    let frame = frame_file::read(&text)?;
    let channel = client::connect(&context.global, Role::Researcher).await?;
    let request = pb::ImportCodingFrameRequest {
        request_id: client::request_id(&context.global)?,
        version: frame.version,
        title: frame.title,
        effective_date: frame.effective_date.to_string(),
        codes: frame.codes.into_iter().map(code).collect(),
    };
    let frame = InsightsServiceClient::new(channel)
        .import_coding_frame(request)
        .await?;
    context.output.show(frame.get_ref(), &FRAME)
}

fn code(code: Code) -> pb::FrameCode {
    use pb::frame_code::Kind;
    pb::FrameCode {
        code: code.code,
        kind: i32::from(match code.kind {
            CodeKind::Theme => Kind::Theme,
            CodeKind::Barrier => Kind::Barrier,
            CodeKind::Action => Kind::Action,
            CodeKind::Support => Kind::Support,
        }),
        label: code.label,
        definition: code.definition,
    }
}

async fn release(context: &Context, mut request: pb::CreateReleaseRequest) -> Result<(), Failure> {
    let channel = client::connect(&context.global, Role::Researcher).await?;
    let mut client = InsightsServiceClient::new(channel);
    request.request_id = client::request_id(&context.global)?;
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
        let lines = visits_insights::terminal::lines(&table);
        context.output.text(&format!("\n{}", lines.join("\n")))?;
    }
    Ok(())
}
