//! The clocks of a process: the machine's, which is doubted when it jumps and whose latest reading
//! outlives the process, and one that a file drives, so that tests of several processes share one
//! time (R20).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::task::JoinHandle;
use visits_core::clock::{from_micros, whole_micros};
use visits_core::jump::Reckoned;
use visits_core::{Clock, Fault, SystemClock, Timestamp, kill_point};
use visits_durable::DatabaseClock;

use crate::cli::ClockArgs;

/// The instant that a file says; it stands still until the file says another.
#[derive(Debug)]
struct FileClock {
    path: PathBuf,
    high_water_micros: AtomicI64,
}

impl FileClock {
    fn open(path: &Path) -> Result<Self, Fault> {
        let start = read(path).ok_or_else(|| {
            Fault::fatal(format!(
                "{} must hold one instant such as 2020-10-23T09:00:00Z",
                path.display()
            ))
        })?;
        Ok(Self {
            path: path.to_owned(),
            high_water_micros: AtomicI64::new(start.as_microsecond()),
        })
    }
}

fn read(path: &Path) -> Option<Timestamp> {
    let text = std::fs::read_to_string(path).ok()?;
    text.trim().parse().ok().map(whole_micros)
}

impl Clock for FileClock {
    fn now(&self) -> Timestamp {
        // A file that is being replaced may be unreadable for a moment: the last reading stands.
        let reading = read(&self.path).map_or(i64::MIN, |instant| instant.as_microsecond());
        let before = self.high_water_micros.fetch_max(reading, Ordering::SeqCst);
        from_micros(reading.max(before))
    }
}

/// The machine's clock, as a process that goes on for days may believe it: one that is set while
/// the process runs must say so twice before timers fire by it. A machine that wakes from sleep is
/// believed the same way, five seconds later.
#[derive(Debug)]
struct SteadyClock(Reckoned);

impl SteadyClock {
    fn starting(reading: Timestamp) -> Self {
        Self(Reckoned::starting(reading))
    }

    /// The present instant, where the machine says `reading` after so many microseconds of ours.
    fn at(&self, reading: Timestamp, since_start: i64) -> Timestamp {
        if let Some(alarm) = self.0.hear(reading, since_start).alarm() {
            tracing::error!(%reading, "the machine's clock has jumped: {alarm}");
        }
        self.0.at(since_start)
    }
}

impl Clock for SteadyClock {
    fn now(&self) -> Timestamp {
        self.at(SystemClock::reading(), self.0.since_start())
    }
}

/// The clock that the arguments ask for: the machine's, or a driven one where the caller says in
/// so many words that this is no real deployment.
///
/// # Errors
/// `Fatal` if the file can't be read.
pub fn open(args: &ClockArgs) -> Result<Arc<dyn Clock>, Fault> {
    match &args.clock_file {
        Some(path) => Ok(Arc::new(FileClock::open(path)?)),
        None => Ok(Arc::new(SteadyClock::starting(SystemClock::reading()))),
    }
}

/// The clock of a serving process: as [`open`], but where a database is PostgreSQL the deployment
/// goes by that database's clock (R20), which a task follows until it is aborted.
///
/// # Errors
/// `Fatal` if the file can't be read, `Transient` if the database tells no time.
pub async fn of_process(
    args: &ClockArgs,
    database: Option<&str>,
) -> Result<(Arc<dyn Clock>, Option<JoinHandle<()>>), Fault> {
    match database {
        Some(url) if args.clock_file.is_none() => {
            let (clock, connection) = DatabaseClock::open(url).await?;
            let following = tokio::spawn(clock.clone().follow(connection));
            Ok((clock, Some(following)))
        }
        _ => Ok((open(args)?, None)),
    }
}

/// A clock that never moves back, across restarts too: its latest reading is kept in a file.
#[derive(Debug)]
pub struct KeptClock {
    inner: Arc<dyn Clock>,
    file: PathBuf,
    high_water_micros: AtomicI64,
}

impl KeptClock {
    /// The file in the data folder.
    const FILE: &str = "clock";

    /// `inner`, but never earlier than what the data folder remembers.
    #[must_use]
    pub fn open(inner: Arc<dyn Clock>, data: &Path) -> Self {
        let file = data.join(Self::FILE);
        let kept = read(&file).map_or(i64::MIN, |instant| instant.as_microsecond());
        Self {
            inner,
            file,
            high_water_micros: AtomicI64::new(kept),
        }
    }

    /// Writes the present instant down.
    ///
    /// # Errors
    /// `Fatal` if the file can't be written.
    pub fn keep(&self) -> Result<(), Fault> {
        let draft = self.file.with_extension("new");
        let written = std::fs::write(&draft, format!("{}\n", self.now()))
            .inspect(|()| kill_point("clock.keep.before_rename"))
            .and_then(|()| std::fs::rename(&draft, &self.file));
        written.map_err(|error| Fault::fatal(format!("{}: {error}", self.file.display())))
    }
}

impl Clock for KeptClock {
    fn now(&self) -> Timestamp {
        let reading = self.inner.now().as_microsecond();
        let before = self.high_water_micros.fetch_max(reading, Ordering::SeqCst);
        from_micros(reading.max(before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driven_clock_follows_its_file_and_never_moves_back() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("clock");
        let write = |text: &str| std::fs::write(&path, text).expect("written");
        write("2020-10-23T09:00:00Z\n");
        let clock = FileClock::open(&path).expect("clock");
        assert_eq!(clock.now().to_string(), "2020-10-23T09:00:00Z");
        write("2020-10-25T09:00:00Z");
        assert_eq!(clock.now().to_string(), "2020-10-25T09:00:00Z");
        write("2020-10-24T09:00:00Z");
        assert_eq!(clock.now().to_string(), "2020-10-25T09:00:00Z");
        write("soon");
        assert_eq!(clock.now().to_string(), "2020-10-25T09:00:00Z");
        assert!(FileClock::open(&path).is_err());
    }

    #[test]
    fn r20_a_machine_whose_clock_is_set_while_it_runs_fires_nothing_by_its_first_word() {
        let at = |text: &str| text.parse::<Timestamp>().expect("instant");
        let clock = SteadyClock::starting(at("2020-10-23T09:00:00Z"));
        let second = 1_000_000;
        let says = |text: &str, since: i64| clock.at(at(text), since * second).to_string();
        assert_eq!(says("2020-10-23T09:00:01Z", 1), "2020-10-23T09:00:01Z");
        assert_eq!(says("2020-10-25T10:00:02Z", 2), "2020-10-23T09:00:02Z");
        assert_eq!(says("2020-10-25T10:00:06Z", 6), "2020-10-23T09:00:06Z");
        assert_eq!(says("2020-10-25T10:00:07Z", 7), "2020-10-25T10:00:07Z");
        // And back again: time stands still where it was.
        assert_eq!(says("2020-10-23T09:00:08Z", 8), "2020-10-25T10:00:08Z");
        assert_eq!(says("2020-10-23T09:00:12Z", 12), "2020-10-25T10:00:12Z");
        assert_eq!(says("2020-10-23T09:00:13Z", 13), "2020-10-25T10:00:12Z");
    }

    #[test]
    fn a_kept_clock_never_moves_back_across_a_restart() {
        let folder = tempfile::tempdir().expect("folder");
        let at = |text: &str| -> Arc<dyn Clock> {
            Arc::new(visits_core::ManualClock::new(
                text.parse().expect("instant"),
            ))
        };
        let first = KeptClock::open(at("2020-10-25T09:00:00Z"), folder.path());
        first.keep().expect("kept");
        let set_back = KeptClock::open(at("2020-10-24T09:00:00Z"), folder.path());
        assert_eq!(set_back.now().to_string(), "2020-10-25T09:00:00Z");
        let later = KeptClock::open(at("2020-10-26T09:00:00Z"), folder.path());
        assert_eq!(later.now().to_string(), "2020-10-26T09:00:00Z");
    }
}
