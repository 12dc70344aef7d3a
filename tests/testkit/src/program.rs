//! The `visits` binary of this build, for tests of packages that cargo does not hand it to.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

/// The program of every service: [`crate::deployment::Program`]. It is built if it isn't there or
/// is older than its library. `VISITS_TEST_BINARY` names another.
///
/// # Panics
/// If it can't be built.
#[must_use]
pub fn visits(_service: &str) -> PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(built).clone()
}

fn built() -> PathBuf {
    if let Some(named) = std::env::var_os("VISITS_TEST_BINARY") {
        return PathBuf::from(named);
    }
    let test = std::env::current_exe().expect("a test has a program");
    let deps = test.parent().expect("a test lies in target/profile/deps");
    let output = deps.parent().unwrap_or(deps);
    let binary = output.join("visits");
    if !binary.is_file() || changed(&binary) < newest_library(deps) {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        // Of the whole workspace, as the test is: by itself a package has fewer features, and is built
        // once more with all that it stands on.
        let built = Command::new(cargo)
            .args(["build", "--locked", "--workspace", "--bin", "visits"])
            .args(["--profile", profile(output)])
            .status()
            .expect("cargo runs");
        assert!(
            built.success(),
            "cargo build --workspace --bin visits failed"
        );
    }
    binary
}

/// The profile whose output this folder is: they have one name, but for one.
fn profile(output: &Path) -> &str {
    match output.file_name().and_then(|name| name.to_str()) {
        None | Some("debug") => "dev",
        Some(name) => name,
    }
}

fn changed(file: &Path) -> Option<SystemTime> {
    file.metadata().and_then(|data| data.modified()).ok()
}

/// When the library that the binary is made of was last built.
fn newest_library(deps: &Path) -> Option<SystemTime> {
    let files = fs::read_dir(deps).expect("target/profile/deps").flatten();
    files
        .map(|file| file.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("libvisits-") && name.ends_with(".rlib")
        })
        .map(|path| changed(&path))
        .max()
        .flatten()
}
