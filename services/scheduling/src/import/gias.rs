//! Schools from the Department for Education's "Get Information About Schools" (GIAS).
//!
//! Only what the register of schools keeps is read. Head teachers' and proprietors' names are in
//! the file and in no list of columns here, so that they never become a value.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::file::RowFormat;
use super::region::OfstedRegion;
use super::row::RowReader;
use super::table::Column;

/// A school as GIAS has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchoolRow {
    /// The unique reference number, six digits.
    pub urn: String,
    /// The school's name.
    pub name: String,
    /// The local authority's code of three digits.
    pub local_authority_code: Option<String>,
    /// The local authority's name.
    pub local_authority: Option<String>,
    /// The number within the local authority, four digits as a rule.
    pub establishment_number: Option<String>,
    /// The code of the type of school, two digits: "02".
    pub type_code: Option<String>,
    /// The type of school: "Voluntary aided school".
    pub type_name: Option<String>,
    /// The phase of education.
    pub phase: Phase,
    /// Whether it is open.
    pub status: SchoolStatus,
    /// When it opened or is to open.
    pub opened_on: Option<Date>,
    /// When it closed or is to close.
    pub closed_on: Option<Date>,
    /// The pupils on roll.
    pub pupils_on_roll: Option<u32>,
    /// The postcode.
    pub postcode: Option<String>,
    /// The Ofsted region, whose Regional Director answers for it.
    pub ofsted_region: Option<OfstedRegion>,
}

/// The phase of education, by GIAS's codes 0 to 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The file doesn't say, or says something that this importer doesn't know.
    NotKnown,
    /// 0: special schools and pupil referral units have no phase.
    NotApplicable,
    /// 1.
    Nursery,
    /// 2.
    Primary,
    /// 3.
    MiddleDeemedPrimary,
    /// 4.
    Secondary,
    /// 5.
    MiddleDeemedSecondary,
    /// 6.
    SixteenPlus,
    /// 7.
    AllThrough,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 9] = [
        Self::NotKnown,
        Self::NotApplicable,
        Self::Nursery,
        Self::Primary,
        Self::MiddleDeemedPrimary,
        Self::Secondary,
        Self::MiddleDeemedSecondary,
        Self::SixteenPlus,
        Self::AllThrough,
    ];

    /// The name as GIAS writes it today.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotKnown => "Not known",
            Self::NotApplicable => "Not applicable",
            Self::Nursery => "Nursery",
            Self::Primary => "Primary",
            Self::MiddleDeemedPrimary => "Middle deemed primary",
            Self::Secondary => "Secondary",
            Self::MiddleDeemedSecondary => "Middle deemed secondary",
            Self::SixteenPlus => "16 plus",
            Self::AllThrough => "All-through",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        match code.trim_start_matches('0') {
            "" => Some(Self::NotApplicable),
            "1" => Some(Self::Nursery),
            "2" => Some(Self::Primary),
            "3" => Some(Self::MiddleDeemedPrimary),
            "4" => Some(Self::Secondary),
            "5" => Some(Self::MiddleDeemedSecondary),
            "6" => Some(Self::SixteenPlus),
            "7" => Some(Self::AllThrough),
            _ => None,
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        // "All through" in 2018, "All-through" since.
        let plain = |name: &str| name.replace('-', " ").to_lowercase();
        Self::ALL
            .into_iter()
            .find(|phase| plain(phase.name()) == plain(name))
    }
}

/// Whether a school is open, by GIAS's codes 1 to 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SchoolStatus {
    /// 1.
    Open,
    /// 2.
    Closed,
    /// 3.
    OpenProposedToClose,
    /// 4.
    ProposedToOpen,
}

impl SchoolStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [
        Self::Open,
        Self::Closed,
        Self::OpenProposedToClose,
        Self::ProposedToOpen,
    ];

    /// The name as GIAS writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Closed => "Closed",
            Self::OpenProposedToClose => "Open, but proposed to close",
            Self::ProposedToOpen => "Proposed to open",
        }
    }

    /// Whether there are pupils, so that a visit can be planned.
    #[must_use]
    pub const fn takes_pupils(self) -> bool {
        matches!(self, Self::Open | Self::OpenProposedToClose)
    }

    fn from_code(code: &str) -> Option<Self> {
        match code.trim_start_matches('0') {
            "1" => Some(Self::Open),
            "2" => Some(Self::Closed),
            "3" => Some(Self::OpenProposedToClose),
            "4" => Some(Self::ProposedToOpen),
            _ => None,
        }
    }
}

const URN: usize = 0;
const NAME: usize = 1;
const STATUS_CODE: usize = 2;
const LA_CODE: usize = 3;
const LA_NAME: usize = 4;
const NUMBER: usize = 5;
const TYPE_CODE: usize = 6;
const TYPE_NAME: usize = 7;
const PHASE_CODE: usize = 8;
const PHASE_NAME: usize = 9;
const OPENED: usize = 10;
const CLOSED: usize = 11;
const PUPILS: usize = 12;
const POSTCODE: usize = 13;
const GOR_CODE: usize = 14;
const GOR_NAME: usize = 15;

impl RowFormat for SchoolRow {
    const FILE: &'static str = "a GIAS file of schools";
    const COLUMNS: &'static [Column] = &[
        Column::needed(&["URN"]),
        Column::needed(&["EstablishmentName"]),
        Column::needed(&["EstablishmentStatus (code)"]),
        Column::needed(&["LA (code)"]),
        Column::optional(&["LA (name)"]),
        Column::optional(&["EstablishmentNumber"]),
        Column::needed(&["TypeOfEstablishment (code)"]),
        Column::needed(&["TypeOfEstablishment (name)"]),
        Column::needed(&["PhaseOfEducation (code)"]),
        Column::optional(&["PhaseOfEducation (name)"]),
        Column::optional(&["OpenDate"]),
        Column::optional(&["CloseDate"]),
        Column::needed(&["NumberOfPupils"]),
        Column::optional(&["Postcode"]),
        Column::needed(&["GOR (code)"]),
        Column::optional(&["GOR (name)"]),
    ];

    fn read(row: &mut RowReader<'_>) -> Option<Self> {
        let (urn, name) = (row.urn(URN), row.needed_text(NAME));
        let status = read_status(row);
        let school = Self {
            urn,
            name,
            local_authority_code: row.padded_code(LA_CODE, 3),
            local_authority: row.text(LA_NAME),
            establishment_number: row.padded_code(NUMBER, 4),
            type_code: row.padded_code(TYPE_CODE, 2),
            type_name: row.text(TYPE_NAME),
            phase: read_phase(row),
            status: status.unwrap_or(SchoolStatus::Closed),
            opened_on: row.date(OPENED),
            closed_on: row.date(CLOSED),
            pupils_on_roll: row.pupils(PUPILS),
            postcode: row.text(POSTCODE).map(|code| code.to_uppercase()),
            ofsted_region: read_region(row),
        };
        status.map(|_| school)
    }

    fn urn(&self) -> Option<&str> {
        Some(&self.urn)
    }
}

fn read_status(row: &mut RowReader<'_>) -> Option<SchoolStatus> {
    let code = row.value(STATUS_CODE).unwrap_or_default();
    let status = SchoolStatus::from_code(&code);
    if status.is_none() {
        row.problem(STATUS_CODE, "must be 1, 2, 3 or 4");
    }
    status
}

fn read_phase(row: &mut RowReader<'_>) -> Phase {
    let (code, name) = (row.value(PHASE_CODE), row.value(PHASE_NAME));
    let from_code = code.as_deref().and_then(Phase::from_code);
    let phase = from_code.or_else(|| name.as_deref().and_then(Phase::from_name));
    if phase.is_none() && code.is_some() {
        row.note(
            PHASE_CODE,
            "is no phase that is known here; left as not known",
        );
    }
    phase.unwrap_or(Phase::NotKnown)
}

fn read_region(row: &mut RowReader<'_>) -> Option<OfstedRegion> {
    let (code, name) = (row.value(GOR_CODE), row.value(GOR_NAME));
    if matches!(code.as_deref(), Some("W" | "Z")) {
        return None;
    }
    let from_code = code.as_deref().and_then(OfstedRegion::from_gor_code);
    let region = from_code.or_else(|| name.as_deref().and_then(OfstedRegion::from_name));
    if region.is_none() && code.is_some() {
        row.note(
            GOR_CODE,
            "is no region that is known here; left as not known",
        );
    }
    region
}
