//! The real binary, started and killed.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, bail};
use visits_core::{SignedDuration, Timestamp};

/// The clock of the deployment: a file with one instant (R20).
#[derive(Clone, Debug)]
pub struct ClockFile {
    path: PathBuf,
    /// Two who move it on at once both do.
    moving: Arc<Mutex<()>>,
}

impl ClockFile {
    /// A clock standing at `start`.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn new(path: PathBuf, start: Timestamp) -> anyhow::Result<Self> {
        let moving = Arc::default();
        let clock = Self { path, moving };
        clock.set(start)?;
        Ok(clock)
    }

    /// The present instant.
    ///
    /// # Errors
    /// If the file can't be read.
    pub fn now(&self) -> anyhow::Result<Timestamp> {
        let text = fs::read_to_string(&self.path)?;
        Ok(text.trim().parse()?)
    }

    /// Moves the clock on.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn advance(&self, by: SignedDuration) -> anyhow::Result<Timestamp> {
        let _moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        let later = self.now()? + by;
        self.set(later)?;
        Ok(later)
    }

    fn set(&self, instant: Timestamp) -> anyhow::Result<()> {
        // Moved into its place: nobody reads half an instant.
        let draft = self.path.with_extension("draft");
        fs::write(&draft, instant.to_string())?;
        fs::rename(&draft, &self.path)?;
        Ok(())
    }
}

/// Where everything of a run lies.
#[derive(Clone, Debug)]
pub struct Place {
    /// The binary.
    pub binary: PathBuf,
    /// The data folder.
    pub data: PathBuf,
    /// The clock.
    pub clock: ClockFile,
    /// What the processes say on stderr.
    pub log: PathBuf,
}

/// A running process.
pub struct Serving {
    child: Child,
    /// `http://127.0.0.1:PORT`.
    pub address: String,
}

impl Serving {
    /// Starts the binary and waits until it says where it listens.
    ///
    /// # Errors
    /// If it ends before.
    pub fn start(place: &Place) -> anyhow::Result<Self> {
        let log = File::options().create(true).append(true).open(&place.log)?;
        let mut child = Command::new(&place.binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--quiet", "--data"])
            .arg(&place.data)
            .arg("--clock-file")
            .arg(&place.clock.path)
            .arg("--insecure-driven-clock")
            .env("VISITS__SERVER__LOG", "warn")
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("visits serve")?;
        let stdout = child.stdout.take().context("stdout is piped")?;
        let mut lines = BufReader::new(stdout).lines();
        let address = loop {
            let Some(line) = lines.next() else {
                let ended = child.wait()?;
                bail!(
                    "visits serve ended ({ended}) before it listened; see {:?}",
                    place.log
                );
            };
            if let Some(address) = line?.strip_prefix("listening on ") {
                break address.to_owned();
            }
        };
        Ok(Self { child, address })
    }

    /// Kills it as `kill -9` does; whether it was running until then.
    ///
    /// # Errors
    /// If it can't be waited for.
    pub fn kill(mut self) -> anyhow::Result<bool> {
        let ran = self.child.try_wait()?.is_none();
        self.child.kill()?;
        let ended = self.child.wait()?;
        Ok(ran && ended.signal() == Some(9))
    }
}
