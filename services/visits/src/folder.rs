//! The data folder: its owner's only, one process at a time.

use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use visits_core::{ErrorKind, Fault};

const LOCK_FILE: &str = "visits.lock";

/// Makes the data folder, for its owner only, if it is not there; its full path.
pub(crate) fn make(data: &Path) -> Result<PathBuf, Fault> {
    let unusable = |error: std::io::Error| Fault::fatal(format!("{}: {error}", data.display()));
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data)
        .map_err(unusable)?;
    fs::canonicalize(data).map_err(unusable)
}

/// Takes the folder for this process, for as long as the file is kept.
pub(crate) fn lock(data: &Path) -> Result<File, Fault> {
    let path = data.join(LOCK_FILE);
    let unusable = |error: std::io::Error| Fault::fatal(format!("{}: {error}", path.display()));
    let file = File::create(&path).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(Fault::new(
            ErrorKind::WrongState,
            "DATA_FOLDER_IN_USE",
            format!("another process uses {}; stop it first", data.display()),
        )),
        Err(fs::TryLockError::Error(error)) => Err(unusable(error)),
    }
}
