use proptest::prelude::*;
use visits_scheduling::domain::calendar::CalendarEntry;
use visits_scheduling::import::{ImportFile, InspectionRow, RowFormat, SchoolRow, bank_holidays};

use crate::{data, import};

const COMPLAINT: &str = "the head was said to have";

fn with_column(file: &str, name: &str, value: &str) -> Vec<u8> {
    let lines = file.lines().enumerate();
    let wider =
        lines.map(|(index, line)| format!("{},{line}\n", if index == 0 { name } else { value }));
    wider.collect::<String>().into_bytes()
}

fn said<T: RowFormat + serde::Serialize>(bytes: Vec<u8>) -> String {
    let (rows, summary) = import::<T>(bytes).expect("readable");
    assert!(!rows.is_empty());
    serde_json::to_string(&(rows, summary)).expect("json")
}

#[test]
fn m17_a_column_of_complaints_is_dropped_unread_and_its_name_reported() {
    let gias = data("gias/gias_2018-12_schools-experience_4rows_133cols.csv");
    let gias = String::from_utf8(gias).expect("ASCII");
    let mi = "URN,Overall effectiveness,Deprivation index,Web link\n123166,2,3,https://x.example\n";
    for name in [
        "Complaint text",
        "Number of  COMPLAINTS received",
        "Complainant (name)",
        "Section 11A complaints?",
        "Whistleblowing notes",
        "Open allegations",
    ] {
        let schools = said::<SchoolRow>(with_column(&gias, name, COMPLAINT));
        let inspections = said::<InspectionRow>(with_column(mi, name, COMPLAINT));
        for said in [schools, inspections] {
            assert!(!said.contains(COMPLAINT), "{said}");
            let reported = name.replace("  ", " ");
            assert!(
                said.replace("  ", " ").contains(&reported),
                "{name}: {said}"
            );
        }
    }
}

#[test]
fn m17_a_complaint_that_slips_into_another_column_never_becomes_a_value() {
    // An unquoted comma, a broken line, a missing comma: each shifts what stands behind it.
    let mi = format!(
        "Complaints,URN,Overall effectiveness,Deprivation index,Web link\n\
         none,123166,2,3,https://x.example\n\
         yes, {COMPLAINT},123167,2,3,https://x.example\n\
         {COMPLAINT}\n\
         gone,123168,2,3,https://x.example\n\
         \"{COMPLAINT} \"never\",123169,2,3,https://x.example\n\
         {COMPLAINT},123170,2,3\n"
    );
    let (rows, summary) = import::<InspectionRow>(mi.clone()).expect("readable");
    let urns: Vec<_> = rows.iter().map(|row| row.urn.as_str()).collect();
    assert_eq!(urns, ["123166", "123168"]);
    assert_eq!((summary.read, summary.refused), (6, 4));
    assert_eq!(summary.dropped_columns, ["Complaints"]);
    assert!(!said::<InspectionRow>(mi.into_bytes()).contains(COMPLAINT));
}

#[test]
fn m17_a_complaint_with_a_comma_never_becomes_a_schools_name() {
    let gias = format!(
        "URN,Complaints,EstablishmentName,EstablishmentStatus (code),LA (code),TypeOfEstablishment \
         (code),TypeOfEstablishment (name),PhaseOfEducation (code),NumberOfPupils,GOR (code)\n\
         100000,none,First,1,201,02,x,2,10,H\n\
         100001,yes,{COMPLAINT},1,Second,1,201,02,x,2,10,H\n\
         100002,yes,{COMPLAINT},1,201,02,x,2,10\n"
    );
    let (rows, summary) = import::<SchoolRow>(gias.clone()).expect("readable");
    assert_eq!((rows.len(), summary.refused), (1, 2));
    assert!(!said::<SchoolRow>(gias.into_bytes()).contains(COMPLAINT));
}

#[test]
fn m17_a_refused_row_is_described_without_repeating_it() {
    let mi = format!(
        "URN,Overall effectiveness,Deprivation index,Web link,Publication date\n\
         123166,2,3,https://x.example,\n\
         {COMPLAINT},{COMPLAINT},{COMPLAINT},{COMPLAINT},{COMPLAINT}\n"
    );
    assert!(!said::<InspectionRow>(mi.into_bytes()).contains(COMPLAINT));
}

#[test]
fn names_of_people_are_never_read() {
    let file = data("gias/gias_2018-12_schools-experience_4rows_133cols.csv");
    let file = String::from_utf8(file).expect("ASCII");
    assert!(file.contains("Redacted") && file.contains("Headteacher"));
    let said = said::<SchoolRow>(file.into_bytes());
    assert!(
        !said.contains("Redacted") && !said.contains("Headteacher"),
        "{said}"
    );
}

/// Reads whatever it is to its end; the account must add up whenever there is one.
fn read_out<T: RowFormat>(bytes: Vec<u8>) {
    let Ok(mut file) = ImportFile::<T>::open(std::io::Cursor::new(bytes)) else {
        return;
    };
    let mut handed_on = 0;
    while let Ok(chunk) = file.next_chunk(3) {
        if chunk.is_empty() {
            break;
        }
        handed_on += chunk.len() as u64;
    }
    if let Ok(summary) = file.finish() {
        assert_eq!(summary.read, summary.accepted + summary.refused);
        assert_eq!(summary.accepted, handed_on);
        assert_eq!(summary.refused == 0, summary.problems.is_empty());
        assert!(summary.problems_found >= summary.refused);
    }
}

const HEADERS: [&str; 3] = [
    "URN,EstablishmentName,EstablishmentStatus (code),LA (code),TypeOfEstablishment (code),\
     TypeOfEstablishment (name),PhaseOfEducation (code),NumberOfPupils,GOR (code),OpenDate",
    "URN,Overall effectiveness,Deprivation index,Web link,Publication date,Complaints",
    "scope,from,to,kind",
];

/// Pieces that rows are made of, good ones and bad, so that chance reaches every branch.
fn rows() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b",".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"\"".to_vec()),
        Just(b"100000,A,1,201,02,B,2,10.5,H,01-01-2000\n".to_vec()),
        Just(b"123166,2,3,https://x.example,01/01/2000,none\n".to_vec()),
        Just(b"schools/123166,2020-11-02,,inset\n".to_vec()),
        Just(b"england,2020-10-26,2020-10-20,holiday\n".to_vec()),
        "[0-9]{1,7}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..12),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), gzip in any::<bool>()) {
        let bytes = if gzip { [b"\x1F\x8B\x08\0", bytes.as_slice()].concat() } else { bytes };
        read_out::<SchoolRow>(bytes.clone());
        read_out::<InspectionRow>(bytes.clone());
        read_out::<CalendarEntry>(bytes.clone());
        let _ = bank_holidays::read(&bytes);
    }

    #[test]
    fn arbitrary_rows_are_all_accounted_for(kind in 0..3_usize, rows in rows()) {
        let bytes = [HEADERS[kind].as_bytes(), b"\n", rows.as_slice()].concat();
        read_out::<SchoolRow>(bytes.clone());
        read_out::<InspectionRow>(bytes.clone());
        read_out::<CalendarEntry>(bytes);
    }
}
