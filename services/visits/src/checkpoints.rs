//! Signed checkpoints of each service's audit leave the database (R18): a line of a file a service,
//! and of the log where that is wanted, once a minute in which something was done.
//!
//! A service whose database lacks what the last line says does not start: it would go on with an
//! older backup, or with an audit that somebody wrote anew, and sign that.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use visits_core::{Clock, ErrorKind, Fault, kill_point};
use visits_durable::Durable;
use visits_runtime::auth::{Checkpoint, CheckpointKey, Issuer};
use visits_runtime::settings::{Problems, Validate};

/// The folder within the data folder, unless another is configured.
const FOLDER: &str = "checkpoints";
const EXTENSION: &str = "jws";
/// Far more than a line has, and than a line that was cut off leaves behind.
const TAIL_BYTES: u64 = 8 * 1024;

/// The `[audit]` section.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct AuditConfig {
    /// The folder of the checkpoints; empty for one in the data folder.
    checkpoints: String,
    /// How often one is made at most, in seconds.
    checkpoint_seconds: u64,
    /// Whether each is a line of the log too.
    log_checkpoints: bool,
}

impl AuditConfig {
    pub(crate) const SECTION: &str = "audit";
}

impl Validate for AuditConfig {
    fn validate(&self, problems: &mut Problems) {
        problems.require(
            (1..=3_600).contains(&self.checkpoint_seconds),
            "audit.checkpoint_seconds",
            "must be from 1 to 3600",
        );
    }
}

/// Makes the checkpoints of this process' services.
#[derive(Clone)]
pub(crate) struct Checkpoints {
    folder: PathBuf,
    every: Duration,
    is_logged: bool,
    issuer: Arc<Issuer>,
    clock: Arc<dyn Clock>,
    durables: Vec<Durable>,
}

impl Checkpoints {
    pub(crate) fn new(
        config: &AuditConfig,
        data: &Path,
        (issuer, clock): (Arc<Issuer>, Arc<dyn Clock>),
        durables: Vec<Durable>,
    ) -> Self {
        let folder = if config.checkpoints.is_empty() {
            data.join(FOLDER)
        } else {
            PathBuf::from(&config.checkpoints)
        };
        Self {
            folder,
            every: Duration::from_secs(config.checkpoint_seconds),
            is_logged: config.log_checkpoints,
            issuer,
            clock,
            durables,
        }
    }

    /// Holds each audit against the last checkpoint that left it.
    ///
    /// # Errors
    /// `WrongState` if one lacks it, `Transient` if a database can't be read.
    pub(crate) async fn hold(&self) -> Result<(), Fault> {
        for durable in &self.durables {
            self.last_held(durable).await?;
        }
        Ok(())
    }

    /// Makes them now and then until `stop` is cancelled, and a last time then.
    pub(crate) async fn go_on(self, stop: CancellationToken) {
        let mut times = tokio::time::interval(self.every);
        times.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let goes_on = stop.run_until_cancelled(times.tick()).await.is_some();
            for durable in &self.durables {
                if let Err(fault) = self.make(durable).await {
                    tracing::error!(reason = fault.reason, "no checkpoint of the audit: {fault}");
                }
            }
            if !goes_on {
                return;
            }
        }
    }

    /// Signs what the audit has got since its last checkpoint.
    async fn make(&self, durable: &Durable) -> Result<(), Fault> {
        let last = self.last_held(durable).await?;
        let head = durable.audit_head().await?;
        if head.place <= last.map_or(0, |last| last.point.place) {
            return Ok(());
        }
        let checkpoint = Checkpoint {
            service: durable.service().to_owned(),
            point: head,
            at: self.clock.now(),
        };
        let line = checkpoint.sign(&self.issuer)?;
        kill_point("checkpoint.keep.before");
        self.keep(durable.service(), &line).await?;
        kill_point("checkpoint.keep.after");
        if self.is_logged {
            let service = durable.service();
            tracing::info!(service, checkpoint = line, "checkpoint of the audit");
        }
        Ok(())
    }

    /// The last checkpoint of a service, if there is one; its audit has it.
    async fn last_held(&self, durable: &Durable) -> Result<Option<Checkpoint>, Fault> {
        let file = self.file(durable.service());
        let Some(last) = self.last(&file, durable.service()).await? else {
            return Ok(None);
        };
        if durable.audit_holds(&last.point).await? {
            return Ok(Some(last));
        }
        Err(Fault::new(
            ErrorKind::WrongState,
            "AUDIT_BEHIND_CHECKPOINT",
            format!(
                "the audit of {} has no entry {} as it was signed at {}: its database is an older \
                 backup, or not the one that it was. Bring the right one back. To go on with this \
                 one all the same, keep {} elsewhere as the proof and start again",
                last.service,
                last.point.place,
                last.at,
                file.display(),
            ),
        ))
    }

    /// The last line that is whole and signed by us: a process that dies while it writes leaves a
    /// part of one.
    async fn last(&self, file: &Path, service: &str) -> Result<Option<Checkpoint>, Fault> {
        let lines = in_the_background(file, tail).await?;
        let key = CheckpointKey::of(&self.issuer);
        let mut read = lines.lines().rev().filter_map(|line| key.read(line.trim()));
        Ok(read.find(|last| last.service == service))
    }

    async fn keep(&self, service: &str, line: &str) -> Result<(), Fault> {
        let line = format!("{line}\n");
        in_the_background(&self.file(service), move |file| append(file, &line)).await
    }

    fn file(&self, service: &str) -> PathBuf {
        self.folder.join(service).with_extension(EXTENSION)
    }
}

/// Does something with a file where it may block.
async fn in_the_background<T: Send + 'static>(
    file: &Path,
    what: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
) -> Result<T, Fault> {
    let path = file.to_owned();
    let unusable = |error: &dyn std::fmt::Display| {
        Fault::fatal(format!("checkpoints in {}: {error}", file.display()))
    };
    let done = tokio::task::spawn_blocking(move || what(&path)).await;
    done.map_err(|error| unusable(&error))?
        .map_err(|error| unusable(&error))
}

/// The end of a file; nothing if there is none.
fn tail(file: &Path) -> io::Result<String> {
    let mut opened = match File::open(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        opened => opened?,
    };
    let length = opened.metadata()?.len();
    opened.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
    let mut end = Vec::new();
    opened.read_to_end(&mut end)?;
    Ok(String::from_utf8_lossy(&end).into_owned())
}

/// Adds a line, after a part of one if a process died while it wrote. Replicas may share the file:
/// what is appended at once stays together.
fn append(file: &Path, line: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let is_torn = tail(file).is_ok_and(|end| !end.is_empty() && !end.ends_with('\n'));
    let mut opened = OpenOptions::new().create(true).append(true).open(file)?;
    let line = if is_torn {
        format!("\n{line}")
    } else {
        line.to_owned()
    };
    opened.write_all(line.as_bytes())?;
    opened.sync_data()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_follows_a_torn_one_on_a_line_of_its_own() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("checkpoints").join("letters.jws");
        assert_eq!(tail(&file).expect("no file"), "");
        append(&file, "one\n").expect("added");
        fs::write(&file, "one\ntw").expect("torn");
        append(&file, "three\n").expect("added");
        assert_eq!(tail(&file).expect("read"), "one\ntw\nthree\n");
    }

    #[test]
    fn the_end_of_a_long_file_is_enough() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("letters.jws");
        fs::write(&file, "é".repeat(9_000) + "\nlast\n").expect("written");
        let end = tail(&file).expect("read");
        assert!(end.len() < 9_000 && end.ends_with("\nlast\n"));
    }
}
