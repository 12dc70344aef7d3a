//! Secrets kept in the data folder: made at first start, readable by their owner only.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rand::RngCore as _;
use serde::Deserialize;
use visits_core::Fault;

/// A secret of the configuration; empty if none is given. It prints as stars.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Whether none is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it can be a key: 64 hexadecimal digits.
    #[must_use]
    pub fn is_key(&self) -> bool {
        decode(&self.0).is_some()
    }

    /// The key that it is; if none is given, the one that is kept in `path`, made at first start.
    ///
    /// # Errors
    /// `Fatal` if it is no key, or the kept one can't be read or made.
    pub fn key_or_kept(&self, path: &Path) -> Result<[u8; 32], Fault> {
        if self.is_empty() {
            return load_or_create(path);
        }
        decode(&self.0).ok_or_else(|| Fault::fatal("a key that is not 64 hexadecimal digits"))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// The 32 secret bytes in `path`, made now if there is no such file yet.
///
/// # Errors
/// `Fatal` if the file can't be read or written, or holds something else.
pub fn load_or_create(path: &Path) -> Result<[u8; 32], Fault> {
    match fs::read_to_string(path) {
        Ok(text) => decode(&text).ok_or_else(|| {
            Fault::fatal(format!(
                "{} does not hold a key; move it away and start again for a new one",
                path.display()
            ))
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(path),
        Err(error) => Err(unusable(path, &error)),
    }
}

/// The 32 secret bytes in `path`, which must be there.
///
/// # Errors
/// `Fatal` if there is no such file or it holds something else.
pub fn load(path: &Path) -> Result<[u8; 32], Fault> {
    let text = fs::read_to_string(path).map_err(|error| unusable(path, &error))?;
    decode(&text).ok_or_else(|| Fault::fatal(format!("{} does not hold a key", path.display())))
}

fn decode(text: &str) -> Option<[u8; 32]> {
    hex::decode(text.trim()).ok()?.try_into().ok()
}

fn unusable(path: &Path, error: &io::Error) -> Fault {
    Fault::fatal(format!("{}: {error}", path.display()))
}

fn create(path: &Path) -> Result<[u8; 32], Fault> {
    let mut secret = [0; 32];
    rand::rng().fill_bytes(&mut secret);
    // Written whole under another name and linked into place: a process that dies half-way leaves
    // no half key, and of two that start at once one makes the key and both use it.
    let draft = path.with_extension(format!("new-{}", std::process::id()));
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| {
            writeln!(file, "{}", hex::encode(secret))?;
            file.sync_all()
        })
        .and_then(|()| match fs::hard_link(&draft, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        });
    let _ = fs::remove_file(&draft);
    written.map_err(|error| unusable(path, &error))?;
    load(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_secret_is_made_once_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("token.key");
        let made = load_or_create(&path).expect("made");
        assert_eq!(load_or_create(&path).expect("read"), made);
        let mode = fs::metadata(&path).expect("file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let files = fs::read_dir(folder.path()).expect("folder").count();
        assert_eq!(files, 1, "no draft is left behind");
    }

    #[test]
    fn a_file_that_holds_something_else_is_not_overwritten() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("token.key");
        fs::write(&path, "mine").expect("written");
        let fault = load_or_create(&path).expect_err("not a key");
        assert!(fault.message.contains("does not hold a key"));
        assert_eq!(fs::read_to_string(&path).expect("kept"), "mine");
    }
}
