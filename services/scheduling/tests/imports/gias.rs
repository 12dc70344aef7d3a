use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;
use visits_scheduling::import::{
    ImportError, OfstedRegion, Phase, RowFormat, SchoolRow, SchoolStatus,
};

use crate::{data, import};

const ENGLAND: &str = "gias/gias-layout-2020-09-26_england_21567rows.csv.gz";
const CP1252: &str = "gias/gias_2019-02_claim_4rows_133cols_cp1252_crlf.csv";

fn school<'a>(rows: &'a [SchoolRow], urn: &str) -> &'a SchoolRow {
    rows.iter().find(|row| row.urn == urn).expect(urn)
}

#[test]
fn every_state_funded_school_of_england_is_imported() {
    let (rows, summary) = import::<SchoolRow>(data(ENGLAND)).expect("the whole of England");
    assert_eq!((summary.read, summary.refused), (21_567, 0));
    assert!(summary.compressed);
    assert_eq!(summary.charset, "Windows-1252");
    assert!(rows.iter().all(|row| row.status == SchoolStatus::Open));
    assert!(rows.iter().all(|row| row.ofsted_region.is_some()));

    let cass = school(&rows, "100000");
    assert_eq!(cass.name, "Sir John Cass's Foundation Primary School");
    assert_eq!(cass.local_authority_code.as_deref(), Some("201"));
    assert_eq!(cass.local_authority.as_deref(), Some("City of London"));
    assert_eq!(cass.establishment_number.as_deref(), Some("3614"));
    assert_eq!(cass.type_code.as_deref(), Some("02"));
    assert_eq!(cass.type_name.as_deref(), Some("Voluntary aided school"));
    assert_eq!(
        (cass.phase, cass.pupils_on_roll),
        (Phase::Primary, Some(234))
    );
    assert_eq!(cass.postcode.as_deref(), Some("EC3A 5DE"));
    assert_eq!(cass.ofsted_region, Some(OfstedRegion::London));

    let horsham = school(&rows, "147187");
    assert_eq!(horsham.opened_on, Some(date(2019, 9, 2)));
    assert_eq!(horsham.ofsted_region, Some(OfstedRegion::SouthEast));
    assert_eq!(
        school(&rows, "119797").name,
        "All Saints’ Roman Catholic High School, a Voluntary Academy"
    );
}

#[test]
fn regions_and_phases_of_england_are_counted_as_they_are() {
    let (rows, _) = import::<SchoolRow>(data(ENGLAND)).expect("the whole of England");
    let mut by_region: BTreeMap<OfstedRegion, usize> = BTreeMap::new();
    let mut by_phase: BTreeMap<Phase, usize> = BTreeMap::new();
    for row in &rows {
        *by_region
            .entry(row.ofsted_region.expect("region"))
            .or_default() += 1;
        *by_phase.entry(row.phase).or_default() += 1;
    }
    let north = OfstedRegion::NorthEastYorkshireAndTheHumber;
    assert_eq!(by_region[&north], 1_116 + 2_216);
    assert_eq!(by_region[&OfstedRegion::SouthEast], 3_310);
    assert_eq!(by_region.len(), 8);
    assert_eq!(by_phase[&Phase::Primary], 16_582);
    assert_eq!(by_phase[&Phase::NotApplicable], 1_631);
}

#[test]
fn halves_of_pupils_are_rounded_and_the_summary_says_so() {
    let (rows, summary) = import::<SchoolRow>(data(ENGLAND)).expect("the whole of England");
    assert_eq!(school(&rows, "100010").pupils_on_roll, Some(350));
    let [note] = summary.notes.as_slice() else {
        panic!("one note: {:?}", summary.notes);
    };
    assert_eq!((note.column.as_str(), note.count), ("NumberOfPupils", 962));
    assert_eq!(note.first_line, 11);
}

#[test]
fn a_second_import_gives_the_same_rows() {
    let first = import::<SchoolRow>(data(ENGLAND)).expect("first");
    assert!(first == import::<SchoolRow>(data(ENGLAND)).expect("second"));
}

#[test]
fn local_authorities_lie_in_the_regions_that_dfe_gives_them() {
    let (rows, _) = import::<SchoolRow>(data(ENGLAND)).expect("the whole of England");
    let hierarchy = data("geography/dfe-screener_region_la_hierarchy.csv");
    let hierarchy = String::from_utf8(hierarchy).expect("UTF-8");
    let region_of: BTreeMap<&str, OfstedRegion> = hierarchy
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(',').skip(1);
            let region = OfstedRegion::from_name(fields.next()?)?;
            Some((fields.next()?, region))
        })
        .collect();
    let regions = String::from_utf8(data("geography/dfe-screener_regions.csv")).expect("UTF-8");
    for line in regions.lines().skip(1) {
        let name = line.split(',').nth(1).expect("region_name");
        assert!(OfstedRegion::from_name(name).is_some(), "{name}");
    }
    for row in rows {
        let code = row.local_authority_code.expect("code");
        assert_eq!(
            row.ofsted_region,
            region_of.get(code.as_str()).copied(),
            "{code}"
        );
    }
}

#[test]
fn types_of_school_are_those_of_the_published_list() {
    let list = data("gias/edubasealldata20230421-establishment-types.csv");
    let list = String::from_utf8(list).expect("UTF-8");
    let known: BTreeSet<(String, &str)> = list
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut fields = line.split(',');
            Some((format!("{:0>2}", fields.next()?), fields.next()?))
        })
        .collect();
    let (rows, _) = import::<SchoolRow>(data(ENGLAND)).expect("the whole of England");
    for row in &rows {
        let code = row.type_code.clone().expect("code");
        let name = row.type_name.as_deref().expect("name");
        assert!(known.contains(&(code, name)), "{row:?}");
    }
}

#[test]
fn windows_1252_closed_and_proposed_schools_and_a_ragged_row_are_read() {
    let (rows, summary) = import::<SchoolRow>(data(CP1252)).expect("four rows");
    assert_eq!((summary.read, summary.accepted), (4, 4));
    assert_eq!(
        school(&rows, "126416").name,
        "St Thomas à Becket Church of England Aided Primary School"
    );
    let closed = school(&rows, "117137");
    assert_eq!(closed.status, SchoolStatus::Closed);
    assert!(!closed.status.takes_pupils());
    assert_eq!(closed.closed_on, Some(date(2012, 5, 31)));
    assert_eq!(closed.pupils_on_roll, None);
    let proposed = school(&rows, "148847");
    assert_eq!(proposed.status, SchoolStatus::ProposedToOpen);
    assert_eq!(proposed.opened_on, Some(date(2021, 12, 1)));
    assert_eq!(proposed.ofsted_region, Some(OfstedRegion::NorthWest));
    let [ragged] = summary.notes.as_slice() else {
        panic!("one note: {:?}", summary.notes);
    };
    assert!(ragged.what.contains("more fields"), "{ragged:?}");
    assert_eq!((ragged.count, ragged.first_line), (1, 5));
}

#[test]
fn the_layout_of_2018_and_its_all_through_school_are_read() {
    let file = "gias/gias_2018-12_schools-experience_4rows_133cols.csv";
    let (rows, summary) = import::<SchoolRow>(data(file)).expect("four rows");
    assert_eq!((summary.accepted, summary.charset.as_str()), (4, "ASCII"));
    assert_eq!(school(&rows, "100171").phase, Phase::AllThrough);
    assert_eq!(school(&rows, "100492").pupils_on_roll, Some(237));
}

#[test]
fn codes_that_lost_their_zeros_get_them_back_and_what_is_absent_is_not_known() {
    let file = "gias/gias_2020-08_get-help-with-tech_13rows_133cols_SYNTHETIC-ROWS.csv";
    let (rows, summary) = import::<SchoolRow>(data(file)).expect("thirteen rows");
    assert_eq!(summary.accepted, 13);
    let first = school(&rows, "100000");
    assert_eq!(first.local_authority.as_deref(), Some("Bristol, City of"));
    assert_eq!(first.local_authority_code.as_deref(), Some("001"));
    assert_eq!(first.type_code.as_deref(), Some("02"));
    assert_eq!(first.phase, Phase::NotKnown);
    assert_eq!((first.pupils_on_roll, first.ofsted_region), (None, None));
}

#[test]
fn a_file_of_which_no_row_has_what_a_school_needs_is_refused_with_the_column_named() {
    let file = data("gias/gias_BAD_2019_claim_missing-columns.csv");
    let error = import::<SchoolRow>(file).expect_err("no usable row");
    assert_eq!(
        error.to_string(),
        "not one of the 1 rows of a GIAS file of schools can be used; the first problem: line 2: \
         EstablishmentName is empty"
    );
}

#[test]
fn a_file_without_needed_columns_is_refused_with_every_one_of_them_named() {
    let header = "URN,LA (code),EstablishmentName,PhaseOfEducation (code),TypeOfEstablishment \
                  (code),EstablishmentStatus (code)\n100000,201,School,2,02,1\n";
    let error = import::<SchoolRow>(header).expect_err("columns are missing");
    assert_eq!(
        error.to_string(),
        "this is not a GIAS file of schools: line 1 should be its header, and these columns are \
         missing: \"TypeOfEstablishment (name)\", \"NumberOfPupils\", \"GOR (code)\""
    );
}

#[test]
fn no_needed_column_can_be_left_out_and_every_other_one_can() {
    for column in SchoolRow::COLUMNS {
        let present = SchoolRow::COLUMNS.iter().filter(|other| *other != column);
        let header: Vec<_> = present.map(|other| other.name()).collect();
        let opened = import::<SchoolRow>(header.join(","));
        assert_eq!(opened.is_err(), column.needed, "{}", column.name());
    }
}

#[test]
fn a_file_of_something_else_is_refused() {
    for file in [
        "statistics-layout/absence_school.csv",
        "statistics-layout/absence_school.meta.csv",
        "geography/dfe-screener_regions.csv",
        "geography/dfe-screener_region_la_hierarchy.csv",
        "gias/edubasealldata20230421-establishment-types.csv",
        "ofsted-mi/HEADER_2021-05_ofsted_mi_latest_from_trams-data-api.csv",
        "term-dates/autumn_2020_examples.csv",
        "../../kit/core/data/bank-holidays.json",
    ] {
        let error = import::<SchoolRow>(data(file)).expect_err(file);
        assert!(
            matches!(error, ImportError::ColumnsMissing { .. }),
            "{file}: {error}"
        );
    }
}

#[test]
fn a_header_alone_is_a_table_without_rows() {
    let file = data("gias/HEADER_2020-09-26_edubasealldata_139cols.csv");
    let (rows, summary) = import::<SchoolRow>(file).expect("a header");
    assert!(rows.is_empty());
    assert_eq!((summary.read, summary.notes.len()), (0, 0));
}

#[test]
fn bad_rows_are_named_by_line_and_column_and_the_rest_goes_in() {
    let file = "URN,EstablishmentName,EstablishmentStatus (code),LA (code),TypeOfEstablishment \
                (code),TypeOfEstablishment (name),PhaseOfEducation (code),NumberOfPupils,GOR \
                (code),OpenDate\r\n\
                100000,\"First,\r\nof two lines\",1,201,02,x,2,..,H,01/09/1999\r\n\
                \r\n\
                10000,Second,1,201,02,x,2,-,H,\r\n\
                100002,Third,7,201,02,x,2,many,H,31-02-1999\r\n\
                100000,First again,1,201,02,x,2,10,H,\r\n\
                100004,Fifth \"quoted\" school,3,201,2,x,9,10,Q,\r\n\
                ,,,,,,,,,\r\n";
    let (rows, summary) = import::<SchoolRow>(file).expect("two good rows");
    let names: Vec<_> = rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["First, of two lines", "Fifth \"quoted\" school"]);
    assert_eq!((summary.read, summary.accepted, summary.refused), (5, 2, 3));
    let problems: Vec<_> = summary.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "line 5: URN must be a URN of six digits",
            "line 6: EstablishmentStatus (code) must be 1, 2, 3 or 4",
            "line 6: OpenDate must be a date such as 26-09-2020 or 26/09/2020",
            "line 6: NumberOfPupils must be a number of pupils",
            "line 7: URN stands in the file already, further up",
        ]
    );
    let noted: Vec<_> = summary
        .notes
        .iter()
        .map(|note| note.column.as_str())
        .collect();
    assert_eq!(noted, ["GOR (code)", "PhaseOfEducation (code)"]);
}
