//! What schools said: for each code of the frame in how many schools it was found, as
//! "N of M schools". National only; no cell says anything about a region, a phase or a school.

use std::collections::BTreeSet;

use super::csv;
use super::frame::{CodeKind, Frame};
use super::table::{Cell, Table};

/// For each code of the frame, in how many of the schools coded it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Themes {
    /// Code, kind, label, and the N of "N of M", by kind and then in the order of the frame.
    pub rows: Vec<ThemeRow>,
    /// The M of "N of M": schools coded with the frame.
    pub schools_coded: u64,
}

/// One code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThemeRow {
    /// The code.
    pub code: String,
    /// Its kind.
    pub kind: CodeKind,
    /// Its words.
    pub label: String,
    /// In how many schools it was found.
    pub schools: u64,
}

impl Themes {
    /// Counts the codes of schools: one set a school, however often a code was put there.
    #[must_use]
    pub fn count(frame: &Frame, schools: &[BTreeSet<String>]) -> Self {
        let mut rows: Vec<ThemeRow> = frame
            .content
            .codes
            .iter()
            .map(|code| ThemeRow {
                code: code.code.clone(),
                kind: code.kind,
                label: code.label.clone(),
                schools: schools
                    .iter()
                    .filter(|codes| codes.contains(&code.code))
                    .count() as u64,
            })
            .collect();
        // Stable: within a kind the order is the frame's.
        rows.sort_by_key(|row| row.kind);
        Self {
            rows,
            schools_coded: schools.len() as u64,
        }
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> Table {
        let cells = |row: &ThemeRow| {
            vec![
                Cell::words(row.kind.label()),
                Cell::words(&row.label),
                Cell::number(self.phrase(row.schools), Some(row.schools)),
            ]
        };
        Table {
            slug: "themes".to_owned(),
            title: "What leaders said, in how many schools".to_owned(),
            columns: vec!["Kind".into(), "What was said".into(), "Schools".into()],
            rows: self.rows.iter().map(cells).collect(),
            notes: NOTES.iter().map(ToString::to_string).collect(),
            csv: self.csv(),
        }
    }

    fn phrase(&self, schools: u64) -> String {
        match self.schools_coded {
            0 => "N/A".to_owned(),
            1 => format!("{schools} of 1 school"),
            coded => format!("{schools} of {coded} schools"),
        }
    }

    fn csv(&self) -> String {
        let line = |row: &ThemeRow| {
            [
                row.kind.label().to_lowercase(),
                row.code.clone(),
                row.label.clone(),
                row.schools.to_string(),
                self.schools_coded.to_string(),
            ]
        };
        let lines: Vec<_> = self.rows.iter().map(line).collect();
        let header = [
            "code_kind",
            "code",
            "code_label",
            "school_count",
            "schools_coded",
        ];
        csv::write(header, &lines)
    }
}

/// What a reader of the themes must know.
const NOTES: [&str; 3] = [
    "The second number counts schools whose answers have been coded, which can be fewer than were \
     visited.",
    "Leaders' answers were not judged: a count says that something was mentioned, not that it is \
     good or bad.",
    "Not every school was asked about everything in the same words; nought says that it was not \
     mentioned, not that it does not occur.",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::frame::{Code, FrameContent};
    use proptest::prelude::*;
    use visits_core::{Timestamp, civil};

    fn frame() -> Frame {
        let code = |code: &str, kind| Code {
            code: code.into(),
            kind,
            label: format!("About {code}"),
            definition: String::new(),
        };
        Frame {
            content: FrameContent {
                version: "2020-09".into(),
                title: "Autumn term".into(),
                effective_date: civil::date(2020, 9, 29),
                codes: vec![
                    code("barrier-devices", CodeKind::Barrier),
                    code("theme-reading", CodeKind::Theme),
                    code("theme-attendance", CodeKind::Theme),
                ],
            },
            importer: String::new(),
            imported_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn school(codes: &[&str]) -> BTreeSet<String> {
        codes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn m2_a_code_is_counted_as_n_of_m_schools() {
        let schools = [
            school(&["theme-reading", "barrier-devices"]),
            school(&["theme-reading"]),
            school(&[]),
        ];
        let table = Themes::count(&frame(), &schools).table();
        let rows: Vec<[&str; 3]> = table
            .rows
            .iter()
            .map(|row| std::array::from_fn(|column| row[column].text.as_str()))
            .collect();
        assert_eq!(
            rows,
            [
                ["Theme", "About theme-reading", "2 of 3 schools"],
                ["Theme", "About theme-attendance", "0 of 3 schools"],
                ["Barrier", "About barrier-devices", "1 of 3 schools"],
            ]
        );
        assert!(
            table
                .csv
                .contains("theme,theme-reading,About theme-reading,2,3\r\n")
        );
    }

    #[test]
    fn without_a_coded_school_every_code_is_not_applicable() {
        let table = Themes::count(&frame(), &[]).table();
        assert!(table.rows.iter().all(|row| row[2].text == "N/A"));
    }

    proptest! {
        #[test]
        fn no_code_is_found_in_more_schools_than_were_coded_and_order_makes_no_difference(
            (schools, shuffled) in prop::collection::vec(
                prop::collection::btree_set(
                    prop::sample::select(vec!["theme-reading".to_owned(), "barrier-devices".to_owned()]),
                    0..3,
                ),
                0..40,
            ).prop_flat_map(|schools| (Just(schools.clone()), Just(schools).prop_shuffle())),
        ) {
            let themes = Themes::count(&frame(), &schools);
            prop_assert!(themes.rows.iter().all(|row| row.schools <= themes.schools_coded));
            prop_assert_eq!(themes, Themes::count(&frame(), &shuffled));
        }
    }
}
