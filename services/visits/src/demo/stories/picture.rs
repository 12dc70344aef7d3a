//! The national picture: answers coded, a release made, its tables printed.

use anyhow::Context as _;
use comfy_table::{CellAlignment, Table, presets};
use visits_proto::insights::v1 as pb;
use visits_proto::recording::v1::ListAnswersRequest;

use super::super::answered::Answered as _;
use super::super::answers::Bank;
use super::super::cast::{FIRST_VISIT, RESEARCHER};
use super::super::progress::Progress;
use super::super::stage::{Stage, at};
use super::super::steps::record_of;
use super::first_visit::FirstVisit;

const STORY: &str = "picture";
const FRAME: &str = "codingFrames/2020-09";
/// So many themes are printed; all are in the release.
const THEMES_SHOWN: usize = 20;

/// Codes every answer and makes a release.
///
/// # Errors
/// If a service refuses what the story needs, or grants what it must refuse.
pub async fn play(
    stage: &mut Stage,
    bank: &Bank,
    first: &FirstVisit,
) -> anyhow::Result<pb::Release> {
    stage.teller.act("The national picture");
    stage.go_to(at(10, 30, 10, 0)).await?;
    barred(stage, first).await?;
    let (visits, answers) = coded(stage, bank).await?;
    stage.does(
        RESEARCHER,
        &format!(
            "codes {answers} answers of {visits} completed visits. No school, date or name is on \
             any of them, and the two visits that stopped are not there."
        ),
    );
    let release = released(stage).await?;
    shown(stage, &release).await?;
    stage.figures.fact(STORY, "release", release.name.as_str());
    stage
        .figures
        .fact(STORY, "schools_visited", release.schools_visited);
    stage
        .figures
        .fact(STORY, "schools_coded", release.schools_coded);
    stage.figures.fact(STORY, "answers_coded", answers);
    Ok(release)
}

async fn barred(stage: &mut Stage, first: &FirstVisit) -> anyhow::Result<()> {
    let curious = FIRST_VISIT[1];
    let request = ListAnswersRequest {
        parent: record_of(&first.visit),
        ..ListAnswersRequest::default()
    };
    let mut recording = stage.caller(curious).recording();
    let refused = recording.list_answers(request).await;
    stage.is_refused(
        curious,
        "asks for the answers of the first visit again, three weeks after its letter came out",
        refused,
        "NOT_FOUND",
    )?;
    let mut insights = stage.caller(curious).insights();
    let refused = insights
        .list_answers_to_code(pb::ListAnswersToCodeRequest::default())
        .await;
    stage.is_refused(
        curious,
        "asks for the answers that wait to be coded, then",
        refused,
        "ACTION_NOT_PERMITTED",
    )
}

async fn coded(stage: &Stage, bank: &Bank) -> anyhow::Result<(usize, usize)> {
    let mut insights = stage.caller(RESEARCHER).insights();
    let mut waiting = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListAnswersToCodeRequest {
            page_size: 100,
            page_token,
            filter: "state = TO_CODE".to_owned(),
            ..Default::default()
        };
        let page = insights.list_answers_to_code(request).await.granted()?;
        waiting.extend(page.visit_codings);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let progress = Progress::of(&stage.teller, "visits coded", waiting.len());
    let mut answers = 0;
    for visit in &waiting {
        let codes: Vec<_> = visit
            .answers
            .iter()
            .filter(|answer| !answer.text.is_empty() || !answer.follow_ups.is_empty())
            .map(|answer| pb::AnswerCodes {
                answer: answer.number,
                codes: bank.codes(&answer.text),
            })
            .collect();
        answers += codes.len();
        let request = pb::CodeAnswersRequest {
            name: visit.name.clone(),
            request_id: stage.request_id(),
            frame: FRAME.to_owned(),
            answers: codes,
            reason: String::new(),
            etag: visit.etag.clone(),
        };
        insights.code_answers(request).await.granted()?;
        progress.step();
    }
    progress.end();
    Ok((waiting.len(), answers))
}

async fn released(stage: &mut Stage) -> anyhow::Result<pb::Release> {
    let request = pb::CreateReleaseRequest {
        request_id: stage.request_id(),
        title: "Interim visits: October 2020 (invented)".to_owned(),
        through_date: "2020-10-29".to_owned(),
        frame: FRAME.to_owned(),
    };
    let mut insights = stage.caller(RESEARCHER).insights();
    let release = insights.create_release(request).await.granted()?;
    let rate = release.conversion.as_ref().context("a release counts")?;
    stage.does(
        RESEARCHER,
        &format!(
            "makes release {}: {} schools visited and {} coded. Of {} visits begun, {} became an \
             NFD: {}. The limit is {} % once {} have begun{}.",
            release.number,
            release.schools_visited,
            release.schools_coded,
            rate.visits_begun,
            rate.nfd_required,
            rate.rate_text,
            f64::from(rate.limit_basis_points) / 100.0,
            rate.limit_from_visits,
            if rate.above_limit {
                ", and it is passed"
            } else {
                ""
            }
        ),
    );
    Ok(release)
}

async fn shown(stage: &mut Stage, release: &pb::Release) -> anyhow::Result<()> {
    for (table, rows) in [
        ("composition-by-phase", usize::MAX),
        ("themes", THEMES_SHOWN),
    ] {
        let request = pb::GetReleaseTableRequest {
            name: format!("{}/tables/{table}", release.name),
        };
        let mut insights = stage.caller(RESEARCHER).insights();
        let table = insights.get_release_table(request).await.granted()?;
        stage.teller.gap();
        stage.teller.prose(&table.title);
        stage.teller.gap();
        stage.teller.block(&printed(&table, rows));
        for note in &table.notes {
            stage.teller.prose(note);
        }
    }
    Ok(())
}

/// A table of counts, with the percentage that follows a count in brackets behind it.
fn printed(table: &pb::ReleaseTable, rows: usize) -> String {
    let is_share = |index: usize| {
        let before = index.checked_sub(1).and_then(|i| table.columns.get(i));
        let own = table.columns.get(index);
        matches!((before, own), (Some(count), Some(share)) if *share == format!("{count} %"))
    };
    let kept: Vec<usize> = (0..table.columns.len()).filter(|i| !is_share(*i)).collect();
    let mut grid = Table::new();
    grid.load_style(presets::NOTHING);
    grid.set_header(kept.iter().filter_map(|index| table.columns.get(*index)));
    for row in table.rows.iter().take(rows) {
        let cell = |index: usize| row.cells.get(index).map_or("", |cell| cell.text.as_str());
        grid.add_row(kept.iter().map(|index| {
            if is_share(index + 1) {
                format!("{} ({})", cell(*index), cell(index + 1))
            } else {
                cell(*index).to_owned()
            }
        }));
    }
    let is_number = |index: usize| {
        let cells = table.rows.first().map(|row| &row.cells);
        cells
            .and_then(|cells| cells.get(index))
            .is_some_and(|cell| cell.number.is_some())
    };
    for (column, index) in grid.column_iter_mut().zip(&kept) {
        if is_number(*index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text: Vec<String> = grid
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    let left_out = table.rows.len().saturating_sub(rows);
    if left_out > 0 {
        text.push(format!(" … and {left_out} more; all are in the release."));
    }
    text.join("\n")
}
