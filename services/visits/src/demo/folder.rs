//! The demo's data folder: a new one, or one that an earlier demo left.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::failure::Failure;

/// Says that a folder is a demo's, to be replaced by the next.
const MARKER: &str = "visits-demo.json";
/// Held by a process that uses the folder.
const LOCK: &str = "visits.lock";

/// Makes the folder, empty; what an earlier demo left there goes.
///
/// # Errors
/// If it holds anything else, or another process uses it.
pub fn prepare(folder: &Path, seed: u64) -> Result<PathBuf, Failure> {
    let unusable = |error: std::io::Error| {
        Failure::invalid(
            "--data",
            format!("{} can't be used: {error}", folder.display()),
        )
    };
    let exists = folder.try_exists().map_err(unusable)?;
    if exists {
        let is_empty = fs::read_dir(folder).map_err(unusable)?.next().is_none();
        if !is_empty && !folder.join(MARKER).is_file() {
            return Err(Failure::invalid(
                "--data",
                format!(
                    "{} holds something that is not a demo's; it stays as it is: give another folder",
                    folder.display()
                ),
            ));
        }
        refuse_if_in_use(folder)?;
        if !is_empty {
            fs::remove_dir_all(folder).map_err(unusable)?;
        }
    }
    fs::create_dir_all(folder).map_err(unusable)?;
    let marker = json!({ "seed": seed, "what": "data of visits demo; the next demo replaces it" });
    fs::write(folder.join(MARKER), format!("{marker}\n")).map_err(unusable)?;
    fs::canonicalize(folder).map_err(unusable)
}

/// Whether the folder is there and holds anything.
pub fn holds_data(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}

fn refuse_if_in_use(folder: &Path) -> Result<(), Failure> {
    let Ok(lock) = File::open(folder.join(LOCK)) else {
        return Ok(());
    };
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => Err(Failure::invalid(
            "--data",
            format!(
                "another process uses {}; stop it first, or give another folder",
                folder.display()
            ),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_folder_is_made_and_an_earlier_demo_replaced() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path().join("demo");
        prepare(&folder, 1).expect("a new folder");
        fs::write(folder.join("old"), "old").expect("written");
        prepare(&folder, 1).expect("the demo's own folder");
        assert!(!folder.join("old").exists());
        assert!(folder.join(MARKER).is_file());
    }

    #[test]
    fn what_is_not_a_demos_stays_as_it_is() {
        let place = tempfile::tempdir().expect("a folder");
        let thesis = place.path().join("thesis.txt");
        fs::write(&thesis, "years of work").expect("written");
        let refused = prepare(place.path(), 1).expect_err("refused");
        assert_eq!(refused.exit_code(), 3);
        assert!(thesis.is_file());
    }

    #[test]
    fn a_folder_that_another_process_uses_stays_as_it_is() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = prepare(&place.path().join("demo"), 1).expect("a new folder");
        let lock = File::create(folder.join(LOCK)).expect("a lock file");
        lock.try_lock().expect("nobody else has it");
        assert!(prepare(&folder, 1).is_err());
        assert!(folder.join(LOCK).is_file());
    }
}
