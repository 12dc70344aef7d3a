//! The files that the demo imports, inside the binary: it needs nothing else.

use std::io::Read as _;

use flate2::read::GzDecoder;

/// Every state-funded school in England, September 2020 (services/scheduling/data/SOURCES.md).
pub const SCHOOLS: &[u8] =
    include_bytes!("../../../scheduling/data/gias/gias-layout-2020-09-26_england_21567rows.csv.gz");
/// Outcomes of inspections in Oxfordshire.
pub const OUTCOMES: &[u8] = include_bytes!(
    "../../../scheduling/data/ofsted-mi/ofsted_inspections_outcomes_2017-12-31_oxfordshire_299rows_51cols.csv"
);
/// GOV.UK's bank holidays.
pub const BANK_HOLIDAYS: &[u8] = visits_core::working_days::BANK_HOLIDAYS.as_bytes();
/// England's school holidays of the term.
pub const CALENDAR: &str =
    include_str!("../../../scheduling/data/calendars/england-autumn-2020.csv");
/// The script of the call.
pub const CALL_SCRIPT: &str =
    include_str!("../../../scheduling/scripts/call-script-2020-09-29.toml");
/// The visit form.
pub const VISIT_FORM: &str = include_str!("../../../recording/forms/2020-09.toml");
/// The coding frame.
pub const CODING_FRAME: &str = include_str!("../../../insights/frames/2020-09.toml");
/// Three schools that do not exist, for the stories in which something goes wrong.
pub const INVENTED_SCHOOLS: &[u8] = include_bytes!("invented_schools.csv");
/// What invented leaders say.
pub const ANSWERS: &str = include_str!("answers.toml");

/// Of the extract every so many-eth school, for a quick play.
const SAMPLE_STEP: usize = 30;
/// The code of Oxfordshire, all of whose schools a quick play has.
const OXFORDSHIRE: &[u8] = b"931";

/// How much of the register of schools is imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extract {
    /// All of it.
    Whole,
    /// Oxfordshire and a thirtieth of the others.
    Sample,
}

impl Extract {
    /// The file.
    ///
    /// # Errors
    /// If the embedded file can't be read.
    pub fn bytes(self) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Whole => Ok(SCHOOLS.to_vec()),
            Self::Sample => sample(),
        }
    }
}

fn sample() -> std::io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    GzDecoder::new(SCHOOLS).read_to_end(&mut plain)?;
    let mut sample = Vec::new();
    for (index, line) in plain.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let authority = line.split(|byte| *byte == b',').nth(1);
        if index % SAMPLE_STEP == 0 || authority == Some(OXFORDSHIRE) {
            sample.extend_from_slice(line);
        }
    }
    Ok(sample)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_has_the_header_and_all_of_oxfordshire() {
        let sample = sample().expect("the embedded file");
        let text = String::from_utf8_lossy(&sample);
        assert!(text.starts_with("URN,"));
        assert!(text.contains("\n123166,931,"));
        let lines = text.lines().count();
        assert!((900..1_500).contains(&lines), "{lines}");
    }
}
