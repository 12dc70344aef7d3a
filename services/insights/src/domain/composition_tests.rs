//! A literal composition, and what must hold for every one.

use super::*;
use crate::domain::school::{Phase, Region};
use proptest::prelude::*;

fn school(phase: Phase, previous_grade: PreviousGrade) -> SchoolFacts {
    SchoolFacts {
        phase,
        region: Region::SouthEast,
        previous_grade,
    }
}

fn sample() -> Vec<SchoolFacts> {
    use PreviousGrade::{Good, Inadequate, NotKnown, Outstanding, RequiresImprovement};
    let mut schools = Vec::new();
    let mut add = |times: usize, phase, grade| {
        schools.extend(std::iter::repeat_n(school(phase, grade), times));
    };
    add(9, Phase::Primary, Outstanding);
    add(83, Phase::Primary, Good);
    add(21, Phase::Primary, RequiresImprovement);
    add(8, Phase::Primary, Inadequate);
    add(3, Phase::Primary, NotKnown);
    add(399, Phase::Secondary, Good);
    add(1, Phase::Secondary, Inadequate);
    add(1, Phase::Special, NotKnown);
    schools
}

fn texts(table: &Table, label: &str) -> Vec<String> {
    let row = table.rows.iter().find(|row| row[0].text == label);
    row.expect("a row of that label")
        .iter()
        .map(|cell| cell.text.clone())
        .collect()
}

#[test]
fn m2_the_composition_reads_as_in_the_october_briefing() {
    let composition = Composition::count(&sample(), |school| school.phase);
    let table = composition.table("composition-by-phase", "Schools visited", "Phase");
    assert_eq!(
        table.columns[..4],
        ["Phase", "Schools", "Outstanding", "Outstanding %"]
    );
    assert_eq!(
        texts(&table, "Primary"),
        [
            "Primary", "124", "9", "7%", "83", "67%", "21", "17%", "8", "7%", "3", "2%"
        ]
    );
    assert_eq!(
        texts(&table, "Secondary"),
        [
            "Secondary",
            "400",
            "0",
            "0%",
            "399",
            "100%",
            "0",
            "0%",
            "1",
            "<1%",
            "0",
            "0%"
        ]
    );
    assert_eq!(
        texts(&table, "Special"),
        [
            "Special", "1", "0", "0%", "0", "0%", "0", "0%", "0", "0%", "1", "100%"
        ]
    );
    assert_eq!(
        texts(&table, "Nursery"),
        [
            "Nursery", "0", "0", "N/A", "0", "N/A", "0", "N/A", "0", "N/A", "0", "N/A"
        ]
    );
    assert_eq!(
        texts(&table, "All schools"),
        [
            "All schools",
            "525",
            "9",
            "2%",
            "482",
            "92%",
            "21",
            "4%",
            "9",
            "1%",
            "4",
            "1%"
        ]
    );
}

#[test]
fn m5_a_composition_says_that_a_visit_gives_no_grade() {
    let composition = Composition::count(&sample(), |school| school.phase);
    let table = composition.table("composition-by-phase", "Schools visited", "Phase");
    assert!(
        table
            .notes
            .iter()
            .any(|note| note.contains("An interim visit gives no grade"))
    );
}

#[test]
fn a_composition_as_csv_holds_every_cell_and_its_totals() {
    let composition = Composition::count(&sample(), |school| school.phase);
    let table = composition.table("composition-by-phase", "Schools visited", "Phase");
    let lines: Vec<&str> = table.csv.split_terminator("\r\n").collect();
    assert_eq!(
        lines[0],
        "education_phase,previous_grade,school_count,school_percent"
    );
    assert_eq!(lines.len(), 1 + (Phase::ALL.len() + 1) * 6);
    for line in [
        "primary,good,83,67",
        "primary,Total,124,100",
        "secondary,inadequate,1,low",
        "nursery,good,0,z",
        "nursery,Total,0,z",
        "Total,Total,525,100",
    ] {
        assert!(lines.contains(&line), "{line}");
    }
}

fn any_school() -> impl Strategy<Value = SchoolFacts> {
    let phase = prop::sample::select(Phase::ALL.to_vec());
    let region = prop::sample::select(Region::ALL.to_vec());
    let grade = prop::sample::select(PreviousGrade::ALL.to_vec());
    (phase, region, grade).prop_map(|(phase, region, previous_grade)| SchoolFacts {
        phase,
        region,
        previous_grade,
    })
}

proptest! {
    #[test]
    fn m2_the_counts_of_a_composition_add_up(
        schools in prop::collection::vec(any_school(), 0..300),
    ) {
        let composition = Composition::count(&schools, |school| school.region);
        prop_assert_eq!(composition.all.total(), schools.len() as u64);
        for column in 0..GRADES {
            let sum: u64 = composition.rows.iter().map(|(_, row)| row.counts[column]).sum();
            prop_assert_eq!(sum, composition.all.counts[column]);
        }
        for (_, row) in composition.rows.iter().chain([(Region::NotKnown, composition.all)].iter()) {
            let numerals: Vec<Option<u8>> = row.shares().iter().map(|share| share.numeral()).collect();
            if row.total() == 0 {
                prop_assert_eq!(numerals, vec![None; GRADES]);
            } else {
                let sum: u32 = numerals.into_iter().flatten().map(u32::from).sum();
                prop_assert_eq!(sum, 100);
            }
        }
    }

    #[test]
    fn the_order_of_the_schools_makes_no_difference(
        (schools, shuffled) in prop::collection::vec(any_school(), 0..60)
            .prop_flat_map(|schools| (Just(schools.clone()), Just(schools).prop_shuffle())),
    ) {
        prop_assert_eq!(
            Composition::count(&schools, |school| school.phase),
            Composition::count(&shuffled, |school| school.phase)
        );
    }
}
