//! Before the term: the registers, the calendars, the script, the form, the frame.

use anyhow::Context as _;
use serde::Deserialize;
use visits_proto::escalation::v1::SetRegionalDirectorRequest;
use visits_proto::insights::v1::frame_code::Kind;
use visits_proto::insights::v1::{FrameCode, ImportCodingFrameRequest};
use visits_proto::recording::v1::ImportVisitFormRequest;
use visits_proto::scheduling::v1 as pb;
use visits_proto::scheduling::v1::import_schools_header::Source;
use visits_proto::scheduling::v1::import_schools_request::Part;

use super::super::answered::Answered as _;
use super::super::cast::{self, REGIONS, RESEARCHER, SCHEDULER};
use super::super::data::{self, Extract};
use super::super::progress::Progress;
use super::super::stage::Stage;

const STORY: &str = "registers";
/// A message of the stream must stay below the server's limit of 1 MiB.
const CHUNK_BYTES: usize = 256 * 1024;

/// Imports everything.
///
/// # Errors
/// If a service refuses what the story needs.
pub async fn play(stage: &mut Stage, extract: Extract) -> anyhow::Result<()> {
    stage
        .teller
        .act("Before the term: schools, inspectors, calendars");
    schools(stage, extract).await?;
    calendars(stage).await?;
    versions(stage).await?;
    inspectors(stage).await?;
    directors(stage).await
}

/// Imports what a visit to an invented school needs, and no other school.
///
/// # Errors
/// If a service refuses it.
pub async fn play_invented(stage: &mut Stage) -> anyhow::Result<()> {
    invented_schools(stage).await?;
    calendars(stage).await?;
    versions(stage).await?;
    inspectors(stage).await?;
    directors(stage).await
}

async fn schools(stage: &mut Stage, extract: Extract) -> anyhow::Result<()> {
    let progress = Progress::spinner(&stage.teller, "importing the register of schools");
    let bytes = extract.bytes().context("the register of schools")?;
    let report = import(stage, Source::Gias, "gias-2020-09-26.csv.gz", bytes).await?;
    progress.end();
    let read = grouped(report.rows_read);
    stage.does(
        SCHEDULER,
        &format!(
            "imports the register of schools: {read} rows read, {} imported, {} refused.",
            grouped(report.imported),
            report.refused
        ),
    );
    stage.figures.schools_imported = report.imported;
    stage.figures.fact(STORY, "rows_read", report.rows_read);
    stage.figures.fact(STORY, "rows_refused", report.refused);

    let report = import(stage, Source::OfstedMi, "oxfordshire.csv", data::OUTCOMES).await?;
    let brought = report.imported + report.updated;
    stage.does(
        SCHEDULER,
        &format!(
            "imports Oxfordshire's inspection outcomes: {brought} schools now have a previous \
             grade and an IDACI quintile; {} rows name schools that have closed since and are \
             reported line by line. Columns about complaints are dropped before anything is stored.",
            report.refused
        ),
    );
    stage.figures.outcomes_imported = brought;
    stage
        .figures
        .fact(STORY, "outcomes_refused", report.refused);

    invented_schools(stage).await
}

async fn invented_schools(stage: &mut Stage) -> anyhow::Result<()> {
    let report = import(stage, Source::Gias, "invented.csv", data::INVENTED_SCHOOLS).await?;
    stage.does(
        SCHEDULER,
        &format!(
            "adds {} invented schools: where something goes wrong in this play, it goes wrong at \
             a school that does not exist.",
            report.imported
        ),
    );
    Ok(())
}

async fn import(
    stage: &Stage,
    source: Source,
    file_name: &str,
    bytes: impl AsRef<[u8]>,
) -> anyhow::Result<pb::ImportReport> {
    let header = pb::ImportSchoolsHeader {
        source: i32::from(source),
        file_name: file_name.to_owned(),
        request_id: stage.request_id(),
    };
    let chunks = bytes.as_ref().chunks(CHUNK_BYTES);
    let parts: Vec<_> = std::iter::once(Part::Header(header))
        .chain(chunks.map(|chunk| Part::Chunk(chunk.to_vec())))
        .map(|part| pb::ImportSchoolsRequest { part: Some(part) })
        .collect();
    stage
        .caller(SCHEDULER)
        .scheduling()
        .import_schools(tokio_stream::iter(parts))
        .await
        .granted()
}

async fn calendars(stage: &mut Stage) -> anyhow::Result<()> {
    let request = pb::ImportBankHolidaysRequest {
        content: data::BANK_HOLIDAYS.to_vec(),
        request_id: stage.request_id(),
    };
    let mut scheduling = stage.caller(SCHEDULER).scheduling();
    scheduling.import_bank_holidays(request).await.granted()?;
    let closures = data::CALENDAR
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut cells = line.split(',').skip(1);
            Some(closure(cells.next()?, cells.next()?))
        })
        .collect();
    set_calendar(stage, "calendars/england", closures).await?;
    // The school of the 48 hours had its half term early: it is open on Monday 26 October.
    let early = vec![closure("2020-10-12", "2020-10-16")];
    set_calendar(stage, "calendars/schools-900002", early).await?;
    stage.does(
        SCHEDULER,
        "sets the calendars: bank holidays from GOV.UK; half term from 26 to 30 October and the \
         end of term for England; one academy with its own half term, two weeks earlier.",
    );
    Ok(())
}

async fn set_calendar(stage: &Stage, name: &str, closures: Vec<pb::Closure>) -> anyhow::Result<()> {
    let request = pb::ImportCalendarRequest {
        name: name.to_owned(),
        closures,
        request_id: stage.request_id(),
    };
    let mut scheduling = stage.caller(SCHEDULER).scheduling();
    scheduling.import_calendar(request).await.granted()?;
    Ok(())
}

fn closure(first: &str, last: &str) -> pb::Closure {
    pb::Closure {
        first_date: first.to_owned(),
        last_date: last.to_owned(),
        kind: i32::from(pb::closure::Kind::Holiday),
    }
}

async fn versions(stage: &mut Stage) -> anyhow::Result<()> {
    let request = pb::ImportCallScriptRequest {
        content: data::CALL_SCRIPT.to_owned(),
        request_id: stage.request_id(),
    };
    let mut scheduling = stage.caller(SCHEDULER).scheduling();
    let script = scheduling.import_call_script(request).await.granted()?;
    let request = ImportVisitFormRequest {
        toml: data::VISIT_FORM.to_owned(),
        request_id: stage.request_id(),
    };
    let mut recording = stage.caller(SCHEDULER).recording();
    let form = recording.import_visit_form(request).await.granted()?;
    stage.does(
        SCHEDULER,
        &format!(
            "imports the call's script, {} steps, and the visit form, {} questions in five \
             discussions. Both are data with a first day: a new version needs no new release.",
            script.steps.len(),
            form.questions.len()
        ),
    );
    let request = frame(stage.request_id())?;
    let mut insights = stage.caller(RESEARCHER).insights();
    let frame = insights.import_coding_frame(request).await.granted()?;
    stage.does(
        RESEARCHER,
        &format!(
            "imports the coding frame, {} codes: themes, barriers, actions, support.",
            frame.codes.len()
        ),
    );
    Ok(())
}

#[derive(Deserialize)]
struct FrameFile {
    version: String,
    title: String,
    effective_date: String,
    codes: Vec<CodeRow>,
}

#[derive(Deserialize)]
struct CodeRow {
    code: String,
    kind: String,
    label: String,
    definition: String,
}

fn frame(request_id: String) -> anyhow::Result<ImportCodingFrameRequest> {
    let file: FrameFile = toml::from_str(data::CODING_FRAME).context("the coding frame")?;
    let codes = file.codes.into_iter().map(|row| {
        let kind = match row.kind.as_str() {
            "theme" => Kind::Theme,
            "barrier" => Kind::Barrier,
            "action" => Kind::Action,
            "support" => Kind::Support,
            _ => Kind::Unspecified,
        };
        FrameCode {
            code: row.code,
            kind: i32::from(kind),
            label: row.label,
            definition: row.definition,
        }
    });
    Ok(ImportCodingFrameRequest {
        request_id,
        version: file.version,
        title: file.title,
        effective_date: file.effective_date,
        codes: codes.collect(),
    })
}

async fn inspectors(stage: &mut Stage) -> anyhow::Result<()> {
    let mut scheduling = stage.caller(SCHEDULER).scheduling();
    let stories = std::iter::repeat_n("south-east", cast::IN_STORIES as usize);
    let regions = REGIONS
        .iter()
        .flat_map(|(region, _, size)| std::iter::repeat_n(*region, *size as usize));
    for (number, region) in (1..).zip(stories.chain(regions)) {
        let request = pb::CreateInspectorRequest {
            inspector_id: cast::hmi(number),
            ofsted_region: region.to_owned(),
            request_id: stage.request_id(),
        };
        scheduling.create_inspector(request).await.granted()?;
    }
    stage.does(
        SCHEDULER,
        &format!(
            "enters {} of Her Majesty's Inspectors, {} to {}: codes, never names.",
            cast::corps(),
            cast::hmi(1),
            cast::hmi(cast::corps())
        ),
    );
    Ok(())
}

async fn directors(stage: &mut Stage) -> anyhow::Result<()> {
    let mut escalation = stage.caller(SCHEDULER).escalation();
    for (region, _, _) in REGIONS {
        let request = SetRegionalDirectorRequest {
            request_id: stage.request_id(),
            region: format!("regions/{region}"),
            principal: cast::director(region),
            from_date: "2020-09-01".to_owned(),
            ..SetRegionalDirectorRequest::default()
        };
        escalation.set_regional_director(request).await.granted()?;
    }
    let request = SetRegionalDirectorRequest {
        request_id: stage.request_id(),
        region: "regions/east-midlands".to_owned(),
        principal: "RD-EM-DEPUTY".to_owned(),
        from_date: "2020-10-12".to_owned(),
        to_date: "2020-10-16".to_owned(),
        deputy: true,
        ..SetRegionalDirectorRequest::default()
    };
    escalation.set_regional_director(request).await.granted()?;
    stage.does(
        SCHEDULER,
        "writes the register of the eight Regional Directors, and of one deputy for the week of \
         12 October. Whether somebody may decide is looked up there: a token alone is not enough.",
    );
    stage.settle().await
}

/// `21,567`.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
