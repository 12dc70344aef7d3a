//! Names that say nothing, marks of unfinished work, crates without lints, and what may stand at
//! the top.

use crate::Finding;
use crate::tree::File;

/// Names of files and modules under which anything could be hidden.
const SAY_NOTHING: &[&str] = &[
    "utils", "util", "common", "helpers", "helper", "manager", "types", "misc", "shared",
];

/// Marks of work left for later, in two halves so that this file doesn't carry them.
const MARKS: &[(&str, &str)] = &[("TO", "DO"), ("FIX", "ME"), ("XX", "X:"), ("HA", "CK:")];

/// What may stand at the top of the repository (S3) besides what starts with a dot.
const TOP: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "LICENSE",
    "README.md",
    "clippy.toml",
    "deny.toml",
    "deploy",
    "docker-compose.yml",
    "docs",
    "proto",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "services",
    "tests",
];

/// Rust files and module folders whose name says nothing.
#[must_use]
pub fn check_names(files: &[File]) -> Vec<Finding> {
    crate::tree::rust(files)
        .filter_map(|file| {
            let said = file.path.trim_end_matches(".rs");
            let empty = said.split('/').find(|part| SAY_NOTHING.contains(part))?;
            let what = format!("`{empty}` says nothing; name the file after its one job");
            Some(Finding::new(&file.path, what))
        })
        .collect()
}

/// Lines that put work off.
#[must_use]
pub fn check_marks(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        for (index, line) in file.text.lines().enumerate() {
            for (head, tail) in MARKS {
                if line.contains(&format!("{head}{tail}")) {
                    findings.push(Finding::new(
                        format!("{}:{}", file.path, index + 1),
                        format!("{head}{tail}: do it, or say in an issue that it is not done"),
                    ));
                }
            }
        }
    }
    findings
}

/// Crates that don't take the workspace's lints.
#[must_use]
pub fn check_lints(files: &[File]) -> Vec<Finding> {
    let crates = files.iter().filter(|file| file.name() == "Cargo.toml");
    crates
        .filter(|file| file.text.contains("[package]"))
        .filter(|file| !file.text.contains("[lints]\nworkspace = true\n"))
        .map(|file| Finding::new(&file.path, "takes the workspace's lints: `[lints]`"))
        .collect()
}

/// Entries of the top folder that belong further down.
#[must_use]
pub fn check_top(entries: &[String]) -> Vec<Finding> {
    entries
        .iter()
        .filter(|entry| !entry.starts_with('.') && !TOP.contains(&entry.as_str()))
        .map(|entry| Finding::new(entry, "has no place at the top of the repository (S3)"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_says_nothing_is_found_as_file_and_as_folder() {
        let files = [
            File::sample("services/x/src/utils.rs", ""),
            File::sample("services/x/src/common/dates.rs", ""),
            File::sample("services/x/src/deadline.rs", ""),
        ];
        assert_eq!(check_names(&files).len(), 2);
    }

    #[test]
    fn a_mark_of_unfinished_work_is_found_with_its_line() {
        let text = ["fn a() {}\n// TO", "DO later\n"].concat();
        let found = check_marks(&[File::sample("a.rs", &text)]);
        assert_eq!(found[0].place, "a.rs:2");
    }

    #[test]
    fn a_crate_without_the_workspaces_lints_is_found() {
        let bare = File::sample("services/x/Cargo.toml", "[package]\nname = \"x\"\n");
        let linted = format!("{}[lints]\nworkspace = true\n", bare.text);
        assert_eq!(check_lints(&[bare]).len(), 1);
        assert!(check_lints(&[File::sample("services/x/Cargo.toml", &linted)]).is_empty());
    }

    #[test]
    fn a_stray_entry_at_the_top_is_found() {
        let entries = ["README.md", ".ci", "scripts"].map(str::to_owned);
        assert_eq!(check_top(&entries)[0].place, "scripts");
    }
}
