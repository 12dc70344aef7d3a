//! What insights knows → the contract's messages.

use uuid::Uuid;
use visits_durable::store::Versioned;
use visits_proto::insights::v1 as wire;
use visits_proto::timestamp;
use visits_runtime::etag;

use crate::domain::coding::{Answer, Coding, CodingState, FollowUp, Round};
use crate::domain::conversion::ConversionCounts;
use crate::domain::frame::{Code, CodeKind, Frame, FrameContent};
use crate::domain::release::ReleaseId;
use crate::domain::table::{Cell, Table};
use crate::store::releases::Kept;

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn small(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// The request that imports a frame: for clients that read it from a file.
#[must_use]
pub fn import_request(content: FrameContent, request_id: Uuid) -> wire::ImportCodingFrameRequest {
    wire::ImportCodingFrameRequest {
        request_id: request_id.to_string(),
        version: content.version,
        title: content.title,
        effective_date: content.effective_date.to_string(),
        codes: content.codes.into_iter().map(code).collect(),
    }
}

/// A coding frame.
#[must_use]
pub fn frame(frame: Frame) -> wire::CodingFrame {
    let content = frame.content;
    wire::CodingFrame {
        name: format!("codingFrames/{}", content.version),
        version: content.version,
        title: content.title,
        effective_date: content.effective_date.to_string(),
        codes: content.codes.into_iter().map(code).collect(),
        create_time: Some(timestamp(frame.imported_at)),
        importer: frame.importer,
        etag: etag::of(1),
    }
}

fn code(code: Code) -> wire::FrameCode {
    use wire::frame_code::Kind;
    let kind = match code.kind {
        CodeKind::Theme => Kind::Theme,
        CodeKind::Barrier => Kind::Barrier,
        CodeKind::Action => Kind::Action,
        CodeKind::Support => Kind::Support,
    };
    wire::FrameCode {
        code: code.code,
        kind: kind.into(),
        label: code.label,
        definition: code.definition,
    }
}

/// A visit's answers and how they were coded.
#[must_use]
pub fn coding(coding: Versioned<Coding>) -> wire::VisitCoding {
    use wire::visit_coding::State;
    let state = match coding.value.state() {
        CodingState::ToCode => State::ToCode,
        CodingState::Coded => State::Coded,
        CodingState::LeftOut => State::LeftOut,
    };
    let value = coding.value;
    wire::VisitCoding {
        name: format!("visitCodings/{}", coding.id),
        state: state.into(),
        form: format!("visitForms/{}", value.form),
        answers: (1..).zip(value.answers).map(answer).collect(),
        rounds: (1..).zip(value.rounds).map(round).collect(),
        etag: etag::of(coding.version),
    }
}

fn answer((number, answer): (i32, Answer)) -> wire::DeidentifiedAnswer {
    wire::DeidentifiedAnswer {
        number,
        question_code: answer.question_code,
        area: answer.area,
        text: answer.text,
        declined: answer.declined,
        follow_ups: answer.follow_ups.into_iter().map(follow_up).collect(),
    }
}

fn follow_up(follow_up: FollowUp) -> wire::DeidentifiedFollowUp {
    wire::DeidentifiedFollowUp {
        question: follow_up.question,
        text: follow_up.text,
        declined: follow_up.declined,
    }
}

fn round((number, round): (i32, Round)) -> wire::CodingRound {
    let answers = round.answers.into_iter().map(|answer| wire::AnswerCodes {
        answer: small(answer.answer),
        codes: answer.codes,
    });
    wire::CodingRound {
        number,
        frame: format!("codingFrames/{}", round.frame),
        coder: round.coder,
        code_time: Some(timestamp(round.coded_at)),
        reason: round.reason,
        answers: answers.collect(),
    }
}

/// A release.
#[must_use]
pub fn release(kept: &Kept, content_digest: String) -> wire::Release {
    let (id, release) = (kept.id, &kept.release);
    let name_of = |id: ReleaseId| format!("releases/{id}");
    wire::Release {
        name: name_of(id),
        number: small(release.number),
        title: release.title.clone(),
        through_date: release.through_date.to_string(),
        frame: format!("codingFrames/{}", release.frame),
        schools_visited: signed(release.schools_visited),
        schools_coded: signed(release.schools_coded),
        conversion: Some(conversion(&release.conversion)),
        tables: release
            .tables
            .iter()
            .map(|table| table_name(id, &table.slug))
            .collect(),
        supersedes: release.supersedes.map(name_of).unwrap_or_default(),
        superseded_by: kept.superseded_by.map(name_of).unwrap_or_default(),
        content_digest,
        create_time: Some(timestamp(release.created_at)),
        creator: release.creator.clone(),
        etag: etag::of(1),
    }
}

/// The name of a release's table.
#[must_use]
pub fn table_name(id: ReleaseId, slug: &str) -> String {
    format!("releases/{id}/tables/{slug}")
}

/// A table of a release.
#[must_use]
pub fn table(id: ReleaseId, table: Table) -> wire::ReleaseTable {
    let row = |cells: Vec<Cell>| wire::ReleaseTableRow {
        cells: cells.into_iter().map(cell).collect(),
    };
    wire::ReleaseTable {
        name: table_name(id, &table.slug),
        title: table.title,
        columns: table.columns,
        rows: table.rows.into_iter().map(row).collect(),
        notes: table.notes,
    }
}

fn cell(cell: Cell) -> wire::ReleaseTableCell {
    wire::ReleaseTableCell {
        text: cell.text,
        number: cell.number.map(signed),
    }
}

/// A table of a release as a file.
#[must_use]
pub fn csv(id: ReleaseId, table: Table) -> wire::ExportReleaseCsvResponse {
    wire::ExportReleaseCsvResponse {
        name: table_name(id, &table.slug),
        file_name: format!("interim_visits_{}.csv", table.slug.replace('-', "_")),
        csv: table.csv,
    }
}

/// The conversion counts.
#[must_use]
pub fn conversion(counts: &ConversionCounts) -> wire::ConversionCounts {
    wire::ConversionCounts {
        visits_begun: signed(counts.begun),
        visits_completed: signed(counts.completed),
        visits_stopped: signed(counts.stopped),
        nfd_required: signed(counts.nfd_required),
        nfd_not_required: signed(counts.nfd_not_required),
        rate_basis_points: small(counts.rate_basis_points()),
        rate_text: counts.rate_text(),
        limit_basis_points: small(counts.policy.limit_basis_points),
        limit_from_visits: signed(counts.policy.limit_from_visits),
        above_limit: counts.is_above_limit(),
        count_time: Some(timestamp(counts.counted_at)),
    }
}
