use std::collections::BTreeMap;

use jiff::civil::date;
use visits_scheduling::import::{ImportError, InspectionRow, OverallEffectiveness};

use crate::{data, import};

const OXFORDSHIRE: &str =
    "ofsted-mi/ofsted_inspections_outcomes_2017-12-31_oxfordshire_299rows_51cols.csv";

fn imported() -> Vec<InspectionRow> {
    let (rows, summary) = import::<InspectionRow>(data(OXFORDSHIRE)).expect("Oxfordshire");
    assert_eq!((summary.read, summary.refused), (299, 0));
    // Its 26 damaged characters stand in a column that isn't read.
    assert_eq!(
        (summary.charset.as_str(), summary.notes.len()),
        ("UTF-8", 0)
    );
    rows
}

#[test]
fn m18_oxfordshires_grades_quintiles_and_reports_are_read() {
    let rows = imported();
    let first = &rows[0];
    assert_eq!(first.urn, "123166");
    assert_eq!(first.overall_effectiveness.grade(), Some(2));
    assert_eq!(first.idaci_quintile, Some(3));
    assert_eq!(
        first.report_uri.as_deref(),
        Some(
            "http://www.ofsted.gov.uk/inspection-reports/find-inspection-report/provider/ELS/123166"
        )
    );
    assert_eq!(first.inspection_start, Some(date(2013, 11, 19)));
    assert_eq!(first.inspection_end, Some(date(2013, 11, 20)));
    assert_eq!(first.published_on, Some(date(2013, 12, 11)));
}

#[test]
fn every_grade_and_quintile_is_counted_and_null_is_not_a_grade() {
    let rows = imported();
    let mut grades: BTreeMap<_, usize> = BTreeMap::new();
    let mut quintiles: BTreeMap<_, usize> = BTreeMap::new();
    for row in &rows {
        *grades.entry(row.overall_effectiveness).or_default() += 1;
        *quintiles.entry(row.idaci_quintile).or_default() += 1;
    }
    use OverallEffectiveness::{Good, Inadequate, NotInspected, Outstanding, RequiresImprovement};
    let counted = [
        (NotInspected, 9),
        (Outstanding, 43),
        (Good, 216),
        (RequiresImprovement, 26),
        (Inadequate, 5),
    ];
    assert_eq!(grades, BTreeMap::from(counted));
    let counted = [
        (None, 13),
        (Some(1), 147),
        (Some(2), 76),
        (Some(3), 36),
        (Some(4), 20),
        (Some(5), 7),
    ];
    assert_eq!(quintiles, BTreeMap::from(counted));
}

#[test]
fn a_school_that_was_not_inspected_has_no_dates() {
    let rows = imported();
    let row = rows.iter().find(|row| row.urn == "141111").expect("141111");
    assert_eq!(
        row.overall_effectiveness,
        OverallEffectiveness::NotInspected
    );
    assert_eq!((row.inspection_start, row.published_on), (None, None));
    assert_eq!(row.idaci_quintile, Some(2));
}

#[test]
fn a_second_import_gives_the_same_rows() {
    assert_eq!(imported(), imported());
}

#[test]
fn the_header_of_2021_is_recognised() {
    let file = data("ofsted-mi/HEADER_2021-05_ofsted_mi_latest_from_trams-data-api.csv");
    let (rows, summary) = import::<InspectionRow>(file).expect("a header");
    assert!(rows.is_empty());
    assert_eq!(summary.read, 0);
}

#[test]
fn later_names_of_columns_and_a_title_line_are_understood() {
    let file = "State-funded schools: latest outcomes,,,\n\n\
                Web Link (opens in new window),URN,Latest OEIF overall effectiveness,\
                The income deprivation affecting children index (IDACI)  quintile\n\
                https://reports.ofsted.gov.uk/provider/21/123166,123166,Not judged,5\n";
    let (rows, _) = import::<InspectionRow>(file).expect("a later layout");
    assert_eq!(
        rows[0].overall_effectiveness,
        OverallEffectiveness::NotJudged
    );
    assert_eq!(rows[0].overall_effectiveness.grade(), None);
    assert_eq!(rows[0].idaci_quintile, Some(5));
}

#[test]
fn an_unknown_grade_quintile_or_link_stays_not_known_and_is_noted() {
    let file = "URN,Overall effectiveness,Deprivation index,Web Link\n\
                123166,9,6,javascript:alert(1)\n\
                123167,,0,www.ofsted.gov.uk\n\
                123168,Good,NULL,\"https://x/\"\"><script>\"\n\
                123169,2 ,1,https://user@\n";
    let (rows, summary) = import::<InspectionRow>(file).expect("four rows");
    let read: Vec<_> = rows
        .iter()
        .map(|row| (row.overall_effectiveness.grade(), row.idaci_quintile))
        .collect();
    assert_eq!(
        read,
        [
            (None, None),
            (None, None),
            (Some(2), None),
            (Some(2), Some(1))
        ]
    );
    assert_eq!(
        rows[0].overall_effectiveness,
        OverallEffectiveness::NotKnown
    );
    assert!(rows[..3].iter().all(|row| row.report_uri.is_none()));
    let noted: Vec<_> = summary
        .notes
        .iter()
        .map(|note| (note.column.as_str(), note.count))
        .collect();
    assert_eq!(
        noted,
        [
            ("Overall effectiveness", 1),
            (
                "The income deprivation affecting children index (IDACI) quintile",
                2
            ),
            ("Web link", 3),
        ]
    );
}

#[test]
fn missing_columns_are_named_with_every_name_they_have_had() {
    let file = data("gias/HEADER_2020-09-26_edubasealldata_139cols.csv");
    let error = import::<InspectionRow>(file).expect_err("GIAS is no management information");
    let ImportError::ColumnsMissing { missing, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(missing.len(), 3);
    let message = error.to_string();
    for name in [
        "\"Overall effectiveness\" or \"Latest OEIF overall effectiveness\"",
        "or \"Deprivation index\"",
        "\"Web link\" or \"Web Link (opens in new window)\"",
    ] {
        assert!(message.contains(name), "{message}");
    }
}
