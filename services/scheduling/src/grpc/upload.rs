//! The upload of a file of schools: bytes go from the call's stream into the importer as they
//! come, rows come out in chunks, and no file is ever whole in memory.

use std::io::{self, Read};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use visits_core::{ErrorKind, Fault, FieldViolation, Fields};
use visits_proto::scheduling::v1 as proto;
use visits_proto::scheduling::v1::import_schools_header::Source;
use visits_proto::scheduling::v1::import_schools_request::Part;

use crate::app::App;
use crate::app::imports::{CHUNK_ROWS, ChunkReport, Import};
use crate::import::{ImportFile, InspectionRow, RowFormat, RowProblem, SchoolRow, Summary};
use crate::store::reference::Counts;

/// The most bytes of one file.
const FILE_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// The most problems that a report lists.
const PROBLEMS_MAX: usize = 1_000;
/// Parts of the file, and chunks of rows, that may wait.
const WAITING: usize = 4;

type Upload = tonic::Streaming<proto::ImportSchoolsRequest>;

/// The bytes of an upload, for a reader that blocks.
struct Pipe {
    parts: mpsc::Receiver<io::Result<Vec<u8>>>,
    part: Vec<u8>,
    at: usize,
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.part.len() {
            match self.parts.blocking_recv() {
                None => return Ok(0),
                Some(part) => (self.part, self.at) = (part?, 0),
            }
        }
        let count = buffer.len().min(self.part.len() - self.at);
        buffer[..count].copy_from_slice(&self.part[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

/// Reads the header, the first message of an upload.
pub(super) async fn header(upload: &mut Upload) -> Result<(Source, uuid::Uuid), Fault> {
    let first = next(upload).await?.and_then(|message| message.part);
    let Some(Part::Header(header)) = first else {
        return Err(Fault::invalid(vec![FieldViolation::new(
            "header",
            "must be the first message of the stream",
        )]));
    };
    let mut fields = Fields::new();
    let source = header.source();
    if source == Source::Unspecified {
        fields.violate("header.source", "must be SOURCE_GIAS or SOURCE_OFSTED_MI");
    }
    fields.optional_text("header.file_name", &header.file_name, 255);
    let request_id = fields.request_id(&header.request_id);
    fields.finish()?;
    Ok((source, request_id))
}

/// Imports what follows the header.
pub(super) async fn schools(
    app: &App,
    import: &Import,
    upload: Upload,
) -> Result<proto::ImportReport, Fault> {
    let (mut rows, parser) = parse::<SchoolRow>(upload);
    let (mut number, mut done) = (0, ChunkReport::default());
    while let Some(chunk) = rows.recv().await {
        add(&mut done, app.import_schools(import, number, chunk).await?);
        number += 1;
    }
    Ok(report(ended(parser).await?, &done))
}

/// As [`schools`], for Ofsted's management information.
pub(super) async fn inspections(
    app: &App,
    import: &Import,
    upload: Upload,
) -> Result<proto::ImportReport, Fault> {
    let (mut rows, parser) = parse::<InspectionRow>(upload);
    let (mut number, mut done) = (0, ChunkReport::default());
    while let Some(chunk) = rows.recv().await {
        add(
            &mut done,
            app.import_inspections(import, number, chunk).await?,
        );
        number += 1;
    }
    Ok(report(ended(parser).await?, &done))
}

type Rows<T> = mpsc::Receiver<Vec<(u64, T)>>;

/// Starts the upload's two ends: one task takes parts in, one thread reads rows.
fn parse<T: RowFormat + Send + 'static>(
    upload: Upload,
) -> (Rows<T>, JoinHandle<Result<Summary, Fault>>) {
    let (give_part, parts) = mpsc::channel(WAITING);
    let (give_rows, rows) = mpsc::channel(WAITING);
    tokio::spawn(take_in(upload, give_part));
    let parser = tokio::task::spawn_blocking(move || {
        let pipe = Pipe {
            parts,
            part: Vec::new(),
            at: 0,
        };
        let mut file = ImportFile::<T>::open(pipe)?;
        loop {
            let chunk = file.next_lines(CHUNK_ROWS)?;
            if chunk.is_empty() {
                return Ok(file.finish()?);
            }
            if give_rows.blocking_send(chunk).is_err() {
                return Err(Fault::transient("the import was given up"));
            }
        }
    });
    (rows, parser)
}

async fn take_in(mut upload: Upload, give_part: mpsc::Sender<io::Result<Vec<u8>>>) {
    let mut total = 0_u64;
    loop {
        let part = match next(&mut upload).await {
            Ok(None) => return,
            Ok(Some(message)) => match message.part {
                Some(Part::Chunk(bytes)) => Ok(bytes),
                _ => Err(io::Error::other("only the first message is a header")),
            },
            // A stream that breaks off must never look like the end of the file.
            Err(fault) => Err(io::Error::other(fault.message)),
        };
        total += part.as_ref().map_or(0, |bytes| bytes.len() as u64);
        let part = if total > FILE_BYTES_MAX {
            Err(io::Error::other("the file has more than 128 MiB"))
        } else {
            part
        };
        let broken = part.is_err();
        if give_part.send(part).await.is_err() || broken {
            return;
        }
    }
}

async fn next(upload: &mut Upload) -> Result<Option<proto::ImportSchoolsRequest>, Fault> {
    upload.message().await.map_err(|status| {
        Fault::new(
            ErrorKind::Transient,
            "UPLOAD_BROKEN",
            format!("the upload broke off: {}", status.message()),
        )
    })
}

async fn ended(parser: JoinHandle<Result<Summary, Fault>>) -> Result<Summary, Fault> {
    parser
        .await
        .map_err(|_| Fault::fatal("the importer panicked"))?
}

fn add(done: &mut ChunkReport, chunk: ChunkReport) {
    done.counts = done.counts.plus(chunk.counts);
    done.refused.extend(chunk.refused);
}

/// The report; its counts add up to the rows that were read.
fn report(summary: Summary, done: &ChunkReport) -> proto::ImportReport {
    let found = summary.problems_found + done.refused.len() as u64;
    let mut problems: Vec<RowProblem> = summary.problems;
    problems.extend(done.refused.iter().cloned());
    problems.sort_by_key(|problem| problem.line);
    problems.truncate(PROBLEMS_MAX);
    let listed = problems.len() as u64;
    let refused = summary.refused + done.refused.len() as u64;
    counted(summary.read, done.counts, refused).with_problems(problems, found - listed)
}

/// A report of counts alone.
pub(super) fn counted(read: u64, counts: Counts, refused: u64) -> proto::ImportReport {
    let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    proto::ImportReport {
        rows_read: whole(read),
        imported: whole(counts.imported),
        updated: whole(counts.updated),
        unchanged: whole(counts.unchanged),
        refused: whole(refused),
        problems: Vec::new(),
        problems_not_listed: 0,
    }
}

trait WithProblems {
    fn with_problems(self, problems: Vec<RowProblem>, not_listed: u64) -> Self;
}

impl WithProblems for proto::ImportReport {
    fn with_problems(mut self, problems: Vec<RowProblem>, not_listed: u64) -> Self {
        let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.problems = problems
            .into_iter()
            .map(|problem| proto::RowProblem {
                line: whole(problem.line),
                column: problem.column,
                reason: problem.reason,
            })
            .collect();
        self.problems_not_listed = whole(not_listed);
        self
    }
}
