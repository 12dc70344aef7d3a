use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use visits_scheduling::import::{ImportError, SchoolRow, Summary};

use crate::import;

const HEADER: &str = "URN,EstablishmentName,EstablishmentStatus (code),LA (code),\
                      TypeOfEstablishment (code),TypeOfEstablishment (name),\
                      PhaseOfEducation (code),NumberOfPupils,GOR (code),HeadLastName\n";
const REST: &[u8] = b",1,201,02,Voluntary aided school,2,100,H,\n";

fn file(names: &[&[u8]]) -> Vec<u8> {
    let mut bytes = HEADER.as_bytes().to_vec();
    for (index, name) in names.iter().enumerate() {
        bytes.extend_from_slice((100_000 + index).to_string().as_bytes());
        bytes.push(b',');
        bytes.extend_from_slice(name);
        bytes.extend_from_slice(REST);
    }
    bytes
}

fn names(bytes: Vec<u8>) -> (Vec<String>, Summary) {
    let (rows, summary) = import::<SchoolRow>(bytes).expect("readable");
    (rows.into_iter().map(|row| row.name).collect(), summary)
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("to memory");
    encoder.finish().expect("to memory")
}

#[test]
fn utf_8_with_and_without_a_byte_order_mark_reads_the_same() {
    let plain = file(&["St Thomas à Becket’s".as_bytes()]);
    let marked = [b"\xEF\xBB\xBF", plain.as_slice()].concat();
    let (read, summary) = names(plain);
    assert_eq!(
        (read.as_slice(), summary.charset.as_str()),
        (&["St Thomas à Becket’s".to_owned()][..], "UTF-8")
    );
    assert_eq!(names(marked).0, read);
}

#[test]
fn windows_1252_is_told_from_utf_8_by_its_bytes() {
    let (read, summary) = names(file(&[b"All Saints\x92 School", b"St Thomas \xE0 Becket"]));
    assert_eq!(read, ["All Saints’ School", "St Thomas à Becket"]);
    assert_eq!(summary.charset, "Windows-1252");
    assert!(summary.notes.is_empty());
}

#[test]
fn one_damaged_character_does_not_turn_a_utf_8_file_into_windows_1252() {
    let (read, summary) = names(file(&[b"St Beno\xC3t", "Ysgol Sant â Ŵyn".as_bytes()]));
    assert_eq!(read, ["St Beno\u{FFFD}t", "Ysgol Sant â Ŵyn"]);
    assert_eq!(summary.charset, "UTF-8");
    assert_eq!(
        (summary.notes[0].count, summary.notes[0].first_line),
        (1, 2)
    );
}

#[test]
fn what_an_earlier_copy_lost_is_noted_and_what_it_misread_is_put_right() {
    let (read, summary) = names(file(&[
        "Short \u{FFFD} converted".as_bytes(),
        "All Saints\u{92} School".as_bytes(),
        "Tab\tand\u{81}".as_bytes(),
    ]));
    assert_eq!(
        read,
        [
            "Short \u{FFFD} converted",
            "All Saints’ School",
            "Tab and\u{FFFD}"
        ]
    );
    let [note] = summary.notes.as_slice() else {
        panic!("one note: {:?}", summary.notes);
    };
    assert_eq!(
        (note.column.as_str(), note.count, note.first_line),
        ("EstablishmentName", 2, 2)
    );
}

#[test]
fn crlf_lf_and_lone_carriage_returns_read_the_same() {
    let lf = file(&[b"One", b"Two", b"Three"]);
    let with = |end: &str| {
        String::from_utf8(lf.clone())
            .expect("ASCII")
            .replace('\n', end)
            .into_bytes()
    };
    let (read, _) = names(lf.clone());
    assert_eq!(read, ["One", "Two", "Three"]);
    assert_eq!(names(with("\r\n")).0, read);
    assert_eq!(names(with("\r")).0, read);
}

#[test]
fn a_stray_carriage_return_inside_a_value_does_not_end_its_row() {
    let (read, summary) = names(file(&[b"Saint\rMary", b"\"Saint\rAnne\"", b"Two"]));
    assert_eq!(read, ["Saint Mary", "Saint Anne", "Two"]);
    assert_eq!(summary.refused, 0);
}

#[test]
fn gzip_is_recognised_by_its_first_bytes() {
    let (read, summary) = names(gzipped(&file(&[b"One"])));
    assert_eq!(read, ["One"]);
    assert!(summary.compressed);
}

#[test]
fn a_gzip_file_that_breaks_off_is_refused() {
    let many: Vec<Vec<u8>> = (0..5_000)
        .map(|n| format!("School {n}").into_bytes())
        .collect();
    let many: Vec<&[u8]> = many.iter().map(Vec::as_slice).collect();
    let whole = gzipped(&file(&many));
    let error = import::<SchoolRow>(&whole[..whole.len() / 2]).expect_err("half a file");
    assert!(matches!(error, ImportError::Unreadable { .. }), "{error}");
}

#[test]
fn spreadsheets_utf_16_and_nothing_are_refused_with_what_is_needed() {
    for (bytes, found) in [
        (&b"PK\x03\x04rest"[..], "a spreadsheet or zip archive"),
        (b"\xFF\xFEU\0R\0N\0", "UTF-16 text"),
        (b"", "an empty file"),
        (b"\xEF\xBB\xBF\r\n\r\n", "an empty file"),
    ] {
        let error = import::<SchoolRow>(bytes).expect_err(found);
        assert_eq!(error, ImportError::NotATable(found));
        assert!(error.to_string().contains("a CSV file is needed"));
    }
}

#[test]
fn a_quotation_mark_that_is_never_closed_costs_its_own_row_only() {
    let (read, summary) = names(file(&[
        b"One",
        b"\"Two",
        b"Three",
        b"\"Four\"",
        b"\"Fi\"ve\"",
    ]));
    assert_eq!(read, ["One", "Three", "Four"]);
    let problems: Vec<_> = summary.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "line 3: the row has a quotation mark inside a quoted value",
            "line 6: the row has a quotation mark inside a quoted value",
        ]
    );
    let (read, summary) = names(file(&[b"One", b"\"Two", b"Three"]));
    assert_eq!(read, ["One", "Three"]);
    assert!(summary.problems[0].reason.contains("never closed"));
}

#[test]
fn an_endless_line_is_refused_and_skipped() {
    let endless = vec![b'x'; 1_000_000];
    let (read, summary) = names(file(&[b"One", &endless, b"Three"]));
    assert_eq!(read, ["One", "Three"]);
    assert_eq!(
        summary.problems[0].to_string(),
        "line 3: the row is longer than any record can be"
    );
}
