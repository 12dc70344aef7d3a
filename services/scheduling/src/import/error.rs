//! Why a whole file is refused.

use std::fmt;
use std::io;

use visits_core::{ErrorKind, Refusal};

use super::report::RowProblem;

/// A column that the importer can't do without, and the names it goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingColumn {
    /// Every name that is accepted for it, the current one first.
    pub accepted: &'static [&'static str],
}

impl fmt::Display for MissingColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.accepted.iter().enumerate() {
            let separator = if index == 0 { "" } else { " or " };
            write!(f, "{separator}\"{name}\"")?;
        }
        Ok(())
    }
}

/// A file that can't be imported at all. A bad row is no such error: see [`RowProblem`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportError {
    /// The header lacks columns that are needed: all of them are named.
    ColumnsMissing {
        /// What the file was to be.
        file: &'static str,
        /// The physical line that was taken for the header.
        line: u64,
        /// Each column that is missing.
        missing: Vec<MissingColumn>,
    },
    /// The file is no CSV; says what it looks like.
    NotATable(&'static str),
    /// The file breaks off or its compression is damaged.
    Unreadable {
        /// The physical line that was being read.
        line: u64,
        /// What the system says.
        reason: String,
    },
    /// The file is larger than what is read.
    TooLarge {
        /// The limit after decompression.
        limit_bytes: u64,
    },
    /// There were rows, and every one of them was refused.
    NoUsableRow {
        /// What the file was to be.
        file: &'static str,
        /// How many rows there were.
        read: u64,
        /// What was wrong with the first.
        first: RowProblem,
    },
    /// The JSON of bank holidays doesn't say what it should.
    BankHolidaysUnreadable {
        /// What is wrong with it.
        reason: String,
    },
}

impl ImportError {
    pub(super) fn unreadable(line: u64, error: &io::Error) -> Self {
        Self::Unreadable {
            line,
            reason: error.to_string(),
        }
    }
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ColumnsMissing {
                file,
                line,
                missing,
            } => {
                write!(f, "this is not {file}: line {line} should be its header, ")?;
                f.write_str("and these columns are missing: ")?;
                for (index, column) in missing.iter().enumerate() {
                    write!(f, "{}{column}", if index == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
            Self::NotATable(found) => write!(
                f,
                "this is {found}; a CSV file is needed, plain or gzipped, in UTF-8 or Windows-1252"
            ),
            Self::Unreadable { line, reason } => {
                write!(f, "the file can't be read beyond line {line}: {reason}")
            }
            Self::TooLarge { limit_bytes } => {
                let megabytes = limit_bytes / (1024 * 1024);
                write!(f, "the file is larger than {megabytes} MiB")
            }
            Self::NoUsableRow { file, read, first } => write!(
                f,
                "not one of the {read} rows of {file} can be used; the first problem: {first}"
            ),
            Self::BankHolidaysUnreadable { reason } => write!(
                f,
                "these are not the bank holidays of England and Wales in GOV.UK's JSON: {reason}"
            ),
        }
    }
}

impl std::error::Error for ImportError {}

impl Refusal for ImportError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::InvalidInput
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::ColumnsMissing { .. } => "IMPORT_COLUMNS_MISSING",
            Self::NotATable(_) => "IMPORT_NOT_A_TABLE",
            Self::Unreadable { .. } => "IMPORT_UNREADABLE",
            Self::TooLarge { .. } => "IMPORT_TOO_LARGE",
            Self::NoUsableRow { .. } => "IMPORT_NO_USABLE_ROW",
            Self::BankHolidaysUnreadable { .. } => "BANK_HOLIDAYS_UNREADABLE",
        }
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::ColumnsMissing { missing, line, .. } => {
                let names: Vec<_> = missing.iter().map(|column| column.accepted[0]).collect();
                vec![("columns", names.join(", ")), ("line", line.to_string())]
            }
            Self::Unreadable { line, .. } => vec![("line", line.to_string())],
            Self::NoUsableRow { read, first, .. } => vec![
                ("read", read.to_string()),
                ("line", first.line.to_string()),
                ("column", first.column.clone()),
            ],
            _ => Vec::new(),
        }
    }
}
