//! Counted visits → what a release says. A school is counted once, by its latest completed visit;
//! the codes of all its counted visits are its codes.

use std::collections::{BTreeMap, BTreeSet};

use super::composition::Composition;
use super::frame::Frame;
use super::school::SchoolFacts;
use super::table::Table;
use super::themes::Themes;
use visits_core::Timestamp;

/// A visit that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedVisit {
    /// The school's URN, to count each school once; it reaches no table.
    pub urn: String,
    /// When the visit was completed.
    pub completed_at: Timestamp,
    /// What the school is counted by.
    pub facts: SchoolFacts,
    /// The codes of its answers by the frame of the picture, if it has been coded with that.
    pub codes: Option<BTreeSet<String>>,
}

/// What a release says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Schools with a visit that counts.
    pub schools_visited: u64,
    /// How many of them have been coded with the frame.
    pub schools_coded: u64,
    /// Composition by phase, composition by region, themes.
    pub tables: Vec<Table>,
}

#[derive(Default)]
struct School {
    latest: Option<(Timestamp, SchoolFacts)>,
    codes: Option<BTreeSet<String>>,
}

/// Draws the picture. The order of the visits makes no difference.
#[must_use]
pub fn draw(frame: &Frame, visits: &[CountedVisit]) -> Picture {
    let mut schools: BTreeMap<&str, School> = BTreeMap::new();
    for visit in visits {
        let school = schools.entry(&visit.urn).or_default();
        let is_later = |(at, facts): (Timestamp, SchoolFacts)| {
            (visit.completed_at, rank(&visit.facts)) > (at, rank(&facts))
        };
        if school.latest.is_none_or(is_later) {
            school.latest = Some((visit.completed_at, visit.facts));
        }
        if let Some(codes) = &visit.codes {
            school
                .codes
                .get_or_insert_default()
                .extend(codes.iter().cloned());
        }
    }
    let facts: Vec<SchoolFacts> = schools
        .values()
        .filter_map(|school| school.latest.map(|(_, facts)| facts))
        .collect();
    let coded: Vec<BTreeSet<String>> = schools
        .into_values()
        .filter_map(|school| school.codes)
        .collect();
    let by_phase = Composition::count(&facts, |school| school.phase);
    let by_region = Composition::count(&facts, |school| school.region);
    Picture {
        schools_visited: facts.len() as u64,
        schools_coded: coded.len() as u64,
        tables: vec![
            by_phase.table(
                "composition-by-phase",
                "Schools visited, by phase and grade of the previous inspection",
                "Phase",
            ),
            by_region.table(
                "composition-by-region",
                "Schools visited, by Ofsted region and grade of the previous inspection",
                "Ofsted region",
            ),
            Themes::count(frame, &coded).table(),
        ],
    }
}

/// An order among facts, so that two visits completed at one instant always resolve alike.
fn rank(facts: &SchoolFacts) -> impl Ord + use<> {
    (facts.phase, facts.region, facts.previous_grade)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::frame::{Code, CodeKind, FrameContent};
    use crate::domain::school::{Dimension as _, Phase, PreviousGrade, Region};
    use proptest::prelude::*;
    use visits_core::civil;

    fn frame() -> Frame {
        let code = |code: &str| Code {
            code: code.into(),
            kind: CodeKind::Theme,
            label: code.into(),
            definition: String::new(),
        };
        Frame {
            content: FrameContent {
                version: "2020-09".into(),
                title: "Autumn term".into(),
                effective_date: civil::date(2020, 9, 29),
                codes: vec![code("a"), code("b")],
            },
            importer: String::new(),
            imported_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn visit(urn: &str, minute: i64, phase: Phase, codes: Option<&[&str]>) -> CountedVisit {
        CountedVisit {
            urn: urn.into(),
            completed_at: visits_core::clock::from_micros(minute * 60_000_000),
            facts: SchoolFacts {
                phase,
                region: Region::London,
                previous_grade: PreviousGrade::Good,
            },
            codes: codes.map(|codes| codes.iter().map(ToString::to_string).collect()),
        }
    }

    #[test]
    fn a_school_visited_twice_is_counted_once_by_its_latest_visit_with_the_codes_of_both() {
        let visits = [
            visit("100001", 1, Phase::Primary, Some(&["a"])),
            visit("100001", 2, Phase::AllThrough, Some(&["b"])),
            visit("100002", 1, Phase::Primary, None),
        ];
        let picture = draw(&frame(), &visits);
        assert_eq!((picture.schools_visited, picture.schools_coded), (2, 1));
        let count = |label: &str| {
            let rows = &picture.tables[0].rows;
            rows.iter()
                .find(|row| row[0].text == label)
                .and_then(|row| row[1].number)
        };
        assert_eq!((count("Primary"), count("All-through")), (Some(1), Some(1)));
        let themes: Vec<&str> = picture.tables[2]
            .rows
            .iter()
            .map(|row| row[2].text.as_str())
            .collect();
        assert_eq!(themes, ["1 of 1 school", "1 of 1 school"]);
    }

    #[test]
    fn m11_no_table_of_a_picture_names_a_school() {
        let picture = draw(
            &frame(),
            &[visit("100001", 1, Phase::Primary, Some(&["a"]))],
        );
        let text = format!("{:?}", picture.tables);
        assert!(!text.contains("100001"));
    }

    fn any_visit() -> impl Strategy<Value = CountedVisit> {
        (
            100_000..100_020_u32,
            0..5_i64,
            prop::sample::select(Phase::ALL.to_vec()),
            prop::option::of(prop::sample::select(vec!["a", "b"])),
        )
            .prop_map(|(urn, minute, phase, code)| {
                visit(
                    &urn.to_string(),
                    minute,
                    phase,
                    code.as_ref().map(std::slice::from_ref),
                )
            })
    }

    proptest! {
        #[test]
        fn m2_the_order_of_the_visits_makes_no_difference_to_the_picture(
            (visits, shuffled) in prop::collection::vec(any_visit(), 0..40)
                .prop_flat_map(|visits| (Just(visits.clone()), Just(visits).prop_shuffle())),
        ) {
            let picture = draw(&frame(), &visits);
            let schools: BTreeSet<&str> = visits.iter().map(|visit| visit.urn.as_str()).collect();
            prop_assert_eq!(picture.schools_visited, schools.len() as u64);
            prop_assert!(picture.schools_coded <= picture.schools_visited);
            prop_assert_eq!(&picture, &draw(&frame(), &shuffled));
            for table in &picture.tables {
                prop_assert!(table.rows.iter().all(|row| row.len() == table.columns.len()));
            }
        }
    }
}
