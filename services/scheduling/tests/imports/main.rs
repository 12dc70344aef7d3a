//! The importers on real files, on damaged ones and on anything at all; the school day before a
//! visit against an oracle of another making.

mod calendars;
mod encodings;
mod figures;
mod gias;
mod hostile;
mod ofsted_mi;
mod school_days;

use std::fs;
use std::io::Cursor;
use std::path::PathBuf;

use visits_scheduling::import::{ImportError, ImportFile, RowFormat, Summary};

/// The bytes of a file of `data/`.
fn data(path: &str) -> Vec<u8> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("data")
        .join(path);
    fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Every row of a file and the account of it; the chunks are small, so that many are needed.
fn import<T: RowFormat>(bytes: impl Into<Vec<u8>>) -> Result<(Vec<T>, Summary), ImportError> {
    let mut file = ImportFile::<T>::open(Cursor::new(bytes.into()))?;
    let mut rows = Vec::new();
    loop {
        let chunk = file.next_chunk(100)?;
        if chunk.is_empty() {
            break;
        }
        rows.extend(chunk);
    }
    let summary = file.finish()?;
    assert_eq!(
        summary.read,
        summary.accepted + summary.refused,
        "counts add up"
    );
    assert_eq!(
        summary.accepted,
        rows.len() as u64,
        "accepted rows are handed on"
    );
    Ok((rows, summary))
}
