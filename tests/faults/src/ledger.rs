//! What the callers asked and were answered, in a file that no service knows of and that only grows.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Who asked.
    pub client: String,
    /// What for: `plan`, `concern`, `answer` …
    pub kind: String,
    /// The mark by which what was done is found again: a school, a text, a code.
    pub mark: String,
    /// What the service answered: a resource name, or a reason for `no`.
    pub answer: String,
    /// Whether it was granted.
    pub granted: bool,
    /// How often the request was sent.
    pub sent: u32,
}

/// The ledger, open for writing.
#[derive(Clone, Debug)]
pub struct Ledger {
    path: PathBuf,
    file: Arc<Mutex<File>>,
}

impl Ledger {
    /// An empty ledger.
    ///
    /// # Errors
    /// If the file can't be made.
    pub fn new(path: PathBuf) -> anyhow::Result<Self> {
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .open(&path)?;
        Ok(Self {
            path,
            file: Arc::new(Mutex::new(file)),
        })
    }

    /// Writes a line: the request has been answered.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn write(&self, line: &Line) -> anyhow::Result<()> {
        let mut text = serde_json::to_string(line)?;
        text.push('\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(file.write_all(text.as_bytes())?)
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Everything that was written.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn read(&self) -> anyhow::Result<Vec<Line>> {
        let text = fs::read_to_string(&self.path)?;
        text.lines()
            .map(|line| Ok(serde_json::from_str(line)?))
            .collect()
    }
}
