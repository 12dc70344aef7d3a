//! A clock that a file drives: tests of several processes share one time (R20).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use visits_core::clock::{from_micros, whole_micros};
use visits_core::{Clock, Fault, SystemClock, Timestamp};

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

/// The clock that the arguments ask for: the machine's, or a driven one where the caller says in
/// so many words that this is no real deployment.
///
/// # Errors
/// `Fatal` if the file can't be read.
pub fn open(args: &ClockArgs) -> Result<Arc<dyn Clock>, Fault> {
    match &args.clock_file {
        Some(path) => Ok(Arc::new(FileClock::open(path)?)),
        None => Ok(Arc::new(SystemClock::new())),
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
}
