//! Outcomes of inspections from Ofsted's management information.
//!
//! Grade and quintile are public facts about the *previous* inspection and the school's area (M18).
//! What isn't known stays not known: nothing is guessed, nothing is filled in.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::file::RowFormat;
use super::row::RowReader;
use super::table::Column;

/// What Ofsted's management information says about a school.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InspectionRow {
    /// The unique reference number, six digits.
    pub urn: String,
    /// The overall effectiveness at the latest full inspection.
    pub overall_effectiveness: OverallEffectiveness,
    /// The IDACI quintile: 1 is the least deprived, 5 the most.
    pub idaci_quintile: Option<u8>,
    /// The address of the page with the school's inspection reports.
    pub report_uri: Option<String>,
    /// The first day of that inspection.
    pub inspection_start: Option<Date>,
    /// The last day of that inspection.
    pub inspection_end: Option<Date>,
    /// When its report was published.
    pub published_on: Option<Date>,
}

/// The overall effectiveness at a school's latest full inspection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverallEffectiveness {
    /// The file doesn't say, or says something that this importer doesn't know.
    NotKnown,
    /// `NULL`: the school has not been inspected.
    NotInspected,
    /// Inspected, with no overall judgement, as all are since September 2024.
    NotJudged,
    /// 1.
    Outstanding,
    /// 2.
    Good,
    /// 3.
    RequiresImprovement,
    /// 4.
    Inadequate,
}

impl OverallEffectiveness {
    /// Every value.
    pub const ALL: [Self; 7] = [
        Self::NotKnown,
        Self::NotInspected,
        Self::NotJudged,
        Self::Outstanding,
        Self::Good,
        Self::RequiresImprovement,
        Self::Inadequate,
    ];

    /// Ofsted's number for the grade, if there is one.
    #[must_use]
    pub const fn grade(self) -> Option<u8> {
        match self {
            Self::Outstanding => Some(1),
            Self::Good => Some(2),
            Self::RequiresImprovement => Some(3),
            Self::Inadequate => Some(4),
            Self::NotKnown | Self::NotInspected | Self::NotJudged => None,
        }
    }

    /// The name as Ofsted writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotKnown => "Not known",
            Self::NotInspected => "Not inspected",
            Self::NotJudged => "Not judged",
            Self::Outstanding => "Outstanding",
            Self::Good => "Good",
            Self::RequiresImprovement => "Requires improvement",
            Self::Inadequate => "Inadequate",
        }
    }

    fn read(text: &str) -> Option<Self> {
        if text == "NULL" {
            return Some(Self::NotInspected);
        }
        let by_name = |value: &Self| value.name().eq_ignore_ascii_case(text);
        let by_grade = |value: &Self| value.grade().is_some_and(|g| g.to_string() == text);
        Self::ALL
            .into_iter()
            .find(|value| by_name(value) || by_grade(value))
    }
}

const URN: usize = 0;
const EFFECTIVENESS: usize = 1;
const QUINTILE: usize = 2;
const LINK: usize = 3;
const STARTED: usize = 4;
const ENDED: usize = 5;
const PUBLISHED: usize = 6;

const MAX_LINK_BYTES: usize = 200;

impl RowFormat for InspectionRow {
    const FILE: &'static str = "a file of Ofsted's management information";
    const COLUMNS: &'static [Column] = &[
        Column::needed(&["URN"]),
        Column::needed(&["Overall effectiveness", "Latest OEIF overall effectiveness"]),
        Column::needed(&[
            "The income deprivation affecting children index (IDACI) quintile",
            "Deprivation index",
        ]),
        Column::needed(&["Web link", "Web Link (opens in new window)"]),
        Column::optional(&[
            "Inspection start date",
            "Inspection start date of latest OEIF graded inspection",
        ]),
        Column::optional(&[
            "Inspection end date",
            "Inspection end date of latest OEIF graded inspection",
        ]),
        Column::optional(&[
            "Publication date",
            "Publication date of latest OEIF graded inspection",
        ]),
    ];

    fn read(row: &mut RowReader<'_>) -> Option<Self> {
        Some(Self {
            urn: row.urn(URN),
            overall_effectiveness: read_effectiveness(row),
            idaci_quintile: read_quintile(row),
            report_uri: read_link(row),
            inspection_start: row.date(STARTED),
            inspection_end: row.date(ENDED),
            published_on: row.date(PUBLISHED),
        })
    }

    fn urn(&self) -> Option<&str> {
        Some(&self.urn)
    }
}

fn read_effectiveness(row: &mut RowReader<'_>) -> OverallEffectiveness {
    let text = row.raw(EFFECTIVENESS);
    let read = OverallEffectiveness::read(&text);
    if read.is_none() && !matches!(&*text, "" | "-" | "..") {
        row.note(
            EFFECTIVENESS,
            "is no grade that is known here; left as not known",
        );
    }
    read.unwrap_or(OverallEffectiveness::NotKnown)
}

fn read_quintile(row: &mut RowReader<'_>) -> Option<u8> {
    let text = row.value(QUINTILE)?;
    let quintile = text.parse().ok().filter(|n| (1..=5_u8).contains(n));
    if quintile.is_none() {
        row.note(QUINTILE, "is no quintile from 1 to 5; left as not known");
    }
    quintile
}

/// Only an ordinary web address is kept: the call sheet shows it as a link.
fn read_link(row: &mut RowReader<'_>) -> Option<String> {
    let link = row.value(LINK)?;
    let host = ["https://", "http://"]
        .iter()
        .find_map(|scheme| link.strip_prefix(scheme));
    let plain = |link: &str| {
        let marks = |b: u8| matches!(b, b'"' | b'<' | b'>' | b'\\' | b'`');
        link.bytes().all(|b| b.is_ascii_graphic() && !marks(b))
    };
    let usable = link.len() <= MAX_LINK_BYTES
        && host.is_some_and(|host| host.starts_with(|c: char| c.is_ascii_alphanumeric()))
        && plain(&link);
    if !usable {
        row.note(LINK, "is no web address; left out");
        return None;
    }
    Some(link.into_owned())
}
