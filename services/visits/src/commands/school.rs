//! `visits school`: the register of schools.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::io::AsyncReadExt as _;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Request;
use visits_core::Role;
use visits_proto::scheduling::v1 as pb;
use visits_proto::scheduling::v1::scheduling_service_client::SchedulingServiceClient;

use super::{Context, names};
use crate::client;
use crate::failure::Failure;
use crate::output::{Column, Format, column, count, note, somebody_watches};

/// A message of the stream must stay below the server's limit of 1 MiB.
const CHUNK_BYTES: usize = 256 * 1024;
const IMPORT_TIMEOUT: Duration = Duration::from_secs(600);
const PROBLEMS_SHOWN: usize = 20;

/// What to do with schools.
#[derive(Debug, Subcommand)]
pub enum SchoolCommand {
    /// Import the register of schools, or Ofsted's outcomes; exit code 9 if rows were refused
    #[command(after_help = "\
Examples:
  visits school import edubasealldata20201001.csv.gz
  visits school import management_information.csv --source ofsted-mi
  visits school import schools.csv --output json | jq .problems")]
    Import {
        /// The file: CSV, plain or gz, Windows-1252 or UTF-8
        file: PathBuf,
        /// Whose file it is
        #[arg(long, value_enum, default_value = "gias")]
        source: Source,
    },
    /// Show one school
    #[command(after_help = "Example:\n  visits school show 123166")]
    Show {
        /// The URN, or schools/{urn}
        school: String,
    },
}

/// Whose file is imported.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Source {
    /// "Get Information About Schools" of the Department for Education
    Gias,
    /// Ofsted's management information of inspection outcomes
    OfstedMi,
}

const SCHOOL: [Column; 12] = [
    column("SCHOOL", "/name"),
    column("NAME", "/displayName"),
    column("STATUS", "/status"),
    column("PHASE", "/phase"),
    column("TYPE", "/schoolType"),
    column("PUPILS", "/pupilsOnRoll"),
    column("LOCAL AUTHORITY", "/localAuthority"),
    column("LA CODE", "/localAuthorityCode"),
    column("OFSTED REGION", "/ofstedRegion"),
    column("IDACI QUINTILE", "/idaciQuintile"),
    column("PREVIOUS GRADE", "/previousGrade"),
    column("PREVIOUS REPORT", "/previousReportUri"),
];

const REPORT: [Column; 5] = [
    count("ROWS READ", "/rowsRead"),
    count("IMPORTED", "/imported"),
    count("UPDATED", "/updated"),
    count("UNCHANGED", "/unchanged"),
    count("REFUSED", "/refused"),
];

pub(super) async fn run(context: &Context, command: SchoolCommand) -> Result<(), Failure> {
    match command {
        SchoolCommand::Import { file, source } => import(context, &file, source).await,
        SchoolCommand::Show { school } => {
            let channel = client::connect(&context.global, Role::Scheduler).await?;
            let request = pb::GetSchoolRequest {
                name: names::full("schools", &school),
            };
            let school = SchedulingServiceClient::new(channel)
                .get_school(request)
                .await?;
            context.output.show(school.get_ref(), &SCHOOL)
        }
    }
}

async fn import(context: &Context, path: &Path, source: Source) -> Result<(), Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::invalid("file", format!("{} can't be read: {error}", path.display()))
    };
    let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
    let length = file.metadata().await.map_err(unreadable)?.len();
    let channel = client::connect(&context.global, Role::Scheduler).await?;
    let header = pb::ImportSchoolsHeader {
        source: i32::from(match source {
            Source::Gias => pb::import_schools_header::Source::Gias,
            Source::OfstedMi => pb::import_schools_header::Source::OfstedMi,
        }),
        file_name: path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        request_id: client::request_id(&context.global)?,
    };
    let progress = progress(context, length);
    let (sender, parts) = tokio::sync::mpsc::channel(4);
    let sending = tokio::spawn(send(file, header, sender, progress.clone()));
    let mut request = Request::new(ReceiverStream::new(parts));
    request.set_timeout(IMPORT_TIMEOUT);
    let answer = SchedulingServiceClient::new(channel)
        .import_schools(request)
        .await;
    progress.finish_and_clear();
    // If the file could not be read to its end, that is why the server answered as it did.
    if let Ok(Err(error)) = sending.await {
        return Err(unreadable(error));
    }
    say(context, answer?.get_ref())
}

async fn send(
    mut file: tokio::fs::File,
    header: pb::ImportSchoolsHeader,
    sender: tokio::sync::mpsc::Sender<pb::ImportSchoolsRequest>,
    progress: ProgressBar,
) -> std::io::Result<()> {
    use pb::import_schools_request::Part;
    let mut part = Part::Header(header);
    loop {
        let message = pb::ImportSchoolsRequest { part: Some(part) };
        if sender.send(message).await.is_err() {
            return Ok(());
        }
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        let read = (&mut file)
            .take(CHUNK_BYTES as u64)
            .read_to_end(&mut chunk)
            .await?;
        if read == 0 {
            return Ok(());
        }
        progress.inc(read as u64);
        part = Part::Chunk(chunk);
    }
}

fn progress(context: &Context, length: u64) -> ProgressBar {
    if context.global.quiet || !somebody_watches() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {bytes} of {total_bytes}, {elapsed}");
    let bar = ProgressBar::new(length);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn say(context: &Context, report: &pb::ImportReport) -> Result<(), Failure> {
    context.output.show(report, &REPORT)?;
    if report.refused == 0 {
        return Ok(());
    }
    if context.output.format() == Format::Table {
        for problem in report.problems.iter().take(PROBLEMS_SHOWN) {
            let (line, column, reason) = (problem.line, &problem.column, &problem.reason);
            note(&format!("  line {line}, {column}: {reason}"));
        }
        if report.refused > PROBLEMS_SHOWN as i64 {
            note("  … the first 1,000 with --output json");
        }
    }
    Err(Failure::Partial(format!(
        "{} of {} rows were refused, the rest was imported",
        report.refused, report.rows_read
    )))
}
